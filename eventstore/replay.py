"""The read side's one door to the log: what a stream held at some moment."""

from datetime import datetime
from uuid import UUID

from eventstore.log import Log
from eventstore.mapper import decode
from eventstore.records import Recorded


async def stream_as_of(
    log: Log, stream_id: UUID, *, at: datetime | None, position: int | None
) -> list[Recorded]:
    """Return the events of a stream that had happened by `at` and were known at `position`.

    Oldest first; None means today's. Both together are bitemporal: what was held at that
    position to have happened by that time.
    """
    events = await log.read_stream(stream_id)
    if position is not None:
        events = [event for event in events if event.position <= position]
    if at is not None:
        # An aggregate refuses to run backwards, so that this is always a prefix.
        events = [event for event in events if decode(event).timestamp <= at]
    return events


async def position_as_of(log: Log, position: int | None) -> int:
    """Return up to where the log is read for an answer as of `position`; None means its end."""
    head = await log.head()
    return head if position is None else min(position, head)
