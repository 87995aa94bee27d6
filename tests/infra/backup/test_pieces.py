"""A piece of a repository comes out as it went in, or not at all."""

from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO

import pytest

from infra.backup import pieces
from infra.backup.errors import BackupDamaged, BackupKeyMissing

KEY = bytes(range(32))
OTHER = bytes(32)
CHUNK = pieces.CHUNK_BYTES + pieces.TAG_BYTES


def noise(size: int) -> bytes:
    """Bytes that can not be compressed, the same ones each time."""
    return b"".join(sha256(n.to_bytes(4, "big")).digest() for n in range(size // 32))


def written(content: bytes, name: str = "a") -> bytes:
    file = BytesIO()
    pieces.write(file, name, KEY, iter([content]))
    return file.getvalue()


def read(data: bytes, name: str = "a", key: bytes = KEY) -> bytes:
    return b"".join(pieces.read(BytesIO(data), name, key))


THREE_CHUNKS = noise(2 * pieces.CHUNK_BYTES + 4096)


@pytest.mark.parametrize(
    "content",
    [b"", b"x", THREE_CHUNKS[: pieces.CHUNK_BYTES], THREE_CHUNKS, bytes(8 << 20)],
    ids=["empty", "one byte", "about a chunk", "three chunks", "zeros"],
)
def test_a_piece_comes_out_as_it_went_in(content: bytes) -> None:
    piece = written(content)

    assert read(piece) == content


def test_zeros_take_no_room_and_come_out_in_small_parts() -> None:
    piece = written(bytes(16 << 20))

    parts = list(pieces.read(BytesIO(piece), "a", KEY))

    assert len(piece) < 100_000
    assert max(map(len, parts)) <= pieces.CHUNK_BYTES


def test_nothing_of_the_content_can_be_read_in_a_piece() -> None:
    secret = b"Anna Berger, +49 30 1234567"

    piece = written(secret)

    assert secret not in piece
    assert b"Berger" not in piece


def test_the_same_content_is_never_encrypted_the_same_way_twice() -> None:
    first, second = written(b"again"), written(b"again")

    assert first[pieces.HEADER_BYTES :] != second[pieces.HEADER_BYTES :]


def spots() -> Iterator[int]:
    size = len(written(THREE_CHUNKS))
    yield from (0, 20, pieces.HEADER_BYTES - 1, pieces.HEADER_BYTES)
    yield from (pieces.HEADER_BYTES + CHUNK, size // 2, size - 1)


@pytest.mark.parametrize("spot", list(spots()))
def test_a_flipped_bit_is_found_wherever_it_is(spot: int) -> None:
    damaged = bytearray(written(THREE_CHUNKS))
    damaged[spot] ^= 1

    with pytest.raises((BackupDamaged, BackupKeyMissing)):
        read(bytes(damaged))


@pytest.mark.parametrize(
    "end",
    [
        0,
        pieces.HEADER_BYTES - 1,
        pieces.HEADER_BYTES,
        pieces.HEADER_BYTES + CHUNK,
        pieces.HEADER_BYTES + 2 * CHUNK,
        -1,
    ],
    ids=["nothing", "half a header", "a header", "a chunk", "two chunks", "all but a byte"],
)
def test_a_piece_that_was_cut_off_is_found_even_between_its_chunks(end: int) -> None:
    piece = written(THREE_CHUNKS)

    with pytest.raises(BackupDamaged):
        read(piece[:end])


def test_a_chunk_that_is_missing_or_elsewhere_is_found() -> None:
    piece = written(THREE_CHUNKS)
    head, first = piece[: pieces.HEADER_BYTES], piece[pieces.HEADER_BYTES :][:CHUNK]
    second = piece[pieces.HEADER_BYTES + CHUNK :][:CHUNK]
    rest = piece[pieces.HEADER_BYTES + 2 * CHUNK :]

    for changed in (head + second + rest, head + second + first + rest, piece + rest):
        with pytest.raises(BackupDamaged):
            read(changed)


def test_another_key_is_named_as_the_reason() -> None:
    piece = written(b"content")

    with pytest.raises(BackupKeyMissing, match="another key"):
        read(piece, key=OTHER)


def test_a_piece_can_not_stand_in_for_another() -> None:
    piece = written(b"content", "wal/000000010000000000000001")

    with pytest.raises(BackupDamaged, match="wal/000000010000000000000002 is damaged"):
        read(piece, "wal/000000010000000000000002")
