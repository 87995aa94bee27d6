"""Records as they were last read, so that of a long history only what is new is read again.

A baseline is a way to read faster, never a reason to believe: the log is asked each time, and has
to show the baseline's last event before the baseline counts. What is kept was folded from the log
alone, never from what a command decided, and nobody gets hold of it: each reader works on a copy
(ADR 9). A long record that is not in memory is read from its snapshot on, which has to be shown in
the same way (ADR 13).
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from copy import deepcopy
from typing import Final, NamedTuple, Protocol, TypeVar
from uuid import UUID
from weakref import WeakValueDictionary

from domain.base import AggregateRoot
from eventstore.folding import Folding, fold
from eventstore.gathering import FIRST
from eventstore.records import Recorded

TRecord = TypeVar("TRecord", bound=AggregateRoot)

MAX_RECORDS: Final = 2_000
"""How many records are kept; the one that was not asked for the longest makes room."""
TRUSTED_SECONDS: Final = 60.0
"""How long until a record that is asked for is folded anew from its first event, or its snapshot.

Who makes what is stored unreadable, e.g. erases a person's key, need not know of the processes that
had read it: after this time, none of them works with it any more. What nobody asks for leaves the
memory within twice this time, as soon as another record is asked for.
"""
LONG_READS: Final = 4
"""How many long histories are read at once: each holds a page of events."""


class Found(NamedTuple):
    """A record, and the place in the log of its newest event."""

    record: AggregateRoot
    position: int


class History(Protocol):
    """What a record is folded from."""

    def pages(self, stream_id: UUID) -> AsyncIterator[Sequence[Recorded]]:
        """Yield all events of a stream, oldest first, in pages."""
        ...


class Reader(Protocol):
    """What the log is asked through."""

    async def read(self, stream_id: UUID, since: int = 1) -> Sequence[Recorded]:
        """Return a stream's events with `version >= since`, oldest first: `FIRST` of them.

        Fewer are all that there are.
        """
        ...

    def pages(self, stream_id: UUID, after: int) -> AsyncIterator[Sequence[Recorded]]:
        """Yield a stream's events with `version > after`, oldest first, in pages."""
        ...


class Folded(NamedTuple):
    """A record as it was folded from the log; nobody changes it any more."""

    record: AggregateRoot
    position: int
    """Place in the log of its last event."""
    event_id: UUID
    """The id of its last event, drawn when that was decided: no other event has it."""
    folded_at: float
    """When its first event was read, in seconds of a clock that never goes back."""


class Snapshots(Protocol):
    """Where long records may be found as they were folded before."""

    async def find(self, id: UUID) -> tuple[AggregateRoot, UUID] | None:
        """Return a record and the id of its last event; None if none."""
        ...

    def offer(self, folded: Folded, count: int) -> None:
        """Tell of a record that was folded from so many events; never waits, never fails."""
        ...


class NoSnapshots:
    """All records are folded from their first event."""

    async def find(self, id: UUID) -> None:
        """Return None."""

    def offer(self, folded: Folded, count: int) -> None:
        """Do nothing."""


class Afresh:
    """Finds records by reading all of their history."""

    def __init__(self, history: History) -> None:
        self._history = history

    async def find(self, id: UUID) -> Found | None:
        """Return the record with this id, or None when there is none."""
        folding = await fold(self._history.pages(id))
        return None if folding.record is None else Found(folding.record, folding.position)


class Baselines:
    """Finds records as they stand in the log now, reading what is new."""

    def __init__(
        self,
        reader: Reader,
        clock: Callable[[], float] = time.monotonic,
        snapshots: Snapshots | None = None,
    ) -> None:
        self._reader = reader
        self._clock = clock
        self._snapshots = snapshots or NoSnapshots()
        self._kept: dict[UUID, Folded] = {}
        self._turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()
        self._long_reads = asyncio.Semaphore(LONG_READS)

    async def find(self, id: UUID) -> Found | None:
        """Return the record with this id, or None when there is none.

        It is the caller's own: what is done to it is seen by nobody else.
        """
        baseline = await self._advanced(id) or await self._folded(id)
        if baseline is None:
            self._kept.pop(id, None)
            return None
        return Found(copied(baseline.record), baseline.position)

    async def _advanced(self, id: UUID) -> Folded | None:
        """Return what the baseline has become, or None where there is none that counts."""
        kept = self._kept.get(id)
        if kept is None or self._is_old(kept):
            return None
        folding = await self._since(kept.record, kept.event_id)
        if folding is None:
            return None
        return self._keep(folding, kept.folded_at) if folding.count else self._keep_on(kept)

    async def _folded(self, id: UUID) -> Folded | None:
        begun = self._clock()
        events = await self._reader.read(id)
        if len(events) == FIRST:
            del events
            return await self._folded_long(id)
        folding = Folding()
        folding.take(events)
        return self._keep(folding, begun)

    async def _folded_long(self, id: UUID) -> Folded | None:
        async with self._turns.setdefault(id, asyncio.Lock()), self._long_reads:
            # Somebody may have waited for the same.
            if (baseline := await self._advanced(id)) is not None:
                return baseline
            begun = self._clock()
            folding = await self._resumed(id) or await fold(self._reader.pages(id, 0))
            baseline = self._keep(folding, begun)
            if baseline is not None:
                self._snapshots.offer(baseline, folding.count)
            return baseline

    async def _resumed(self, id: UUID) -> Folding | None:
        """Return what a snapshot has become, or None where there is none that counts."""
        found = await self._snapshots.find(id)
        return None if found is None else await self._since(*found)

    async def _since(self, record: AggregateRoot, event_id: UUID) -> Folding | None:
        """Return what a record has become, or None unless the log has its last event there.

        The record itself is left as it is.
        """
        events = await self._reader.read(record.id, record.version)
        if not events or events[0].event_id != event_id:
            return None
        # Mostly nothing is new, and a copy would be for nothing.
        folding = Folding(record if len(events) == 1 else copied(record), events[0])
        folding.take(events[1:])
        if len(events) == FIRST:
            after = events[-1].version
            del events
            async for page in self._reader.pages(record.id, after):
                folding.take(page)
        return folding

    def _keep(self, folding: Folding, folded_at: float) -> Folded | None:
        if folding.record is None:
            return None
        return self._keep_on(Folded(folding.record, folding.position, folding.event_id, folded_at))

    def _keep_on(self, baseline: Folded) -> Folded:
        self._kept.pop(baseline.record.id, None)
        self._kept[baseline.record.id] = baseline
        # The first one was not asked for the longest.
        while self._kept and (len(self._kept) > MAX_RECORDS or self._is_old(self._first())):
            del self._kept[self._first().record.id]
        return baseline

    def _first(self) -> Folded:
        return next(iter(self._kept.values()))

    def _is_old(self, baseline: Folded) -> bool:
        return self._clock() - baseline.folded_at >= TRUSTED_SECONDS


def copied(record: TRecord) -> TRecord:
    """Return a record like this one; only what can not change is shared by both."""
    copy = object.__new__(type(record))
    vars(copy).update(vars(record))
    for name, value in vars(record).items():
        if type(value) in _CHANGEABLE:
            setattr(copy, name, deepcopy(value) if value else type(value)())
    return copy


_CHANGEABLE: Final = frozenset({list, dict})
"""All that an attribute is which can change (ADR 9)."""
