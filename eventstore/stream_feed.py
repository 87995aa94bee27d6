"""A feed that gets its events from the stream, and from Postgres whatever is missing."""

import asyncio
from collections import deque
from contextlib import suppress
from typing import Final

import msgspec
import structlog

from eventstore.broker import Broker, BrokerUnavailable, Chunk, Subscription
from eventstore.chunks import unpack
from eventstore.feed import LogReader, PollingFeed
from eventstore.records import Recorded

PATIENCE: Final = 1.0
"""How long, in seconds, the stream may be silent before the log is asked."""
RETRIES: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds until the stream is tried again, by the number of disappointments."""

logger = structlog.get_logger()


class StreamFeed:
    """Follows the stream when near the head of the log; otherwise reads the log itself.

    Nothing depends on what the stream delivers: positions tell what is old and what is
    missing, so the broker may lose, repeat, reorder or withhold messages.
    """

    def __init__(
        self, broker: Broker, log: LogReader, name: str, *, page: int = 5_000, wait: float = 0.2
    ) -> None:
        """Deliver up to about `page` events at once to the durable reader `name`."""
        self._broker = broker
        self._log = log
        self._name = name
        self._page = page
        self._wait = wait
        self._polling = PollingFeed(log, page=page, wait=wait)
        self._subscription: Subscription | None = None
        self._chunks: deque[Chunk] = deque()
        self._joined_at: int | None = None  # The stream is to deliver what follows this.
        self._heard_at = self._retry_at = 0.0
        self._disappointments = 0

    async def next(self, after: int) -> list[Recorded]:
        """Return the events that follow, from the stream or from the log."""
        if self._subscription is None:
            events = await self._polling.next(after)
        elif after == self._joined_at:
            return await self._from_stream(self._subscription, after)
        else:
            events = await self._log.read_all(after, self._page)
        if len(events) < self._page:
            await self._join(events[-1].position if events else after)
        return events

    async def acknowledge(self, position: int) -> None:
        """Let the broker forget; where that fails, old messages come again and are dropped."""
        if self._subscription is not None:
            with suppress(BrokerUnavailable):
                await self._subscription.acknowledge(position)

    async def close(self) -> None:
        """Leave the stream."""
        if self._subscription is not None:
            await self._subscription.close()
        self._subscription = self._joined_at = None
        self._chunks.clear()

    async def _join(self, position: int) -> None:
        if self._subscription is not None:
            self._joined_at = position
            self._heard_at = _now()
        elif _now() >= self._retry_at:
            try:
                # Not joined yet: what was appended meanwhile is in the log only.
                self._subscription = await self._broker.subscribe(self._name)
            except BrokerUnavailable as error:
                await self._leave(str(error))
            else:
                logger.info("feed_attached", feed=self._name, position=position)

    async def _leave(self, reason: str) -> None:
        pause = RETRIES[min(self._disappointments, len(RETRIES) - 1)]
        logger.warning("feed_polls", feed=self._name, reason=reason, retry_in=pause)
        self._retry_at = _now() + pause
        self._disappointments += 1
        await self.close()

    async def _from_stream(self, stream: Subscription, after: int) -> list[Recorded]:
        try:
            await self._receive(stream, after)
        except BrokerUnavailable as error:
            await self._leave(str(error))
            return []
        if not self._chunks:
            await self._watch(after)
            return []
        events = self._contiguous(after) or await self._missing(after)
        if events:
            self._joined_at = events[-1].position
            self._heard_at = _now()
        return events

    async def _receive(self, stream: Subscription, after: int) -> None:
        self._drop(after)
        if not self._chunks:
            self._chunks.extend(await stream.fetch(self._wait))
            self._drop(after)
            if self._chunks:
                self._disappointments = 0

    def _drop(self, after: int) -> None:
        while self._chunks and self._chunks[0].last <= after:
            self._chunks.popleft()

    def _contiguous(self, after: int) -> list[Recorded]:
        events: list[Recorded] = []
        while self._chunks and self._chunks[0].first <= after + 1 and len(events) < self._page:
            chunk = self._chunks.popleft()
            if chunk.last > after:
                try:
                    events += unpack(chunk)[after + 1 - chunk.first :]
                except msgspec.DecodeError:
                    # Written by another version of this program: the log has it as well.
                    self._chunks.appendleft(Chunk(chunk.last + 1, chunk.last, b""))
                    break
                after = chunk.last
        return events

    async def _missing(self, after: int) -> list[Recorded]:
        upto = self._chunks[0].first - 1
        events = await self._log.read_all(after, self._page, upto)
        if not events:
            await self._leave("the stream is ahead of the log")
        return events

    async def _watch(self, after: int) -> None:
        # A stream that disappointed is not trusted until it has delivered.
        patience = 0.0 if self._disappointments else PATIENCE
        if _now() - self._heard_at >= patience:
            self._heard_at = _now()
            if await self._log.head() > after:
                await self._leave("the stream is silent")


def _now() -> float:
    return asyncio.get_running_loop().time()
