"""Where readers of the log get their events from, in order and without gaps."""

import asyncio
from typing import Protocol

from eventstore.records import Recorded


class Feed(Protocol):
    """The log from some position on, delivered batch by batch to one reader."""

    async def next(self, after: int) -> list[Recorded]:
        """Return the events that follow position `after`, contiguous and in order.

        Waits a short while for the first one; an empty list means that nothing new came.
        """
        ...

    async def acknowledge(self, position: int) -> None:
        """Say that everything up to this position was taken in for good."""
        ...

    async def close(self) -> None:
        """Give back what the feed holds."""
        ...


class LogReader(Protocol):
    """The log as the relay and the feeds read it."""

    async def read_all(self, after: int, limit: int, upto: int | None = None) -> list[Recorded]:
        """Return up to `limit` events with `after < position <= upto`, oldest first."""
        ...

    async def head(self) -> int:
        """Return the position of the last event, 0 for an empty log."""
        ...


class Opening(Protocol):
    """What opens the encrypted parts of events."""

    async def open(self, events: list[Recorded]) -> list[Recorded]:
        """Return the events with their parts opened."""
        ...


class OpenedFeed:
    """A feed whose events come opened; what carries them on its way sees none of it."""

    def __init__(self, feed: Feed, vault: Opening) -> None:
        self._feed = feed
        self._vault = vault

    async def next(self, after: int) -> list[Recorded]:
        """Return the events that follow position `after`, opened; raises `KeysUnavailable`."""
        return await self._vault.open(await self._feed.next(after))

    async def acknowledge(self, position: int) -> None:
        """Say that everything up to this position was taken in for good."""
        await self._feed.acknowledge(position)

    async def close(self) -> None:
        """Give back what the feed holds."""
        await self._feed.close()


class PollingFeed:
    """A feed that asks Postgres again and again, `wait` seconds apart."""

    def __init__(self, log: LogReader, *, page: int = 1_000, wait: float = 0.2) -> None:
        """Read `log` in pages of at most `page` events."""
        self._log = log
        self._page = page
        self._wait = wait

    async def next(self, after: int) -> list[Recorded]:
        """Return the events that follow, or what has come after one wait."""
        events = await self._log.read_all(after, self._page)
        if not events:
            await asyncio.sleep(self._wait)
            events = await self._log.read_all(after, self._page)
        return events

    async def acknowledge(self, position: int) -> None:
        """Do nothing: Postgres delivers from wherever it is asked."""

    async def close(self) -> None:
        """Do nothing: a feed of this kind holds nothing."""
