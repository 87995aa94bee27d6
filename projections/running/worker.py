"""The worker: it follows the log and folds each batch into a group of views, in one transaction.

Each view of the group has its own checkpoint. One that can not go on, because it has to be
rebuilt, has another worker or does not take an event, is left out, and the others go on; one that
is far behind catches up beside them.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog

from eventstore.feed import Feed
from eventstore.rests import rest
from projections.folding import Unapplicable
from projections.running.following import Following
from projections.running.intake import Member, Moved
from projections.running.laggards import Laggards
from projections.running.session import TRANSIENT, account, connect
from projections.view import View

log = structlog.get_logger()

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0


class Worker:
    """Folds the log into a group of views; several may run, for each view one of them works."""

    def __init__(
        self,
        views: Sequence[View],
        conninfo: str,
        feed: Feed,
        backlog: Feed | None = None,
        *,
        moved: Moved | None = None,
    ) -> None:
        """Plan the work; `conninfo` leads to Postgres itself, not to a pool of transactions.

        Views far behind the others catch up from `backlog`, which is asked from several places
        at once; without one, the others wait for them. `moved` is called with a view's name and
        position after each commit.
        """
        self._views = list(views)
        self._conninfo = conninfo
        self._feed = feed
        self._backlog = backlog
        self._tell_position = moved
        self._pause = FIRST_PAUSE
        self._standings: dict[str, str] = {}
        self._refusals: list[Unapplicable] = []

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop, or until no view can go on.

        At the end raises `Unapplicable` for a view that did not take an event; all before that
        event is in.
        """
        while self._views and not stop.is_set():
            try:
                await self._serve(stop)
            except TRANSIENT as error:
                names = [view.name for view in self._views]
                log.warning("views_interrupted", views=names, **account(error))
                await rest(stop, self._pause)
                self._pause = min(2 * self._pause, LONGEST_PAUSE)
        if self._refusals:
            raise self._refusals[0]

    async def _serve(self, stop: asyncio.Event) -> None:
        laggards = None
        if self._backlog is not None:
            laggards = Laggards(self._conninfo, self._backlog, self._moved)
        async with await connect(self._conninfo) as connection:
            following = Following(
                connection,
                self._feed,
                laggards,
                moved=self._moved,
                tell=self._tell,
                refused=self._refuse,
            )
            await following.run(self._views, stop)

    def _moved(self, view: str, position: int) -> None:
        self._pause = FIRST_PAUSE
        if self._tell_position:
            self._tell_position(view, position)

    def _tell(self, view: View, standing: str) -> None:
        # Asked every second, told once.
        if standing != self._standings.get(view.name):
            log.info(standing, view=view.name)
        self._standings[view.name] = standing

    def _refuse(self, member: Member) -> None:
        assert member.refusal is not None
        self._views.remove(member.view)
        self._refusals.append(member.refusal)
        log.error(
            "event_unapplicable",
            view=member.view.name,
            position=member.refusal.recorded.position,
            topic=member.refusal.recorded.topic,
            error=type(member.refusal.__cause__).__name__,
        )
