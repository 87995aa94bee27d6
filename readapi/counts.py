"""How many rows a list has: counted to the end while they are few, remembered where they are many.

Counting is the dear part of a long list: every matching row is looked at to show twenty of them.
Up to `FEW` the total is exact each time. What is longer is counted in the background, once for all
who ask, and shown as it was a moment ago.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

FEW: Final = 2_000
"""Up to so many rows are counted each time."""
FRESH: Final = 10.0
"""After so many seconds a total is counted again when it is asked for."""
OLDEST: Final = 60.0
"""Whoever would get one that is older waits for the new one; in seconds."""
AT_ONCE: Final = 2
"""How many are counted at a time, so that pages are not kept waiting for a connection."""
SIZE: Final = 1024


class _Counted(msgspec.Struct, frozen=True):
    total: int
    at: float


class Many:
    """The totals of long lists, at most a minute old."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Know nothing yet."""
        self._clock = clock
        self._known: dict[str, _Counted] = {}
        self._counting: dict[str, asyncio.Task[int]] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)

    def knows(self, question: str) -> bool:
        """Tell whether a total is at hand that is not too old."""
        return self._age(question) <= OLDEST

    async def total(self, question: str, count: Callable[[], Awaitable[int]]) -> int:
        """Return the total, which `count` counts where nobody has done so lately."""
        age = self._age(question)
        if age <= FRESH:
            return self._known[question].total
        counting = self._counting.get(question) or self._begin(question, count)
        if age <= OLDEST:
            return self._known[question].total
        # Others may wait for it as well: who gives up must not stop it.
        return await asyncio.shield(counting)

    def _age(self, question: str) -> float:
        known = self._known.get(question)
        return float("inf") if known is None else self._clock() - known.at

    def _begin(self, question: str, count: Callable[[], Awaitable[int]]) -> asyncio.Task[int]:
        async def counted() -> int:
            async with self._turns:
                at = self._clock()
                total = await count()
            self._keep(question, _Counted(total, at))
            return total

        def ended(task: asyncio.Task[int]) -> None:
            del self._counting[question]
            # Where nobody waits, nobody is told: the next one who asks tries again.
            if not task.cancelled():
                task.exception()

        task = self._counting[question] = asyncio.create_task(counted())
        task.add_done_callback(ended)
        return task

    def _keep(self, question: str, counted: _Counted) -> None:
        self._known.pop(question, None)
        if len(self._known) >= SIZE:
            del self._known[next(iter(self._known))]  # the one that was counted first
        self._known[question] = counted
