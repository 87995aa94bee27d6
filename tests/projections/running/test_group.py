"""Views that are followed as a group go on together, and none is stopped by another one."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import psycopg
import pytest
from psycopg import AsyncConnection
from structlog.testing import capture_logs

from domain.base import Event
from eventstore.feed import PollingFeed
from eventstore.log import Log, open_pool
from eventstore.mapper import decode
from eventstore.records import Recorded
from projections import checkpoints, folding
from projections.folding import Batch, Unapplicable
from projections.rows import BatchRows
from projections.running import following, intake, session, worker
from projections.running.rebuild import rebuild
from projections.running.worker import Worker
from projections.schema import ensure
from projections.table import VIEWS, grouped
from projections.view import Rows, View
from tests.conftest import Database
from tests.given import EXAMPLES, TICKET, commented, customer_registered, opened
from tests.projections.given import (
    Pages,
    append,
    broken,
    events,
    folded,
    hearing,
    history,
    position_of,
    stored,
)
from tests.projections.synthetic import counting

TICKETS = counting("counted_tickets", "ticket")
CUSTOMERS = counting("counted_customers", "customer")
BOTH = counting("counted_both", "customer", "ticket")
GROUP = (TICKETS, CUSTOMERS, BOTH)
FACTS = [opened, customer_registered, *[commented(body=f"No. {n}") for n in range(28)]]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "STANDBY_SECONDS", 0.01)
    monkeypatch.setattr(worker, "FIRST_PAUSE", 0.01)


@pytest.fixture
def desk(database: Database) -> Database:
    """A database with the empty views of the group, and some events."""
    ensure(database.url, GROUP)
    append(database.url, events(*FACTS))
    return database


class Positions:
    """Where the views of a running worker have come to."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int]] = []
        self._moved = asyncio.Event()

    def moved(self, view: str, position: int) -> None:
        self.told.append((view, position))
        self._moved.set()

    def of(self, view: View) -> list[int]:
        """Return the positions that were told of a view, in order."""
        return [position for name, position in self.told if name == view.name]

    async def reach(self, position: int, *views: View) -> None:
        """Wait until each of these views has come to a position."""
        async with asyncio.timeout(60):
            while not all(position in self.of(view) for view in views):
                self._moved.clear()
                await self._moved.wait()


@asynccontextmanager
async def working(
    desk: Database,
    views: Sequence[View] = GROUP,
    *,
    page: int = 7,
    positions: Positions | None = None,
) -> AsyncIterator[Positions]:
    """Let a worker follow the real log meanwhile."""
    stop, positions = asyncio.Event(), positions or Positions()
    async with open_pool(desk.url) as pool:
        log = Log(pool)
        feeds = [PollingFeed(log, page=page, wait=0.005) for _ in range(2)]
        task = asyncio.create_task(Worker(views, desk.url, *feeds, moved=positions.moved).run(stop))
        try:
            yield positions
        finally:
            stop.set()
            await task


def counts(desk: Database, view: View) -> list[int]:
    """Return how many events the view has taken in, of each aggregate."""
    return sorted(row["events"] for row in stored(desk.url, view.tables[0]))


def assert_nothing_lost_or_doubled(desk: Database, *more: Event) -> None:
    tickets = len(FACTS) - 1 + len(more)
    assert counts(desk, TICKETS) == [tickets]
    assert counts(desk, CUSTOMERS) == [1]
    assert counts(desk, BOTH) == [1, tickets]


def more_comments(desk: Database, number: int = 5) -> list[Event]:
    """Append comments to the ticket, one transaction each."""
    comments = [commented(body="Later").event(len(FACTS) + n) for n in range(number)]
    for comment in comments:
        append(desk.url, [comment])
    return comments


def test_views_that_are_alone_form_no_group_and_all_others_form_one() -> None:
    *single, rest = [[view.name for view in group] for group in grouped(VIEWS)]

    assert single == [["tickets"], ["timeline"], ["search"]]
    assert rest == [view.name for view in VIEWS if not view.alone]
    assert grouped([view for view in VIEWS if view.name == "search"])[0][0].name == "search"


def test_a_group_is_read_in_the_order_of_the_log_whatever_the_views_want() -> None:
    batch = Batch(history(*FACTS))

    positions = [event.position for event in batch.relevant(BOTH, 0)]

    assert positions == list(range(1, len(FACTS) + 1))
    assert [event.position for event in batch.relevant(CUSTOMERS, 0)] == [2]
    assert batch.relevant(CUSTOMERS, 2) == []


async def test_every_view_of_a_group_takes_in_what_matters_to_it(desk: Database) -> None:
    async with working(desk) as positions:
        await positions.reach(len(FACTS), *GROUP)

    assert_nothing_lost_or_doubled(desk)
    assert positions.of(TICKETS) == positions.of(CUSTOMERS) == [7, 14, 21, 28, 30]


async def test_the_real_group_shows_what_single_views_would(database: Database) -> None:
    (group,) = (group for group in grouped(VIEWS) if len(group) > 1)
    ensure(database.url)
    append(database.url, events(*EXAMPLES))

    async with working(database, group, page=5) as positions:
        await positions.reach(len(EXAMPLES), *group)

    for view in group:
        for table in view.tables:
            assert len(stored(database.url, table)) == len(folded(view, *EXAMPLES).all(table))


async def test_an_event_is_decoded_once_for_all_views_and_not_at_all_for_none(
    desk: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[int] = []

    def counted(recorded: Recorded) -> Event:
        decoded.append(recorded.position)
        return decode(recorded)

    monkeypatch.setattr(folding, "decode", counted)
    views = [TICKETS, counting("counted_again", "ticket"), counting("counted_groups", "group")]
    ensure(desk.url, views)
    feed = Pages(history(*FACTS), size=7)
    await Worker(views, desk.url, feed).run(feed.stop)

    assert decoded == [position for position in range(1, len(FACTS) + 1) if position != 2]
    assert counts(desk, views[0]) == counts(desk, views[1]) == [len(FACTS) - 1]


# Views that can not go on.


async def test_a_view_that_needs_a_rebuild_is_left_out_until_it_fits(desk: Database) -> None:
    newer = msgspec.structs.replace(TICKETS, shape=2)
    views = (newer, CUSTOMERS, BOTH)

    with hearing("view_needs_rebuild") as heard:
        async with working(desk, views) as positions:
            await positions.reach(len(FACTS), CUSTOMERS, BOTH)
            await heard.wait()
            alone = position_of(TICKETS, desk.url)
            await rebuild(newer, desk.owner_url)
            more = more_comments(desk)
            await positions.reach(len(FACTS) + len(more), *views)

    assert alone == 0
    assert_nothing_lost_or_doubled(desk, *more)


async def test_a_view_that_is_ahead_of_a_restored_log_does_not_stop_the_others(
    desk: Database,
) -> None:
    with psycopg.connect(desk.url) as connection:
        connection.execute(
            "update rm.checkpoints set position = 5000 where view = %s", [TICKETS.name]
        )

    with capture_logs() as logs:
        async with working(desk) as positions:
            await positions.reach(len(FACTS), CUSTOMERS, BOTH)

    assert "view_ahead_of_log" in [line["event"] for line in logs]
    assert counts(desk, TICKETS) == []
    assert counts(desk, BOTH) == [1, len(FACTS) - 1]


async def test_a_checkpoint_that_was_moved_elsewhere_does_not_stop_the_others(
    desk: Database,
) -> None:
    batch = history(*FACTS)

    class Meddling(Pages):
        async def next(self, after: int) -> list[Recorded]:
            if after == 14:
                # As another worker would, which has taken in all up to there.
                meddler = Pages(batch[:20])
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(
                        "projections.running.ownership.OWN",
                        "select view from unnest(%s::text[]) as view",
                    )
                    await Worker([BOTH], desk.url, meddler).run(meddler.stop)
            return await super().next(after)

    feed = Meddling(batch, size=7)
    with capture_logs() as logs:
        await Worker(GROUP, desk.url, feed).run(feed.stop)

    assert_nothing_lost_or_doubled(desk)
    assert "checkpoint_moved" in [line["event"] for line in logs]


@pytest.mark.parametrize("size", [1, 7, 100])
async def test_a_poisoned_event_stops_only_the_views_that_can_not_take_it(
    desk: Database, size: int
) -> None:
    def refuse(_: Event, recorded: Recorded, __: Rows) -> None:
        if recorded.position == 12:
            raise ZeroDivisionError

    strict = counting(BOTH.name, "customer", "ticket", before=refuse)
    feed = Pages(history(*FACTS), size)

    with capture_logs() as logs, pytest.raises(Unapplicable, match=r"'counted_both'.* 12 "):
        await Worker([TICKETS, strict, CUSTOMERS], desk.url, feed).run(feed.stop)

    assert counts(desk, TICKETS) == [len(FACTS) - 1]
    assert counts(desk, CUSTOMERS) == [1]
    assert counts(desk, BOTH) == [1, 10]
    assert [position_of(view, desk.url) for view in GROUP] == [len(FACTS), len(FACTS), 11]
    (line,) = (line for line in logs if line["event"] == "event_unapplicable")
    assert (line["view"], line["position"], line["error"]) == (BOTH.name, 12, "ZeroDivisionError")


async def test_an_event_that_nobody_can_read_stops_the_views_that_want_it_and_no_others(
    desk: Database,
) -> None:
    batch = history(*FACTS)
    feed = Pages([*batch[:11], broken(batch[11]), *batch[12:]])

    with pytest.raises(Unapplicable):
        await Worker(GROUP, desk.url, feed).run(feed.stop)

    assert [position_of(view, desk.url) for view in GROUP] == [11, len(FACTS), 11]
    assert counts(desk, TICKETS) == [10]


async def test_a_group_ends_when_none_of_its_views_can_go_on(desk: Database) -> None:
    stop = asyncio.Event()
    feed = Pages([broken(history(opened)[0])])

    with pytest.raises(Unapplicable):
        await Worker([TICKETS, BOTH], desk.url, feed).run(stop)

    assert not stop.is_set()


async def test_another_program_may_have_the_view_that_this_one_can_not_follow(
    desk: Database,
) -> None:
    newer = msgspec.structs.replace(TICKETS, shape=2)

    with hearing("view_needs_rebuild") as heard:
        async with working(desk, (newer, CUSTOMERS)) as ours:
            await heard.wait()
            async with working(desk, (TICKETS, CUSTOMERS)) as theirs:
                await theirs.reach(len(FACTS), TICKETS)
                await ours.reach(len(FACTS), CUSTOMERS)

    assert counts(desk, TICKETS) == [len(FACTS) - 1]
    assert counts(desk, CUSTOMERS) == [1]


# Views that stand at different positions.


async def test_a_view_a_little_behind_joins_the_others_and_nothing_is_taken_in_twice(
    desk: Database,
) -> None:
    feed = Pages(history(*FACTS)[:20], size=7)
    await Worker([TICKETS], desk.url, feed).run(feed.stop)

    async with working(desk) as positions:
        await positions.reach(len(FACTS), *GROUP)

    assert_nothing_lost_or_doubled(desk)
    assert min(positions.of(TICKETS)) > 20


async def test_a_view_far_behind_catches_up_without_holding_up_the_others(
    desk: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "NEAR", 3)
    let_go = asyncio.Event()
    feed = Pages(history(*FACTS))
    await Worker([TICKETS, BOTH], desk.url, feed).run(feed.stop)

    hold_up(monkeypatch, CUSTOMERS, let_go)
    async with working(desk) as positions:
        more = more_comments(desk)
        await positions.reach(len(FACTS) + len(more), TICKETS, BOTH)
        held_up = position_of(CUSTOMERS, desk.url)
        let_go.set()
        await positions.reach(len(FACTS) + len(more), CUSTOMERS)
        joined = more_comments_after(desk, more)
        await positions.reach(len(FACTS) + len(more) + 1, *GROUP)

    assert held_up == 0
    assert_nothing_lost_or_doubled(desk, *more, *joined)


def hold_up(monkeypatch: pytest.MonkeyPatch, view: View, until: asyncio.Event) -> None:
    """Let the view's rows not be written until then."""

    class Held(BatchRows):
        async def flush(self, connection: AsyncConnection[Any]) -> None:
            if view.tables[0] in self._tables:
                await until.wait()
            await super().flush(connection)

    monkeypatch.setattr(intake, "BatchRows", Held)


def more_comments_after(desk: Database, earlier: Sequence[Event]) -> list[Event]:
    comment = commented(body="Last").event(len(FACTS) + len(earlier))
    append(desk.url, [comment])
    return [comment]


@pytest.mark.parametrize("near", [0, 1, 10])
async def test_views_that_start_anywhere_end_alike(
    desk: Database, monkeypatch: pytest.MonkeyPatch, near: int
) -> None:
    monkeypatch.setattr(following, "NEAR", near)
    for view, upto in zip(GROUP, (26, 3, 14), strict=True):
        feed = Pages(history(*FACTS)[:upto])
        await Worker([view], desk.url, feed).run(feed.stop)

    async with working(desk, page=4) as positions:
        more = more_comments(desk)
        await positions.reach(len(FACTS) + len(more), *GROUP)

    assert_nothing_lost_or_doubled(desk, *more)
    assert all(positions.of(view) == sorted(set(positions.of(view))) for view in GROUP)


async def test_a_poisoned_event_is_found_while_a_view_catches_up(
    desk: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "NEAR", 3)

    def refuse(_: Event, recorded: Recorded, __: Rows) -> None:
        if recorded.position == 5:
            raise ZeroDivisionError

    strict = counting(CUSTOMERS.name, "ticket", before=refuse)
    feed = Pages(history(*FACTS))
    await Worker([TICKETS, BOTH], desk.url, feed).run(feed.stop)

    async def go_on_without_it() -> None:
        async with working(desk, (TICKETS, strict, BOTH)) as positions:
            await heard.wait()
            await positions.reach(len(FACTS) + len(more_comments(desk)), TICKETS, BOTH)

    with hearing("event_unapplicable") as heard, pytest.raises(Unapplicable):
        await go_on_without_it()

    assert position_of(strict, desk.url) == 4


# Rebuilds, rivals and sudden ends.


async def test_a_rebuild_takes_turns_with_the_worker_of_the_group(desk: Database) -> None:
    async with working(desk, page=1) as positions:
        reports = [await rebuild(view, desk.owner_url) for _ in range(2) for view in GROUP]
        more = more_comments(desk)
        await positions.reach(len(FACTS) + len(more), *GROUP)

    assert all(report.hash_before in (None, report.hash_after) for report in reports)
    assert_nothing_lost_or_doubled(desk, *more)
    for view in GROUP:
        last = await rebuild(view, desk.owner_url)
        assert last.hash_before == last.hash_after


async def test_a_view_whose_tables_are_just_being_replaced_does_not_hold_up_the_others(
    desk: Database,
) -> None:
    async with (
        await session.connect(desk.url) as rebuilding,
        working(desk) as positions,
    ):
        await positions.reach(len(FACTS), *GROUP)
        async with rebuilding.transaction():
            await rebuilding.execute(
                "select from rm.checkpoints where view = %s for update", [TICKETS.name]
            )
            more = more_comments(desk)
            await positions.reach(len(FACTS) + len(more), CUSTOMERS, BOTH)
            held = position_of(TICKETS, desk.url)
        await positions.reach(len(FACTS) + len(more), TICKETS)

    assert held == len(FACTS)
    assert_nothing_lost_or_doubled(desk, *more)


async def test_two_workers_share_the_views_and_take_every_event_in_once(desk: Database) -> None:
    positions = Positions()
    ours = working(desk, page=2, positions=positions)
    theirs = working(desk, page=3, positions=positions)

    async with ours, theirs:
        await positions.reach(len(FACTS), *GROUP)

    assert len(positions.told) == len(set(positions.told))
    assert_nothing_lost_or_doubled(desk)


@pytest.mark.parametrize("instant", ["the checkpoints are moved", "a view is written", "commit"])
async def test_a_worker_that_is_killed_at_any_instant_leaves_all_views_where_they_were(
    desk: Database, monkeypatch: pytest.MonkeyPatch, instant: str
) -> None:
    stuck = asyncio.Event()
    stand_still(monkeypatch, instant, stuck)
    feed = Pages(history(*FACTS), size=7)
    killed = asyncio.create_task(Worker(GROUP, desk.url, feed).run(feed.stop))
    await stuck.wait()
    killed.cancel()
    await asyncio.wait([killed])
    left = [position_of(view, desk.url) for view in GROUP]
    monkeypatch.undo()

    async with working(desk) as positions:
        await positions.reach(len(FACTS), *GROUP)

    assert left == [7, 7, 7] if instant == "commit" else left == [0, 0, 0]
    assert_nothing_lost_or_doubled(desk)


def stand_still(monkeypatch: pytest.MonkeyPatch, instant: str, stuck: asyncio.Event) -> None:
    """Let the worker stand still for good once it has done this."""
    owner, name = {
        "the checkpoints are moved": (checkpoints, "move"),
        "a view is written": (BatchRows, "flush"),
        "commit": (intake.Intake, "take_in"),
    }[instant]
    done: Callable[..., Any] = getattr(owner, name)

    async def stand(*args: Any) -> None:
        await done(*args)
        stuck.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(owner, name, stand)


async def test_a_worker_whose_session_ends_while_a_view_catches_up_loses_nothing(
    desk: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "NEAR", 3)
    feed = Pages(history(*FACTS))
    await Worker([TICKETS], desk.url, feed).run(feed.stop)
    ended = 0

    class Ending(BatchRows):
        async def flush(self, connection: AsyncConnection[Any]) -> None:
            nonlocal ended
            if ended < 3:
                ended += 1
                with psycopg.connect(desk.url) as own:
                    own.execute(
                        "select pg_terminate_backend(pid) from pg_stat_activity"
                        " where datname = current_database() and pid <> pg_backend_pid()"
                        " and usename = current_user"
                    )
            await super().flush(connection)

    monkeypatch.setattr(intake, "BatchRows", Ending)
    async with working(desk) as positions:
        await positions.reach(len(FACTS), CUSTOMERS, BOTH)

    assert ended == 3
    assert_nothing_lost_or_doubled(desk)
    assert [row["id"] for row in stored(desk.url, TICKETS.tables[0])] == [TICKET]
