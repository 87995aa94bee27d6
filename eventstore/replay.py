"""The read side's one door to the log: what a stream held at some moment."""

from collections.abc import AsyncIterator, Awaitable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import psycopg
from psycopg_pool import PoolTimeout

from eventstore.errors import LogUnavailable
from eventstore.log import Log
from eventstore.mapper import decode
from eventstore.records import Recorded

T = TypeVar("T")


async def stream_as_of(
    log: Log, stream_id: UUID, *, at: datetime | None, position: int | None
) -> AsyncIterator[Sequence[Recorded]]:
    """Yield the events of a stream that had happened by `at` and were known at `position`.

    Oldest first, in pages, none of which is empty; None means today's. Both together are
    bitemporal: what was held at that position to have happened by that time. Raises
    `LogUnavailable`.
    """
    pages = log.pages(stream_id)
    while page := await _answered(anext(pages, None)):
        events = [event for event in page if _had_been(event, at, position)]
        if events:
            yield events
        if len(events) < len(page):
            # An aggregate refuses to run backwards, so that this is always a prefix.
            return


def _had_been(event: Recorded, at: datetime | None, position: int | None) -> bool:
    if position is not None and event.position > position:
        return False
    return at is None or decode(event).timestamp <= at


async def position_as_of(log: Log, position: int | None) -> int:
    """Return up to where the log is read for an answer as of `position`; None means its end.

    Raises `LogUnavailable`.
    """
    head = await _answered(log.head())
    return head if position is None else min(position, head)


async def _answered(question: Awaitable[T]) -> T:
    try:
        return await question
    except (PoolTimeout, psycopg.OperationalError) as error:
        raise LogUnavailable from error
