"""The log as it would be with what was decided since: read through, appended to nowhere."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import msgspec

from commands.dispatch import Log
from eventstore.errors import CommandIdReused
from eventstore.personal.parts import plain
from eventstore.records import Append, Appended, NewEvent, Recorded

BEYOND: Final = 2**62
"""The position of the first event that is not in the log; no log comes as far."""
UNRECORDED: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""When what is not in the log was recorded; nobody decides by that."""


class Overlay:
    """Takes commands as the log and its appender do, and keeps them until it is told what to do.

    What was taken since the last `keep` or `drop` is `pending`: one row's commands.
    """

    def __init__(self, log: Log, *, draws: bool) -> None:
        """Read what `log` holds; `draws` tells whether numbers are drawn from it for good."""
        self._log = log
        self._draws = draws
        self._numbers: Counter[str] = Counter()
        self._events: list[Recorded] = []
        self._streams: defaultdict[UUID, list[Recorded]] = defaultdict(list)
        self._commands: dict[UUID, tuple[bytes, Appended]] = {}
        self.pending: list[Append] = []

    def keep(self) -> None:
        """Take what is pending for given: later rows are decided on it."""
        self.pending = []

    def drop(self) -> None:
        """Forget what is pending: it was refused, or is in the log by now."""
        for append in reversed(self.pending):
            del self._commands[append.command_id]
            for event in reversed(append.events):
                self._streams[event.stream_id].pop()
                self._events.pop()
        self.pending = []

    async def pages(self, stream_id: UUID) -> AsyncIterator[Sequence[Recorded]]:
        """Yield the log's events of a stream, in pages, and those taken since."""
        async for events in self._log.pages(stream_id):
            yield events
        if taken := self._streams.get(stream_id):
            yield taken

    async def stream_version(self, stream_id: UUID) -> int:
        """Return the version of a stream, with what was taken since."""
        taken = self._streams.get(stream_id)
        return taken[-1].version if taken else await self._log.stream_version(stream_id)

    async def read_all(self, after: int, limit: int) -> list[Recorded]:
        """Return events by position."""
        if after < BEYOND - 1:
            return await self._log.read_all(after, limit)
        first = after + 1 - BEYOND
        return self._events[first : first + limit]

    async def next_number(self, series: str) -> int:
        """Return the next number of a series, or one that nobody will see."""
        if self._draws:
            return await self._log.next_number(series)
        self._numbers[series] += 1
        return self._numbers[series]

    async def command(self, command_id: UUID, request_hash: bytes | None = None) -> Appended | None:
        """Return where an earlier command stands, or None; raises `CommandIdReused`."""
        if command_id not in self._commands:
            return await self._log.command(command_id, request_hash)
        known, appended = self._commands[command_id]
        if request_hash not in (None, known):
            raise CommandIdReused(command_id=command_id)
        return msgspec.structs.replace(appended, repeated=True)

    async def append(self, append: Append) -> Appended:
        """Keep all events of one command."""
        first = BEYOND + len(self._events)
        for position, event in enumerate(append.events, start=first):
            recorded = _recorded(event, position, append.metadata)
            self._events.append(recorded)
            self._streams[event.stream_id].append(recorded)
        appended = Appended(append.command_id, first, first + len(append.events) - 1)
        self._commands[append.command_id] = (append.request_hash, appended)
        self.pending.append(append)
        return appended


def _recorded(event: NewEvent, position: int, metadata: bytes) -> Recorded:
    return Recorded(
        position=position,
        stream_id=event.stream_id,
        version=event.version,
        event_id=event.event_id,
        topic=event.topic,
        class_version=event.class_version,
        state=plain(event),
        metadata=metadata,
        recorded_at=UNRECORDED,
    )
