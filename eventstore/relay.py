"""Carries the log onto the stream: every event, in order, by one leader at a time."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import psycopg
import structlog

from eventstore.broker import Broker, BrokerUnavailable, OutOfOrder
from eventstore.chunks import pack
from eventstore.feed import LogReader
from eventstore.leadership import RELAY, Leadership
from eventstore.records import Recorded
from eventstore.rests import rest

PAGE: Final = 4_000
IN_FLIGHT: Final = 16
"""How many chunks are sent before the first has to be confirmed."""
BACKLOG: Final = 100_000
"""How many events an empty stream gets; whoever needs older ones reads the log."""
POLL: Final = 0.2
RETRIES: Final = (0.3, 0.5, 1.0, 2.0)
"""Seconds, by the number of failures; the first is longer than POLL: let another one try."""

logger = structlog.get_logger()


class Relay:
    """Publishes what follows the last message of the stream, which is its only memory.

    Every message names the one before it (ADR 3), so that a relay which has lost its
    leadership without knowing is refused, and nothing is stored behind a lost message.
    """

    def __init__(
        self, log: LogReader, broker: Broker, conninfo: str, *, backlog: int = BACKLOG
    ) -> None:
        """Plan the work; `conninfo` leads to Postgres itself, not to a pool of transactions."""
        self._log = log
        self._broker = broker
        self._leadership = Leadership(conninfo, RELAY)
        self._backlog = backlog
        self._bell = broker.bell()
        self._last: int | None = None
        self._failures = 0
        self.position = 0
        """The log is on the stream up to here, as far as this relay knows."""

    async def run(self, stop: asyncio.Event) -> None:
        """Lead whenever nobody else does, until told to stop."""
        try:
            while not stop.is_set():
                try:
                    if await self._leadership.take():
                        await self._lead(stop)
                    else:
                        await rest(stop, POLL)
                except (OutOfOrder, BrokerUnavailable, psycopg.Error) as error:
                    await self._recover(stop, error)
        finally:
            await self._leadership.give_back()

    async def rewind(self, position: int) -> None:
        """Empty the stream and let it begin after `position`, which is not the head.

        May be called in any process: whoever leads finds the new end and carries on from it.
        """
        events = await self._log.read_all(position, PAGE)
        while True:
            await self._broker.reset()
            with suppress(OutOfOrder):  # The leader was faster than we: once more.
                await self._broker.publish(list(pack(events, self._broker.largest())), None)
                return

    async def _lead(self, stop: asyncio.Event) -> None:
        await self._begin()
        while not stop.is_set():
            self._bell.clear()
            _, events = await asyncio.gather(
                self._leadership.take(), self._log.read_all(self.position, PAGE)
            )
            if events:
                await self._publish(events)
            elif not await self._hear():
                await self._check()

    async def _begin(self) -> None:
        # Asked for once more: its connection tells of restores, by which the broker judges.
        await self._log.head()
        # In this order: what is on the stream was in the log before.
        self._last, head = await self._broker.last(), await self._log.head()
        if self._last is not None and self._last > head:
            # The log was restored from a backup: the stream tells what never happened.
            logger.error("relay_found_stream_ahead", position=self._last, head=head)
            await self._broker.reset()
            self._last = None
        self.position = max(0, head - self._backlog) if self._last is None else self._last
        logger.info("relay_leads", position=self.position, head=head)

    async def _publish(self, events: Sequence[Recorded]) -> None:
        chunks = list(pack(events, self._broker.largest()))
        for chunk in chunks:
            if chunk.first > chunk.last:
                logger.warning("event_left_out_of_stream", position=chunk.last)
        for start in range(0, len(chunks), IN_FLIGHT):
            batch = chunks[start : start + IN_FLIGHT]
            await self._broker.publish(batch, self._last)
            self._last = self.position = batch[-1].last
        self._failures = 0

    async def _hear(self) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL):
                return await self._bell.wait()
        return False

    async def _check(self) -> None:
        # A stream may lose its end, or be emptied, while there is nothing to publish.
        last = await self._broker.last()
        if last != self._last:
            raise OutOfOrder(last)
        self._failures = 0

    async def _recover(self, stop: asyncio.Event, error: Exception) -> None:
        pause = RETRIES[min(self._failures, len(RETRIES) - 1)]
        if isinstance(error, OutOfOrder) and not self._failures:
            pause = 0.0  # The stream itself says where to go on.
        self._failures += 1
        logger.warning(
            "relay_interrupted",
            position=self.position,
            error=type(error).__name__,
            reason=str(error),
            retry_in=pause,
        )
        if isinstance(error, BrokerUnavailable):
            # Perhaps another relay has a better line to it.
            await self._leadership.give_back()
        await rest(stop, pause)
