"""What a writer knows, on disk before it goes on: it may die at any moment."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from uuid import UUID

import msgspec

from eventstore.records import Appended


class Sent(msgspec.Struct, frozen=True, tag=True):
    """A command goes out; one that is `tried` is rolled back, and never in the log."""

    command_id: UUID
    events: Sequence[tuple[UUID, int]]
    """Stream and version of each."""
    tried: bool = False


class Told(msgspec.Struct, frozen=True, tag=True):
    """The answer came in."""

    command_id: UUID
    answer: Literal["appended", "refused", "undone"]
    first: int | None = None
    last: int | None = None


Line = Sent | Told

_decode = msgspec.json.Decoder(Line).decode


class Journal:
    """The journal of one life of a writing process."""

    def __init__(self, path: Path) -> None:
        """Begin a new file."""
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND)

    def __enter__(self) -> Self:
        """Promise to close it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        os.close(self._file)

    def write(self, line: Line) -> None:
        """Keep a line; who is killed afterwards has written it."""
        os.write(self._file, msgspec.json.encode(line) + b"\n")

    def appended(self, appended: Appended) -> None:
        """Keep where a command is in the log."""
        first, last = appended.first_position, appended.last_position
        self.write(Told(appended.command_id, "appended", first, last))


def journal_path(folder: Path, slot: int, life: int) -> Path:
    """Where a process keeps its journal."""
    return folder / f"slot-{slot:03}-life-{life:05}.jsonl"


def read(path: Path) -> Iterator[Line]:
    """Yield the lines of a journal; the last one may be cut, and was then not acted on."""
    with path.open("rb") as file:
        yield from (_decode(line) for line in file if line.endswith(b"\n"))


def open_ended(path: Path) -> list[Sent]:
    """Return what was sent and not answered."""
    waiting: dict[UUID, Sent] = {}
    for line in read(path) if path.exists() else ():
        if isinstance(line, Sent):
            waiting[line.command_id] = line
        else:
            waiting.pop(line.command_id, None)
    return [sent for sent in waiting.values() if not sent.tried]
