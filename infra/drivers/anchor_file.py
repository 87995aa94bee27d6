"""The anchor file: every seal as a line of JSON behind the others, on the disk before it counts."""

import os
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from eventstore.sealing.statements import Seal

TAIL: Final = 16_384
"""Bytes at the end of the file that hold its last line; a line has about 900."""


class AnchorDamaged(OSError):
    """A line of the anchor file can not be read; the message names it."""


class AnchorFile:
    """Keeps seals in a file that is only ever appended to."""

    name = "the anchor file"

    def __init__(self, path: Path) -> None:
        self._path = path

    async def last(self) -> Seal | None:
        """Return the seal of the last whole line."""
        if not self._path.exists():
            return None
        with self._path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL))
            lines = file.read().split(b"\n")
        found = [seal for line in lines if (seal := _parse(line)) is not None]
        return found[-1] if found else None

    async def add(self, seals: Sequence[Seal]) -> None:
        """Append a line for each seal; a file that is not there is made, for its owner only."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
        descriptor = os.open(self._path, flags, 0o600)
        with os.fdopen(descriptor, "rb+", buffering=0) as file:
            lines = b"".join(msgspec.json.encode(seal) + b"\n" for seal in seals)
            # Who was killed while writing has left half a line: it stays, and ends here.
            file.write(lines if _ends_well(file.fileno()) else b"\n" + lines)
            os.fsync(file.fileno())

    async def read(self) -> AsyncIterator[Seal]:
        """Yield all seals; raises FileNotFoundError and AnchorDamaged."""
        for seal in read_file(self._path):
            yield seal


def read_file(path: Path) -> Iterator[Seal]:
    """Yield the seals of an anchor file; raises FileNotFoundError and AnchorDamaged."""
    with path.open("rb") as file:
        yield from _seals(path, file)


def _seals(path: Path, lines: Iterable[bytes]) -> Iterator[Seal]:
    half: bytes | None = None
    for number, line in enumerate(lines, 1):
        seal = _parse(line)
        if half is not None and not line.startswith(half):
            msg = f"{path} is damaged in line {number - 1}: it is no seal."
            raise AnchorDamaged(msg)
        # Half a line is one that was not finished: the same one follows, or nothing yet.
        half = line.rstrip(b"\n") if seal is None else None
        if seal is not None:
            yield seal


def _parse(line: bytes) -> Seal | None:
    try:
        return msgspec.json.decode(line, type=Seal)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _ends_well(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    return size == 0 or os.pread(descriptor, 1, size - 1) == b"\n"
