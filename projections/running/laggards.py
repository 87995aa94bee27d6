"""Views that are far behind the others of their group, catching up beside them."""

import asyncio
from collections.abc import Callable, Sequence

import structlog

from eventstore.feed import Feed
from projections.running.intake import Intake, Member, Moved
from projections.running.session import TRANSIENT, account, connect

log = structlog.get_logger()


class Laggards:
    """Those that were found behind at one time go on together, on a connection of their own.

    They are owned by the session of the group; should that end unnoticed, their checkpoints
    decide, as among any two workers.
    """

    def __init__(self, conninfo: str, feed: Feed, moved: Moved) -> None:
        """Read from `feed`, which several may ask at once, from different positions."""
        self._conninfo = conninfo
        self._feed = feed
        self._moved = moved
        self._tasks: dict[asyncio.Task[None], Sequence[Member]] = {}

    @property
    def members(self) -> list[Member]:
        """Those that have not come back yet."""
        return [member for members in self._tasks.values() for member in members]

    def send(self, members: Sequence[Member], is_near: Callable[[int], bool]) -> None:
        """Let these catch up until they are near, at the end of the log, or can not go on."""
        task = asyncio.create_task(self._catch_up(members, is_near))
        self._tasks[task] = members

    def returned(self) -> list[Member]:
        """Return those that have come back since; raises what nobody expected."""
        done = [task for task in self._tasks if task.done()]
        back = [(task, self._tasks.pop(task)) for task in done]
        for task, _ in back:
            task.result()
        return [member for _, members in back for member in members]

    async def stop(self) -> None:
        """Leave them where they are."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _catch_up(self, members: Sequence[Member], is_near: Callable[[int], bool]) -> None:
        try:
            async with await connect(self._conninfo) as connection:
                await self._follow(Intake(connection, self._moved), members, is_near)
        except TRANSIENT as error:
            log.warning("laggards_interrupted", **account(error))
            for member in members:
                member.stands_aside = True

    async def _follow(
        self, intake: Intake, members: Sequence[Member], is_near: Callable[[int], bool]
    ) -> None:
        while followed := [member for member in members if member.is_followed]:
            after = min(member.position for member in followed)
            if is_near(after):
                return
            delivered = await self._feed.next(after)
            events = [event for event in delivered if event.position > after]
            if not events:
                return
            await intake.take_in(followed, events)
