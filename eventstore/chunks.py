"""Events packed into messages and back (ADR 3)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import starmap
from typing import Final
from uuid import UUID

import msgspec

from eventstore.broker import Chunk
from eventstore.records import Recorded

CHUNK_EVENTS: Final = 500
CHUNK_BYTES: Final = 256 * 1024
ARRAY_HEADER: Final = 5

# The fields of Recorded, in their order: an array spares the names. What is opened stays here.
_Row = tuple[int, UUID, int, UUID, str, int, bytes, bytes, datetime]
FIELDS: Final = 9

_encoder = msgspec.msgpack.Encoder(uuid_format="bytes")
_decoder = msgspec.msgpack.Decoder(list[_Row])


def pack(events: Iterable[Recorded], largest: int) -> Iterator[Chunk]:
    """Yield contiguous events as chunks whose payload has at most `largest` bytes.

    An event that is larger gives an empty chunk.
    """
    for rows, last in _groups(events, min(CHUNK_BYTES, largest) - ARRAY_HEADER):
        payload = _encoder.encode([msgspec.Raw(row) for row in rows])
        if len(payload) > largest:
            yield Chunk(last + 1, last, b"")
        else:
            yield Chunk(last - len(rows) + 1, last, payload)


def unpack(chunk: Chunk) -> list[Recorded]:
    """Return the events of a chunk; raises msgspec.DecodeError if it is not one of ours."""
    return list(starmap(Recorded, _decoder.decode(chunk.payload)))


def _groups(events: Iterable[Recorded], limit: int) -> Iterator[tuple[list[bytes], int]]:
    rows: list[bytes] = []
    size = last = 0
    for event in events:
        row = _encoder.encode(msgspec.structs.astuple(event)[:FIELDS])
        if rows and (len(rows) == CHUNK_EVENTS or size + len(row) > limit):
            yield rows, last
            rows, size = [], 0
        rows.append(row)
        size += len(row)
        last = event.position
    if rows:
        yield rows, last
