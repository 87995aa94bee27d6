"""Records folded from their events as these are read, page by page: none is held longer."""

from collections.abc import AsyncIterator, Sequence
from typing import TypeVar
from uuid import UUID

from domain.base import AggregateRoot
from eventstore import mapper
from eventstore.records import Recorded

TRecord = TypeVar("TRecord", bound=AggregateRoot)


class Folding:
    """A record as its events make it, and where the last of them is."""

    def __init__(self, record: AggregateRoot | None = None, last: Recorded | None = None) -> None:
        """Go on with `record`, which is the caller's own; `last` is its newest event."""
        self.record = record
        self.position = last.position if last else 0
        """Place in the log of the last event."""
        self.event_id = last.event_id if last else UUID(int=0)
        """The id of the last event, drawn when that was decided: no other event has it."""
        self.count = 0
        """How many events were taken in."""

    def take(self, events: Sequence[Recorded]) -> None:
        """Take in the events that follow."""
        for event in events:
            self.record = mapper.decode(event).mutate(self.record)
        if events:
            self.position, self.event_id = events[-1].position, events[-1].event_id
            self.count += len(events)


async def fold(pages: AsyncIterator[Sequence[Recorded]]) -> Folding:
    """Return what a whole history makes."""
    folding = Folding()
    async for events in pages:
        folding.take(events)
    return folding


async def rebuilt(kind: type[TRecord], pages: AsyncIterator[Sequence[Recorded]]) -> TRecord | None:
    """Return the record that a history makes, or None when there is none of this kind."""
    record = (await fold(pages)).record
    return record if isinstance(record, kind) else None
