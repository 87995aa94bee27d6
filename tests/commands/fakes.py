"""The log in memory, for tests that need no server; `test_fakes` runs its contract on both."""

from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from datetime import UTC, datetime
from uuid import UUID, uuid5

from domain.base import Event
from eventstore import mapper
from eventstore.errors import CommandIdReused, VersionConflict
from eventstore.personal.parts import plain
from eventstore.records import Append, Appended, NewEvent, Recorded, Since
from tests.given import Fact

RECORDED_AT = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
_GIVEN = UUID("61e70000-0000-4000-8000-000000000000")


class MemoryLog:
    """Reads and appends as the real log does, one command after the other."""

    def __init__(self) -> None:
        self.recorded: list[Recorded] = []
        self.reads: list[UUID] = []
        """Every stream that was read, in order."""
        self.meanwhile: deque[Callable[[], Awaitable[object]]] = deque()
        """What happens just before the next appends: somebody else is faster."""
        self.page = 1_000
        """How many events of a stream come at once."""
        self._commands: dict[UUID, tuple[bytes, Appended]] = {}
        self._versions: defaultdict[UUID, int] = defaultdict(int)
        self._numbers: Counter[str] = Counter()

    async def read_stream(self, stream_id: UUID) -> list[Recorded]:
        self.reads.append(stream_id)
        return [event for event in self.recorded if event.stream_id == stream_id]

    async def pages(self, stream_id: UUID, after: int = 0) -> AsyncIterator[list[Recorded]]:
        self.reads.append(stream_id)
        while events := self._events(stream_id, after + 1)[: self.page]:
            yield events
            after = events[-1].version

    async def read_since(self, asked: Collection[Since], limit: int) -> dict[Since, list[Recorded]]:
        self.reads.extend(stream_id for stream_id, _ in asked)
        return {since: self._events(*since)[:limit] for since in asked}

    def _events(self, stream_id: UUID, since: int) -> list[Recorded]:
        return [e for e in self.recorded if e.stream_id == stream_id and e.version >= since]

    async def stream_version(self, stream_id: UUID) -> int:
        self.reads.append(stream_id)
        return self._versions[stream_id]

    async def read_all(self, after: int, limit: int) -> list[Recorded]:
        return self.recorded[after : after + limit]

    async def next_number(self, series: str) -> int:
        self._numbers[series] += 1
        return self._numbers[series]

    async def command(self, command_id: UUID, request_hash: bytes | None = None) -> Appended | None:
        if command_id not in self._commands:
            return None
        known, appended = self._commands[command_id]
        if request_hash not in (None, known):
            raise CommandIdReused(command_id=command_id)
        return Appended(command_id, appended.first_position, appended.last_position, repeated=True)

    async def append(self, append: Append) -> Appended:
        if self.meanwhile:
            await self.meanwhile.popleft()()
        if (earlier := await self.command(append.command_id, append.request_hash)) is not None:
            return earlier
        self._require_next_versions(append)
        first = len(self.recorded) + 1
        for event in append.events:
            self._record(event, append.metadata)
        appended = Appended(append.command_id, first, len(self.recorded))
        self._commands[append.command_id] = (append.request_hash, appended)
        return appended

    def tell(self, *facts: Fact) -> None:
        """Record facts of the streams of `tests.given`, in order."""
        for fact in facts:
            stream_id = fact.event().originator_id
            self.record(fact.event(self._versions[stream_id] + 1))

    def record(self, event: Event) -> None:
        """Record one event as it is."""
        self._record(mapper.encode(event), b"{}")

    def events(self, after: int = 0) -> list[Event]:
        """Return the events after a position, decoded."""
        return [mapper.decode(recorded) for recorded in self.recorded[after:]]

    def _require_next_versions(self, append: Append) -> None:
        versions = dict(self._versions)
        for event in append.events:
            actual = versions.get(event.stream_id, 0)
            if event.version != actual + 1:
                raise VersionConflict(
                    stream_id=event.stream_id, expected=event.version - 1, actual=actual
                )
            versions[event.stream_id] = event.version

    def _record(self, event: NewEvent, metadata: bytes) -> None:
        position = len(self.recorded) + 1
        self._versions[event.stream_id] = event.version
        self.recorded.append(
            Recorded(
                position=position,
                stream_id=event.stream_id,
                version=event.version,
                event_id=uuid5(_GIVEN, str(position)),
                topic=event.topic,
                class_version=event.class_version,
                state=plain(event),
                metadata=metadata,
                recorded_at=RECORDED_AT,
            )
        )
