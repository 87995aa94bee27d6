"""Totals of long lists are counted once for all who ask, and never older than a minute."""

import asyncio
from collections.abc import Sequence

import pytest

from readapi.counts import AT_ONCE, FRESH, OLDEST, SIZE, Many
from readapi.errors import Unavailable


async def test_a_total_that_nobody_knows_is_waited_for() -> None:
    desk = Desk(20_000)

    total = await desk.ask()

    assert total == 20_000


async def test_all_who_ask_at_once_wait_for_one_count() -> None:
    desk = Desk(20_000)

    totals = await asyncio.gather(*(desk.ask() for _ in range(8)))

    assert (totals, desk.counts) == ([20_000] * 8, 1)


async def test_a_fresh_total_is_not_counted_again() -> None:
    desk = Desk(20_000, 20_001)
    await desk.ask()
    desk.now += FRESH

    total = await desk.ask()

    assert (total, desk.counts) == (20_000, 1)


async def test_a_total_that_is_not_fresh_is_shown_and_counted_again_meanwhile() -> None:
    desk = Desk(20_000, 20_001)
    await desk.ask()
    desk.now += FRESH + 1

    shown = [await desk.ask(), await desk.ask()]
    await desk.rest()

    assert (shown, await desk.ask(), desk.counts) == ([20_000] * 2, 20_001, 2)


async def test_a_total_that_is_too_old_is_not_shown() -> None:
    desk = Desk(20_000, 20_001)
    await desk.ask()
    desk.now += OLDEST + 1

    known, total = desk.many.knows("tickets"), await desk.ask()

    assert (known, total) == (False, 20_001)


async def test_who_gives_up_does_not_stop_the_count_for_others() -> None:
    desk = Desk(20_000)
    patient, hasty = (asyncio.create_task(desk.ask()) for _ in range(2))
    await asyncio.sleep(0)

    hasty.cancel()

    assert await patient == 20_000
    assert desk.counts == 1


async def test_a_count_that_fails_is_told_to_who_waits_and_tried_again() -> None:
    desk = Desk(Unavailable(), 20_000)

    with pytest.raises(Unavailable):
        await desk.ask()

    assert await desk.ask() == 20_000


async def test_a_count_that_fails_in_the_background_leaves_the_total_as_it_is() -> None:
    desk = Desk(20_000, Unavailable(), 20_001)
    await desk.ask()
    desk.now += FRESH + 1
    await desk.ask()
    await desk.rest()

    shown = await desk.ask()
    await desk.rest()

    assert (shown, await desk.ask()) == (20_000, 20_001)


async def test_few_are_counted_at_a_time() -> None:
    desk = Desk(*[20_000] * 5)

    await asyncio.gather(*(desk.ask(f"list {number}") for number in range(5)))

    assert desk.most_at_once == AT_ONCE


async def test_the_total_that_was_counted_first_is_forgotten_first() -> None:
    desk = Desk(*[20_000] * (SIZE + 1))

    for number in range(SIZE + 1):
        await desk.ask(f"list {number}")

    assert [desk.many.knows(f"list {number}") for number in (0, 1, SIZE)] == [False, True, True]


class Desk:
    """A list, what counting it gives in turn, and a clock that is set by hand."""

    def __init__(self, *totals: int | Unavailable) -> None:
        self.now = 0.0
        self.many = Many(clock=lambda: self.now)
        self.counts = 0
        self.most_at_once = 0
        self._at_once = 0
        self._totals: Sequence[int | Unavailable] = totals

    async def ask(self, question: str = "tickets") -> int:
        return await self.many.total(question, self._count)

    async def rest(self) -> None:
        """Let what goes on in the background come to its end."""
        for _ in range(5):
            await asyncio.sleep(0)

    async def _count(self) -> int:
        total = self._totals[self.counts]
        self.counts += 1
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        await asyncio.sleep(0)
        self._at_once -= 1
        if isinstance(total, Unavailable):
            raise total
        return total
