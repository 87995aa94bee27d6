"""Puts the demo story into the log; a second time changes nothing."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

import msgspec

from commands.demo.story import MONTHS, Story
from eventstore import mapper
from eventstore.records import Append, Appended, Recorded

BATCH = 500
TICKETS = 2_000
SEED = 20_260_101


class Log(Protocol):
    """What loading needs to read."""

    async def next_numbers(self, series: str, count: int) -> int:
        """Draw `count` numbers in a row and return the first."""
        ...

    async def read_stream(
        self, stream_id: UUID, after: int = 0, upto: int | None = None
    ) -> Sequence[Recorded]:
        """Return a stream's events with `after < version <= upto`, oldest first."""
        ...


class Appender(Protocol):
    """What loading needs to write."""

    async def append_many(self, appends: Sequence[Append]) -> Sequence[Appended | Exception]:
        """Append commands in this order and return what became of each."""
        ...


class Loaded(msgspec.Struct, frozen=True):
    """What a load came to."""

    events: int
    position: int
    """Of the last event; 0 when the story was there already."""


async def load(
    log: Log,
    appender: Appender,
    *,
    seed: int = SEED,
    tickets: int = TICKETS,
    until: datetime | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Loaded:
    """Tell the story of a seed up to a moment, midnight of today by default."""
    until = until or datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    outline = Story(seed, until=until, tickets=tickets, first_ticket=0)
    if await log.read_stream(outline.last_stream, upto=1):
        return Loaded(0, 0)
    if begun := await log.read_stream(outline.first_stream, upto=1):
        # An earlier load was cut off: the story goes on with the dates it began with.
        until = mapper.decode(begun[0]).timestamp + MONTHS
    first = await log.next_numbers("ticket", tickets)
    story = Story(seed, until=until, tickets=tickets, first_ticket=first)
    steps = story.steps()
    events = position = 0
    for start in range(0, len(steps), BATCH):
        batch = [
            story.append(ordinal, step)
            for ordinal, step in enumerate(steps[start : start + BATCH], start=start)
        ]
        for outcome in await appender.append_many(batch):
            if isinstance(outcome, Exception):
                raise outcome
            position = outcome.last_position
        events += sum(len(append.events) for append in batch)
        progress(start + len(batch), len(steps))
    return Loaded(events, position)
