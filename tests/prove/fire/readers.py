"""Who follows the log while it is written, and counts what does not come as it should."""

import asyncio
import hashlib
from collections.abc import Iterable

from eventstore.feed import Feed
from eventstore.log import scan
from eventstore.records import Recorded


class Reader:
    """Reads a feed from the beginning of the log; every position has to come once, in order."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._digest = hashlib.sha256()
        self._last = 0
        self.seen = self.missed = self.doubled = 0

    async def follow(self, end: "asyncio.Future[int]") -> None:
        """Read until the position that is the end, once it is known."""
        while not end.done() or self._last < end.result():
            self._see(await self._feed.next(self._last))
            await self._feed.acknowledge(self._last)
        await self._feed.close()

    @property
    def digest(self) -> bytes:
        """The SHA-256 of the ids of all events, in the order in which they came."""
        return self._digest.digest()

    def _see(self, events: Iterable[Recorded]) -> None:
        for event in events:
            self.seen += 1
            self._digest.update(event.event_id.bytes)
            if event.position <= self._last:
                self.doubled += 1
            else:
                self.missed += event.position - self._last - 1
                self._last = event.position


def digest_of(url: str) -> bytes:
    """Return the digest of a reader to whom the log came as it is."""
    digest = hashlib.sha256()
    for page in scan(url):
        for event in page:
            digest.update(event.event_id.bytes)
    return digest.digest()
