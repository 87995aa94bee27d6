"""How far the views have come, and waiting until they have come far enough."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from typing import Final

from readapi.errors import Unavailable

FIRST_PAUSE: Final = 0.02
LONGEST_PAUSE: Final = 0.2

Read = Callable[[], Awaitable[Mapping[str, int]]]
Pause = Callable[[float], Awaitable[None]]


class Positions:
    """The checkpoints as last seen; they are looked at again while somebody waits for them."""

    def __init__(self, read: Read, pause: Pause = asyncio.sleep) -> None:
        """Read checkpoints through `read`: view → position."""
        self._read = read
        self._pause = pause
        self._seen: dict[str, int] = {}
        self._news = asyncio.Event()
        self._waiting = 0
        self._look: asyncio.Task[None] | None = None

    def moved(self, view: str, position: int) -> None:
        """Take note that a view is at this position now; a worker may call it after a commit."""
        if self._seen.get(view) != position:
            self._seen[view] = position
            # A fresh one at once: who waits for more must not find the old one still set.
            news, self._news = self._news, asyncio.Event()
            news.set()

    async def reach(self, views: Collection[str], position: int, seconds: float) -> bool:
        """Wait until all the views are at `position`, and tell whether they are."""
        if self._reached(views, position):
            return True
        self._waiting += 1
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._look_again())
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    while not self._reached(views, position):
                        await self._news.wait()
        finally:
            self._waiting -= 1
        return self._reached(views, position)

    def _reached(self, views: Collection[str], position: int) -> bool:
        return all(self._seen.get(view, 0) >= position for view in views)

    async def _look_again(self) -> None:
        pause = FIRST_PAUSE
        while self._waiting:
            news = self._news
            # Who asks next is told that the views do not answer; who waits need not be.
            with suppress(Unavailable):
                for view, position in (await self._read()).items():
                    self.moved(view, position)
            pause = FIRST_PAUSE if news.is_set() else min(2 * pause, LONGEST_PAUSE)
            await self._pause(pause)
