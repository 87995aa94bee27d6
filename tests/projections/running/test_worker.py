"""A worker takes every event in once, whatever happens to it, its connection or its rivals."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from structlog.testing import capture_logs

from eventstore.mapper import PayloadInvalid
from eventstore.records import Recorded
from projections.desk.groups import VIEW as GROUPS
from projections.desk.tickets import VIEW as TICKETS
from projections.desk.tickets import tickets
from projections.folding import Unapplicable
from projections.rows import BatchRows
from projections.running import following, intake, ownership, worker
from projections.running.worker import Worker
from projections.schema import ensure, status
from projections.search import VIEW as SEARCH
from projections.search import search_documents, search_texts
from projections.table import VIEWS
from projections.view import Row, View
from tests.conftest import Database
from tests.given import (
    EXAMPLES,
    TICKET,
    Fact,
    assigned,
    commented,
    customer_registered,
    group_described,
    group_formed,
    opened,
    reopened,
    retitled,
    started,
)
from tests.projections.given import (
    Deliveries,
    Pages,
    broken,
    events,
    folded,
    follow,
    hearing,
    history,
    position_of,
    record,
    stored,
)
from tests.projections.given import append as append_to_log

Interruption = Callable[[], Awaitable[None]]

CONVERSATION = [opened, *[commented(body=f"No. {number}") for number in range(30)]]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "STANDBY_SECONDS", 0.01)
    monkeypatch.setattr(worker, "FIRST_PAUSE", 0.01)


def logged(database: Database, *facts: Fact) -> list[Recorded]:
    """Put these facts into the real log too: a view that is ahead of it is not followed."""
    append_to_log(database.url, events(*facts))
    return history(*facts)


def body_of_ticket(database: Database) -> str:
    """Return the texts of the ticket as the view holds them."""
    return texts_of(stored(database.url, search_texts))


def texts_of(rows: Sequence[Row]) -> str:
    return "\n".join(row["text"] for row in rows)


def interrupt(monkeypatch: pytest.MonkeyPatch, *interruptions: Interruption) -> None:
    """Let these happen, one in each of the first batches, when its rows are about to be written."""
    left = list(interruptions)

    class Interrupted(BatchRows):
        async def flush(self, connection: AsyncConnection[Any]) -> None:
            if left:
                await left.pop(0)()
            await super().flush(connection)

    monkeypatch.setattr(intake, "BatchRows", Interrupted)


class Stuck:
    """An interruption that does not end."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()

    async def __call__(self) -> None:
        self.entered.set()
        await asyncio.Event().wait()


def terminate_workers(database: Database) -> None:
    """End every session of the application that stands in a transaction or waits."""
    with psycopg.connect(database.url) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
            " and usename = current_user"
        )


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
async def test_what_was_recorded_is_remembered(views: Database, view: View) -> None:
    append_to_log(views.url, events(*EXAMPLES))

    feed = await follow(view, views.url, size=5)

    for table in view.tables:
        assert len(stored(views.url, table)) == len(folded(view, *EXAMPLES).all(table))
    assert position_of(view, views.url) == len(EXAMPLES)
    assert feed.acknowledged[-1] == len(EXAMPLES)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
async def test_a_batch_that_is_delivered_twice_changes_nothing(views: Database, view: View) -> None:
    batch = logged(views, *EXAMPLES)
    once = Deliveries(batch)
    await Worker([view], views.url, once).run(once.stop)
    before = [stored(views.url, table) for table in view.tables]

    again = Deliveries(batch, batch[3:], batch)
    await Worker([view], views.url, again).run(again.stop)

    assert [stored(views.url, table) for table in view.tables] == before
    assert again.acknowledged == []


async def test_a_batch_that_overlaps_is_taken_in_from_where_it_is_new(views: Database) -> None:
    batch = history(*CONVERSATION)
    feed = Deliveries(batch[:10], batch[5:20], batch)

    await Worker([SEARCH], views.url, feed).run(feed.stop)

    assert body_of_ticket(views) == texts_of(folded(SEARCH, *CONVERSATION).all(search_texts))
    assert feed.acknowledged == [10, 20, len(batch)]


async def test_events_of_other_aggregates_only_move_the_checkpoint(views: Database) -> None:
    unknown = record(group_formed.event(), 2)
    feed = Deliveries([*history(customer_registered), broken(unknown)])

    await Worker([TICKETS], views.url, feed).run(feed.stop)

    assert position_of(TICKETS, views.url) == 2
    assert stored(views.url, tickets) == []


async def test_a_worker_whose_session_ends_in_a_batch_loses_and_doubles_nothing(
    views: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = Pages(logged(views, *CONVERSATION), size=7)

    async def terminate() -> None:
        terminate_workers(views)

    interrupt(monkeypatch, terminate, terminate, terminate)
    with capture_logs() as logs:
        await Worker([SEARCH], views.url, feed).run(feed.stop)

    assert body_of_ticket(views) == texts_of(folded(SEARCH, *CONVERSATION).all(search_texts))
    assert position_of(SEARCH, views.url) == len(CONVERSATION)
    assert [line["event"] for line in logs].count("views_interrupted") == 3


async def test_a_worker_whose_session_ends_after_a_batch_doubles_nothing(views: Database) -> None:
    feed = Pages(logged(views, *CONVERSATION), size=7)
    moves: list[int] = []

    def moved(view: str, position: int) -> None:
        moves.append(position)
        terminate_workers(views)

    await Worker([SEARCH], views.url, feed, moved=moved).run(feed.stop)

    assert body_of_ticket(views) == texts_of(folded(SEARCH, *CONVERSATION).all(search_texts))
    assert moves == [7, 14, 21, 28, 31]


async def test_a_worker_that_is_cancelled_in_a_batch_leaves_nothing_of_it(
    views: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = Pages(history(*CONVERSATION))
    stuck = Stuck()

    interrupt(monkeypatch, stuck)
    task = asyncio.create_task(Worker([SEARCH], views.url, feed).run(feed.stop))
    await stuck.entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert stored(views.url, search_documents) == []
    assert position_of(SEARCH, views.url) == 0


async def test_a_worker_waits_for_a_postgres_that_does_not_answer(views: Database) -> None:
    feed = Pages(history(opened))
    nowhere = make_conninfo(views.url, host="/nowhere")

    with hearing("views_interrupted") as heard:
        task = asyncio.create_task(Worker([TICKETS], nowhere, feed).run(feed.stop))
        await heard.wait()
        feed.stop.set()
        await task

    assert position_of(TICKETS, views.url) == 0


async def test_a_worker_waits_for_a_schema_that_is_made_later(database: Database) -> None:
    feed = Pages(history(opened))

    with hearing("views_interrupted") as heard:
        task = asyncio.create_task(Worker([TICKETS], database.url, feed).run(feed.stop))
        await heard.wait()
        ensure(database.url)
        await task

    assert [row["id"] for row in stored(database.url, tickets)] == [TICKET]


async def test_the_second_worker_takes_over_when_the_first_one_is_gone(
    views: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = Stuck()
    batch = history(*CONVERSATION)
    first, second = Pages(batch), Pages(batch)

    interrupt(monkeypatch, stuck)
    working = asyncio.create_task(Worker([SEARCH], views.url, first).run(first.stop))
    await stuck.entered.wait()
    with hearing("view_has_another_worker") as heard:
        waiting = asyncio.create_task(Worker([SEARCH], views.url, second).run(second.stop))
        await heard.wait()
        assert position_of(SEARCH, views.url) == 0
        working.cancel()
        await waiting

    assert body_of_ticket(views) == texts_of(folded(SEARCH, *CONVERSATION).all(search_texts))


async def test_two_workers_at_once_take_every_event_in_once(
    views: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Both believe that they own the view, as after a split of the network.
    monkeypatch.setattr(ownership, "OWN", "select view from unnest(%s::text[]) as view")
    batch = logged(views, *CONVERSATION)
    moves: list[int] = []

    def moved(view: str, position: int) -> None:
        moves.append(position)

    feeds = [Pages(batch, size) for size in (1, 2, 3)]
    workers = [Worker([SEARCH], views.url, feed, moved=moved).run(feed.stop) for feed in feeds]
    with capture_logs() as logs:
        await asyncio.gather(*workers)

    assert body_of_ticket(views) == texts_of(folded(SEARCH, *CONVERSATION).all(search_texts))
    assert moves == sorted(set(moves))
    assert "checkpoint_moved" in [line["event"] for line in logs]


@pytest.mark.parametrize("size", [1, 2, 100])
async def test_an_event_that_can_not_be_applied_stops_the_worker_before_it(
    views: Database, size: int
) -> None:
    batch = history(opened, assigned, started, retitled)
    feed = Pages([*batch[:2], broken(batch[2]), batch[3]], size)

    with capture_logs() as logs, pytest.raises(Unapplicable) as refusal:
        await Worker([TICKETS], views.url, feed).run(feed.stop)

    assert position_of(TICKETS, views.url) == 2
    assert [row["status"] for row in stored(views.url, tickets)] == ["assigned"]
    assert isinstance(refusal.value.__cause__, PayloadInvalid)
    assert logs[-1] == {
        "event": "event_unapplicable",
        "log_level": "error",
        "view": "tickets",
        "position": 3,
        "topic": "ticket.started",
        "error": "PayloadInvalid",
    }


async def test_an_event_that_postgres_refuses_is_found_among_the_others(views: Database) -> None:
    endless = record(reopened(reopen_count=2**40).event(4), 4)
    batch = [*history(opened, assigned, started), endless, record(retitled.event(5), 5)]
    feed = Pages(batch)

    with pytest.raises(Unapplicable, match=r"event 4 \('ticket.reopened'\)"):
        await Worker([TICKETS], views.url, feed).run(feed.stop)

    assert position_of(TICKETS, views.url) == 3
    assert [row["status"] for row in stored(views.url, tickets)] == ["in_progress"]


async def test_a_worker_goes_on_once_the_event_can_be_applied(views: Database) -> None:
    batch = logged(views, opened, assigned, started, retitled)
    stuck = Pages([*batch[:2], broken(batch[2]), batch[3]])
    with pytest.raises(Unapplicable):
        await Worker([TICKETS], views.url, stuck).run(stuck.stop)

    feed = Pages(batch)
    await Worker([TICKETS], views.url, feed).run(feed.stop)

    assert [row["title"] for row in stored(views.url, tickets)] == ["All printers jam"]
    assert position_of(TICKETS, views.url) == 4


async def test_a_view_of_another_shape_is_left_alone(views: Database) -> None:
    newer = msgspec.structs.replace(TICKETS, shape=TICKETS.shape + 1)
    feed = Pages(history(opened))

    with hearing("view_needs_rebuild") as heard:
        task = asyncio.create_task(Worker([newer], views.url, feed).run(feed.stop))
        await heard.wait()
        feed.stop.set()
        await task

    assert position_of(TICKETS, views.url) == 0


async def test_the_worker_that_fits_a_view_is_not_locked_out_by_one_that_does_not(
    views: Database,
) -> None:
    newer = msgspec.structs.replace(TICKETS, shape=TICKETS.shape + 1)
    misfit, fit = Pages([]), Pages(history(opened))

    with hearing("view_needs_rebuild") as heard:
        waiting = asyncio.create_task(Worker([newer], views.url, misfit).run(misfit.stop))
        await heard.wait()
        async with asyncio.timeout(30):
            await Worker([TICKETS], views.url, fit).run(fit.stop)
        misfit.stop.set()
        await waiting

    assert position_of(TICKETS, views.url) == 1


async def test_a_view_that_is_ahead_of_a_restored_log_is_left_alone_even_when_it_grows(
    views: Database,
) -> None:
    with psycopg.connect(views.url) as connection:
        connection.execute("update rm.checkpoints set position = 1 where view = 'tickets'")

    async def refuses(standing: str) -> None:
        feed = Pages(history(opened, assigned))
        with hearing(standing) as heard:
            task = asyncio.create_task(Worker([TICKETS], views.url, feed).run(feed.stop))
            await heard.wait()
            feed.stop.set()
            await task

    await refuses("view_ahead_of_log")
    append_to_log(views.url, events(opened, assigned))
    await refuses("view_needs_rebuild")

    assert stored(views.url, tickets) == []
    assert status(views.url, [TICKETS])[0].needs_rebuild


async def test_whoever_waits_is_told_after_each_commit(views: Database) -> None:
    told: list[tuple[str, int, int]] = []

    def moved(view: str, position: int) -> None:
        told.append((view, position, position_of(GROUPS, views.url)))

    feed = Pages(history(group_formed, *[group_described] * 29), size=20)
    await Worker([GROUPS], views.url, feed, moved=moved).run(feed.stop)

    assert told == [("groups", 20, 20), ("groups", 30, 30)]
