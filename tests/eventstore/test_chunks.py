"""Events in messages: nothing of them changes, and no message is too large."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from msgspec import DecodeError

from eventstore.broker import Chunk
from eventstore.chunks import CHUNK_BYTES, CHUNK_EVENTS, pack, unpack
from eventstore.records import Recorded

LARGEST = 1 << 20
T0 = datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)


def recorded(position: int, *, size: int = 100) -> Recorded:
    return Recorded(
        position=position,
        stream_id=UUID(int=position),
        version=1,
        event_id=UUID(int=position << 64),
        topic="ticket.opened",
        class_version=2,
        state=b"s" * size,
        metadata=b"m" * 50,
        recorded_at=T0 + timedelta(microseconds=position),
    )


def ranges(chunks: list[Chunk]) -> list[tuple[int, int]]:
    return [(chunk.first, chunk.last) for chunk in chunks]


def test_events_come_out_as_they_went_in() -> None:
    events = [recorded(n) for n in range(7, 1_207)]

    chunks = list(pack(events, LARGEST))

    assert [event for chunk in chunks for event in unpack(chunk)] == events


def test_a_chunk_holds_a_limited_number_of_events() -> None:
    events = [recorded(n, size=1) for n in range(1, CHUNK_EVENTS + 2)]

    chunks = list(pack(events, LARGEST))

    assert ranges(chunks) == [(1, CHUNK_EVENTS), (CHUNK_EVENTS + 1, CHUNK_EVENTS + 1)]


@pytest.mark.parametrize("size", [1_000, 30_000, 100_000])
def test_a_chunk_of_several_events_has_a_limited_size(size: int) -> None:
    chunks = list(pack([recorded(n, size=size) for n in range(1, 301)], LARGEST))

    assert max(len(chunk.payload) for chunk in chunks) <= CHUNK_BYTES
    assert ranges(chunks)[0][0] == 1
    assert ranges(chunks)[-1][1] == 300


def test_a_server_that_takes_less_gets_smaller_chunks() -> None:
    chunks = list(pack([recorded(n) for n in range(1, 101)], 4_096))

    assert max(len(chunk.payload) for chunk in chunks) <= 4_096


def test_a_large_event_has_a_chunk_of_its_own() -> None:
    events = [recorded(1), recorded(2, size=CHUNK_BYTES), recorded(3)]

    assert ranges(list(pack(events, LARGEST))) == [(1, 1), (2, 2), (3, 3)]


def test_an_event_that_is_too_large_leaves_an_empty_chunk() -> None:
    events = [recorded(1), recorded(2, size=LARGEST), recorded(3)]

    chunks = list(pack(events, LARGEST))

    assert ranges(chunks) == [(1, 1), (3, 2), (3, 3)]
    assert chunks[1].payload == b""


@pytest.mark.parametrize("payload", [b"", b"hello", b"\x91\x01", b"\x91\x91\x01"])
def test_what_is_no_chunk_of_ours_is_refused(payload: bytes) -> None:
    with pytest.raises(DecodeError):
        unpack(Chunk(1, 1, payload))
