"""Records as they were last read, so that of a long history only what is new is read again.

A baseline is a way to read faster, never a reason to believe: the log is asked each time, and has
to show the baseline's last event before the baseline counts. What is kept was folded from the log
alone, never from what a command decided, and nobody gets hold of it: each reader works on a copy
(ADR 9).
"""

import time
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from typing import Final, NamedTuple, Protocol, TypeVar
from uuid import UUID

from domain.base import AggregateRoot
from eventstore import mapper
from eventstore.records import Recorded

TRecord = TypeVar("TRecord", bound=AggregateRoot)

MAX_RECORDS: Final = 2_000
"""How many records are kept; the one that was not asked for the longest makes room."""
TRUSTED_SECONDS: Final = 60.0
"""How long until a record that is asked for is folded anew from its first event.

Who makes what is stored unreadable, e.g. erases a person's key, need not know of the processes that
had read it: after this time, none of them works with it any more. What nobody asks for stays in
memory until it makes room, or the process ends.
"""


class Found(NamedTuple):
    """A record, and the place in the log of its newest event."""

    record: AggregateRoot
    position: int


class History(Protocol):
    """What a record is folded from."""

    async def read_stream(self, stream_id: UUID) -> Sequence[Recorded]:
        """Return all events of a stream, oldest first."""
        ...


class Reader(Protocol):
    """What the log is asked through."""

    async def read(self, stream_id: UUID, since: int = 1) -> Sequence[Recorded]:
        """Return a stream's events with `version >= since`, oldest first."""
        ...


class Afresh:
    """Finds records by reading all of their history."""

    def __init__(self, history: History) -> None:
        self._history = history

    async def find(self, id: UUID) -> Found | None:
        """Return the record with this id, or None when there is none."""
        events = await self._history.read_stream(id)
        record = _fold(None, events)
        return None if record is None else Found(record, events[-1].position)


class _Baseline(NamedTuple):
    record: AggregateRoot
    position: int
    """Place in the log of its last event."""
    event_id: UUID
    """The id of its last event, drawn when that was decided: no other event has it."""
    folded_at: float
    """When its first event was read, in seconds of a clock that never goes back."""


class Baselines:
    """Finds records as they stand in the log now, reading what is new."""

    def __init__(self, reader: Reader, clock: Callable[[], float] = time.monotonic) -> None:
        self._reader = reader
        self._clock = clock
        self._kept: dict[UUID, _Baseline] = {}

    async def find(self, id: UUID) -> Found | None:
        """Return the record with this id, or None when there is none.

        It is the caller's own: what is done to it is seen by nobody else.
        """
        baseline = await self._advanced(id) or await self._folded(id)
        self._kept.pop(id, None)
        if baseline is None:
            return None
        self._keep(id, baseline)
        return Found(copied(baseline.record), baseline.position)

    async def _advanced(self, id: UUID) -> _Baseline | None:
        """Return what the baseline has become, or None where there is none that counts."""
        kept = self._kept.get(id)
        if kept is None or self._clock() - kept.folded_at >= TRUSTED_SECONDS:
            return None
        events = await self._reader.read(id, kept.record.version)
        if not events or events[0].event_id != kept.event_id:
            return None
        if len(events) == 1:
            return kept
        return _baseline(_fold(copied(kept.record), events[1:]), events, kept.folded_at)

    async def _folded(self, id: UUID) -> _Baseline | None:
        begun = self._clock()
        events = await self._reader.read(id)
        return _baseline(_fold(None, events), events, begun)

    def _keep(self, id: UUID, baseline: _Baseline) -> None:
        if len(self._kept) >= MAX_RECORDS:
            del self._kept[next(iter(self._kept))]  # it was not asked for the longest
        self._kept[id] = baseline


def _baseline(
    record: AggregateRoot | None, events: Sequence[Recorded], folded_at: float
) -> _Baseline | None:
    if record is None:
        return None
    return _Baseline(record, events[-1].position, events[-1].event_id, folded_at)


def _fold(record: AggregateRoot | None, events: Iterable[Recorded]) -> AggregateRoot | None:
    for event in events:
        record = mapper.decode(event).mutate(record)
    return record


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
