"""Following a group of views during one session: those at the front, and those behind them."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

import structlog
from psycopg import AsyncConnection

from eventstore.feed import Feed
from eventstore.rests import rest
from projections.running.intake import Intake, Member, Moved
from projections.running.laggards import Laggards
from projections.running.ownership import Ownership, Tell
from projections.view import View

log = structlog.get_logger()

STANDBY_SECONDS: Final = 1.0
"""After how long it is asked again whether a view that is not followed can be."""
NEAR: Final = 1_000
"""Events that the others of a group read once more for one that joins them."""


class Following:
    """The views of a group that one session follows."""

    def __init__(
        self,
        connection: AsyncConnection[Any],
        feed: Feed,
        laggards: Laggards | None,
        *,
        moved: Moved,
        tell: Tell,
        refused: Callable[[Member], None],
    ) -> None:
        """Begin with none; `refused` is called with a view that can not go on."""
        self._feed = feed
        self._ownership = Ownership(connection, tell)
        self._intake = Intake(connection, moved)
        self._laggards = laggards
        self._refused = refused
        self._members: list[Member] = []
        self._look_at = 0.0

    async def run(self, views: Sequence[View], stop: asyncio.Event) -> None:
        """Follow what can be followed of these views, until told to stop or none is left."""
        left = list(views)
        try:
            while left and not stop.is_set():
                await self._gather(left)
                if self._members:
                    await self._advance()
                else:
                    await rest(stop, STANDBY_SECONDS)
                await self._settle(left)
        finally:
            if self._laggards:
                await self._laggards.stop()

    async def _gather(self, views: Sequence[View]) -> None:
        """Take in those that can be followed now, and send away those far behind the others."""
        known = {member.view.name for member in self._members}
        known |= {member.view.name for member in (self._laggards.members if self._laggards else ())}
        missing = [view for view in views if view.name not in known]
        now = asyncio.get_running_loop().time()
        if missing and (now >= self._look_at or not self._members):
            self._look_at = now + STANDBY_SECONDS
            self._members += await self._ownership.take(missing)
        if self._laggards:
            behind = [member for member in self._members if not self._is_near(member.position)]
            if behind:
                self._members = [member for member in self._members if member not in behind]
                self._laggards.send(behind, self._is_near)

    def _is_near(self, position: int) -> bool:
        """Tell whether a view at this position can go on with the others."""
        front = max((member.position for member in self._members), default=0)
        return front - position <= NEAR

    async def _advance(self) -> None:
        after = min(member.position for member in self._members)
        delivered = await self._feed.next(after)
        # A feed may deliver twice: after a crash, or when the broker was not sure.
        if events := [event for event in delivered if event.position > after]:
            await self._intake.take_in(self._members, events)
            if followed := [member for member in self._members if member.is_followed]:
                await self._feed.acknowledge(min(member.position for member in followed))

    async def _settle(self, views: list[View]) -> None:
        """Welcome back who has caught up, and let go of who can not be followed."""
        if self._laggards:
            self._members += self._laggards.returned()
        for member in [member for member in self._members if not member.is_followed]:
            self._members.remove(member)
            if member.refusal is None:
                # By another worker, or by a rebuild that is just replacing the tables.
                log.warning("checkpoint_moved", view=member.view.name)
            else:
                views.remove(member.view)
                await self._ownership.give_back([member.view])
                self._refused(member)
