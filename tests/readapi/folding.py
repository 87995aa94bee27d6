"""Bringing views up to date in a test, without a broker."""

from collections.abc import Sequence

from eventstore.feed import Opening
from eventstore.log import Log, open_pool
from projections.running.worker import Worker
from projections.table import VIEWS
from projections.view import View
from tests.projections.given import Pages


async def fold_all(
    conninfo: str, views: Sequence[View] = VIEWS, vault: Opening | None = None
) -> None:
    """Fold the whole log into these views; `vault` opens what is encrypted."""
    async with open_pool(conninfo, size=1) as pool:
        events = await Log(pool, vault).read_all(0, 100_000)
    for view in views:
        feed = Pages(events, size=1_000)
        await Worker([view], conninfo, feed).run(feed.stop)
