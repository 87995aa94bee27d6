"""Waiting for views, with checkpoints and pauses that a test decides about."""

import asyncio

from readapi.errors import Unavailable
from readapi.positions import Positions

VIEWS = ("tickets", "users")
A_WHILE = 10.0


class Checkpoints:
    """Checkpoints that move by one with every look, and the pauses between the looks."""

    def __init__(self, *, moving: bool = True, broken: int = 0) -> None:
        self.looks = 0
        self.pauses: list[float] = []
        self._moving = moving
        self._broken = broken

    async def read(self) -> dict[str, int]:
        self.looks += 1
        if self.looks <= self._broken:
            raise Unavailable
        return dict.fromkeys(VIEWS, self.looks if self._moving else 0)

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(0)


async def never() -> dict[str, int]:
    """Look at checkpoints without an end."""
    forever: asyncio.Future[dict[str, int]] = asyncio.get_running_loop().create_future()
    return await forever


async def test_views_are_looked_at_until_they_are_far_enough() -> None:
    checkpoints = Checkpoints()
    positions = Positions(checkpoints.read, checkpoints.pause)

    assert await positions.reach(VIEWS, 5, A_WHILE)
    assert checkpoints.looks == 5


async def test_what_was_seen_once_is_not_looked_at_again() -> None:
    checkpoints = Checkpoints()
    positions = Positions(checkpoints.read, checkpoints.pause)
    await positions.reach(VIEWS, 3, A_WHILE)

    assert await positions.reach(VIEWS, 2, A_WHILE)
    assert checkpoints.looks == 3


async def test_a_worker_that_tells_spares_the_look() -> None:
    checkpoints = Checkpoints()
    positions = Positions(checkpoints.read, checkpoints.pause)
    for view in VIEWS:
        positions.moved(view, 7)

    assert await positions.reach(VIEWS, 7, A_WHILE)
    assert checkpoints.looks == 0


async def test_a_worker_that_tells_wakes_who_waits() -> None:
    positions = Positions(never)
    waiting = asyncio.create_task(positions.reach(["tickets"], 7, A_WHILE))
    await asyncio.sleep(0)

    positions.moved("tickets", 7)

    assert await waiting


async def test_one_view_that_lags_keeps_all_waiting() -> None:
    positions = Positions(Checkpoints(moving=False).read)
    positions.moved("tickets", 7)

    assert not await positions.reach(VIEWS, 7, 0.01)


async def test_all_who_wait_share_one_look() -> None:
    checkpoints = Checkpoints()
    positions = Positions(checkpoints.read, checkpoints.pause)

    reached = await asyncio.gather(*(positions.reach(VIEWS, 5, A_WHILE) for _ in range(100)))

    assert all(reached)
    assert checkpoints.looks == 5


async def test_looks_become_rarer_while_nothing_moves() -> None:
    checkpoints = Checkpoints(moving=False)
    positions = Positions(checkpoints.read, checkpoints.pause)

    await positions.reach(VIEWS, 1, 0.01)

    assert checkpoints.pauses[:6] == [0.02, 0.04, 0.08, 0.16, 0.2, 0.2]


async def test_nobody_looks_when_nobody_waits_any_more() -> None:
    checkpoints = Checkpoints(moving=False)
    positions = Positions(checkpoints.read, checkpoints.pause)
    await positions.reach(VIEWS, 1, 0.01)
    await asyncio.sleep(0)
    looks = checkpoints.looks

    for _ in range(10):
        await asyncio.sleep(0)

    assert checkpoints.looks == looks


async def test_views_that_do_not_answer_are_looked_at_again() -> None:
    checkpoints = Checkpoints(broken=3)
    positions = Positions(checkpoints.read, checkpoints.pause)

    assert await positions.reach(VIEWS, 5, A_WHILE)
