"""What an import needs of the log, and a log for rehearsals that is only read."""

from collections.abc import Iterator, Sequence
from typing import Protocol
from uuid import UUID

from eventstore.batches import Outcome
from eventstore.errors import VersionConflict
from eventstore.records import Append, Appended, Recorded

ATTEMPTS = 20


class ImportRaced(Exception):
    """Others changed {what} again and again while they were imported; run the import again."""

    def __init__(self, what: str) -> None:
        """Say what it was."""
        super().__init__(str(self.__doc__).format(what=what))


class Log(Protocol):
    """What is read."""

    async def read_streams(self, ids: Sequence[UUID]) -> dict[UUID, list[Recorded]]:
        """Return the events of each stream, oldest first; an unknown one has none."""
        ...

    async def next_numbers(self, series: str, count: int) -> int:
        """Draw `count` consecutive numbers of a series and return the first."""
        ...


class Appender(Protocol):
    """What is written; the order has to be kept (`connections=1`)."""

    async def append_many(self, appends: Sequence[Append]) -> list[Outcome]:
        """Append commands in this order and return what became of each."""
        ...


class Rehearsal:
    """Reads the log, but appends nothing and draws no number: for dry runs."""

    def __init__(self, log: Log) -> None:
        """Read what `log` holds."""
        self._log = log
        self._next = 1

    async def read_streams(self, ids: Sequence[UUID]) -> dict[UUID, list[Recorded]]:
        """Return what the log holds."""
        return await self._log.read_streams(ids)

    async def next_numbers(self, series: str, count: int) -> int:  # noqa: ARG002 - one for all
        """Return numbers that nobody will see."""
        self._next += count
        return self._next - count

    async def append_many(self, appends: Sequence[Append]) -> list[Outcome]:
        """Say that all went well."""
        return [Appended(append.command_id, 0, 0) for append in appends]


def attempts(what: str) -> Iterator[int]:
    """Yield until the caller is content; raises `ImportRaced` when that takes too often."""
    yield from range(ATTEMPTS)
    raise ImportRaced(what)


def is_raced(outcome: Outcome) -> bool:
    """Tell whether somebody was faster; raises what else went wrong."""
    if isinstance(outcome, Exception) and not isinstance(outcome, VersionConflict):
        raise outcome
    return isinstance(outcome, VersionConflict)
