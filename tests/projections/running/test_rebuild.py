"""A view is rebuilt beside the live one, which answers all the while."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import msgspec
import psycopg
import pytest
from sqlalchemy import create_engine, func, select

from eventstore.feed import PollingFeed
from eventstore.log import Log, open_pool, scan
from projections.customers.customers import VIEW as CUSTOMERS
from projections.desk.groups import VIEW as GROUPS
from projections.desk.tickets import VIEW as TICKETS
from projections.desk.tickets import tickets
from projections.folding import Unapplicable
from projections.running import growth, session, swap
from projections.running import rebuild as rebuilding
from projections.running.hashes import hash_in
from projections.running.rebuild import RebuildRunning, Report, rebuild
from projections.running.worker import Worker
from projections.schema import status
from projections.search import VIEW as SEARCH
from projections.table import VIEWS
from projections.timeline import VIEW as TIMELINE
from projections.timeline import timeline_entries
from projections.view import View
from tests.conftest import Database
from tests.given import (
    EXAMPLES,
    commented,
    group_formed,
    opened,
)
from tests.projections.busy_desk import days
from tests.projections.given import append as append_to_log
from tests.projections.given import events, follow, position_of, stored
from tests.projections.running.rebuild_until import INSTANTS

LENGTH = len(EXAMPLES) + 300
"""Events in the log of the desk."""
CATALOGUE = """
    select c.oid::regclass::text, c.relkind, c.relpersistence, pg_get_userbyid(c.relowner),
           coalesce(pg_get_indexdef(c.oid), ''), coalesce(pg_get_constraintdef(k.oid), '')
      from pg_class c left join pg_constraint k on k.conindid = c.oid
     where c.relnamespace = 'rm'::regnamespace
     order by 1
"""


def catalogue(database: Database) -> list[tuple[str, ...]]:
    """Return everything there is in the schema of the read models, by name."""
    with psycopg.connect(database.url) as connection:
        return connection.execute(CATALOGUE).fetchall()


def schemas(database: Database) -> list[str]:
    with psycopg.connect(database.url) as connection:
        rows = connection.execute("select nspname from pg_namespace where nspname like 'rm%'")
        return [name for (name,) in rows]


async def hash_of(view: View, url: str) -> str:
    """Return the hash of a view as it stands."""
    async with await session.connect(url) as connection, connection.transaction():
        return await hash_in(connection, view)


@pytest.fixture
async def desk(views: Database) -> Database:
    """A database whose views are as old as its log of some hundred events."""
    append_to_log(views.url, [*events(*EXAMPLES), *days(300, open_tickets=20)])
    for view in VIEWS:
        await follow(view, views.url)
    return views


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
async def test_a_rebuilt_view_equals_the_live_one_byte_for_byte(desk: Database, view: View) -> None:
    before = [stored(desk.url, table) for table in view.tables]
    live = await hash_of(view, desk.url)

    report = await rebuild(view, desk.owner_url)

    assert [stored(desk.url, table) for table in view.tables] == before
    assert report.hash_before == report.hash_after == live == await hash_of(view, desk.url)
    assert report == Report(
        view=view.name,
        events=LENGTH,
        rows={table.name: len(rows) for table, rows in zip(view.tables, before, strict=True)},
        seconds=report.seconds,
        hash_before=live,
        hash_after=live,
        position=LENGTH,
    )


@pytest.mark.parametrize("view", [TICKETS, SEARCH], ids=lambda view: view.name)
async def test_it_makes_no_difference_how_the_log_is_cut_into_pages(
    desk: Database, view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growth, "scan", partial(scan, page=17))
    monkeypatch.setattr(growth, "HELD_ROWS", 10)

    report = await rebuild(view, desk.owner_url)

    assert report.hash_before == report.hash_after


async def test_nothing_but_the_rows_is_different_afterwards(desk: Database) -> None:
    before = catalogue(desk)

    for view in VIEWS:
        await rebuild(view, desk.owner_url)
        await rebuild(view, desk.owner_url)

    assert catalogue(desk) == before
    assert schemas(desk) == ["rm"]


async def test_a_row_that_should_not_be_is_gone_and_the_hashes_say_so(desk: Database) -> None:
    right = await hash_of(TICKETS, desk.url)
    with psycopg.connect(desk.url) as connection:
        connection.execute("update rm.tickets set title = 'Forged' where ticket_number = 1")
    forged = await hash_of(TICKETS, desk.url)

    report = await rebuild(TICKETS, desk.owner_url)

    assert report.hash_before == forged != right
    assert report.hash_after == await hash_of(TICKETS, desk.url) == right


async def test_a_hash_does_not_depend_on_the_order_of_the_rows(desk: Database) -> None:
    before = await hash_of(TICKETS, desk.url)

    with psycopg.connect(desk.url) as connection:
        # Each goes to the end of the table, last numbers first.
        connection.execute(
            "with gone as (delete from rm.tickets returning *)"
            " insert into rm.tickets select * from gone order by ticket_number desc"
        )

    assert await hash_of(TICKETS, desk.url) == before


async def test_a_view_that_lags_behind_is_rebuilt_to_where_it_is(desk: Database) -> None:
    append_to_log(desk.url, [group_formed(name="Late").event(6)])

    report = await rebuild(GROUPS, desk.owner_url)

    assert report.position == position_of(GROUPS, desk.url) == LENGTH
    assert report.hash_before == report.hash_after


async def test_a_view_that_is_ahead_of_a_restored_log_is_rebuilt_to_its_head(
    desk: Database,
) -> None:
    right = await hash_of(GROUPS, desk.url)
    with psycopg.connect(desk.url) as connection:
        connection.execute("update rm.checkpoints set position = position + 5000")

    report = await asyncio.wait_for(rebuild(GROUPS, desk.owner_url), timeout=30)

    assert report.position == position_of(GROUPS, desk.url) == LENGTH
    assert (report.hash_before, report.hash_after) == (None, right)
    assert not status(desk.url, [GROUPS])[0].needs_rebuild


async def test_a_new_view_is_filled_up_to_the_head_of_the_log(database: Database) -> None:
    append_to_log(database.url, events(*EXAMPLES))

    report = await rebuild(CUSTOMERS, database.owner_url)

    assert (report.hash_before, report.position) == (None, len(EXAMPLES))
    assert len(stored(database.url, CUSTOMERS.tables[0])) == 1


async def test_a_view_of_another_shape_takes_the_place_of_the_old_one(desk: Database) -> None:
    newer = msgspec.structs.replace(TICKETS, shape=TICKETS.shape + 1)
    with psycopg.connect(desk.url) as connection:
        connection.execute("alter table rm.tickets drop column category")

    report = await rebuild(newer, desk.owner_url)

    assert report.hash_before is None
    assert not status(desk.url, [newer])[0].needs_rebuild
    assert status(desk.url, [TICKETS])[0].needs_rebuild
    assert {row["category"] for row in stored(desk.url, tickets)} > {"hardware"}


async def test_an_event_that_can_not_be_applied_leaves_the_live_view_alone(
    desk: Database,
) -> None:
    before = await hash_of(TICKETS, desk.url)
    strict = msgspec.structs.replace(TICKETS, apply=lambda *_: 1 / 0)

    with pytest.raises(Unapplicable):
        await rebuild(strict, desk.owner_url)

    assert await hash_of(TICKETS, desk.url) == before
    assert (await rebuild(TICKETS, desk.owner_url)).hash_after == before


async def test_progress_is_told_up_to_the_end(desk: Database) -> None:
    told: list[tuple[int, int]] = []

    await rebuild(TICKETS, desk.owner_url, lambda position, goal: told.append((position, goal)))

    assert told[-1] == (LENGTH, LENGTH)


async def test_whoever_may_read_the_live_tables_may_read_the_new_ones(desk: Database) -> None:
    with psycopg.connect(desk.url) as connection:
        connection.execute("grant select on rm.tickets to public")

    await rebuild(TICKETS, desk.owner_url)

    with psycopg.connect(desk.url) as connection:
        (granted,) = connection.execute(
            "select relacl::text from pg_class where oid = 'rm.tickets'::regclass"
        ).fetchone() or ("",)
    assert "=r/" in granted.split(",")[-1]


async def test_only_one_rebuild_of_a_view_runs_at_a_time(
    desk: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "PATIENCE", "10ms")

    async with await session.connect(desk.url) as connection:
        await connection.execute(rebuilding.ALONE, [TICKETS.name])
        with pytest.raises(RebuildRunning):
            await rebuild(TICKETS, desk.owner_url)
        await rebuild(GROUPS, desk.owner_url)


async def test_a_worker_waits_while_the_tables_are_replaced_and_goes_on(
    views: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = [opened, *[commented(body=f"No. {number}") for number in range(40)]]
    append_to_log(views.url, events(*facts))
    monkeypatch.setattr(rebuilding, "NEAR", 0)

    async with open_pool(views.url) as pool:
        stop = asyncio.Event()
        feed = PollingFeed(Log(pool), page=1, wait=0.001)
        working = asyncio.create_task(Worker([SEARCH], views.url, feed).run(stop))
        reports = [await rebuild(SEARCH, views.owner_url) for _ in range(4)]
        while position_of(SEARCH, views.url) < len(facts):
            await feed.next(0)
        stop.set()
        await working

    assert all(report.hash_before in (None, report.hash_after) for report in reports)
    assert [report.position for report in reports] == sorted(report.position for report in reports)
    last = await rebuild(SEARCH, views.owner_url)
    assert last.hash_before == last.hash_after


# Queries.


Query = Callable[[], Awaitable[int]]


@asynccontextmanager
async def asking(*queries: Query) -> AsyncIterator[list[int]]:
    """Ask all of these again and again meanwhile, and give the answers; a failure is raised."""
    answers: list[int] = []
    stop = asyncio.Event()

    async def ask(query: Query) -> None:
        while not stop.is_set():
            answers.append(await query())

    tasks = [asyncio.create_task(ask(query)) for query in queries]
    try:
        yield answers
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def test_no_query_fails_or_finds_too_little_while_a_view_is_rebuilt(desk: Database) -> None:
    count = len(stored(desk.url, tickets))
    rows = len(stored(desk.url, timeline_entries))
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(desk.url))
    joined = select(func.count()).select_from(
        timeline_entries.outerjoin(tickets, tickets.c.id == timeline_entries.c.record_id)
    )

    def ask_engine() -> int:
        with engine.connect() as connection:
            return int(connection.scalar(joined) or 0)

    async def by_engine() -> int:
        return await asyncio.to_thread(ask_engine)

    async with (
        await psycopg.AsyncConnection.connect(desk.url, autocommit=True) as prepared,
        await psycopg.AsyncConnection.connect(desk.url, autocommit=True) as cursors,
    ):

        async def by_prepared_statement() -> int:
            cursor = await prepared.execute(
                "select * from rm.tickets where version > %s", [0], prepare=True
            )
            return len(await cursor.fetchall()) + rows - count

        async def by_server_side_cursor() -> int:
            async with cursors.transaction(), cursors.cursor("paging") as cursor:
                await cursor.execute("select position from rm.timeline_entries")
                return len(await cursor.fetchall())

        async with asking(by_engine, by_prepared_statement, by_server_side_cursor) as answers:
            for _ in range(5):
                await rebuild(TICKETS, desk.owner_url)
                await rebuild(TIMELINE, desk.owner_url)
    engine.dispose()

    assert len(answers) > 30
    assert set(answers) == {rows}


async def test_a_query_that_does_not_end_is_waited_for_while_others_go_on(
    desk: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(swap, "PATIENCE", (0.01, 0.02))
    append_to_log(desk.url, days(20, open_tickets=1))
    attempts = 0
    reading = await psycopg.AsyncConnection.connect(desk.url)
    await reading.execute("select * from rm.tickets")

    async def let_go_in_the_end(*args: object) -> tuple[str | None, str]:
        nonlocal attempts
        attempts += 1
        await follow(TICKETS, desk.url)
        if attempts == 3:
            await reading.close()
        return await swap.swap(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(rebuilding, "swap", let_go_in_the_end)
    report = await rebuild(TICKETS, desk.owner_url)

    assert attempts == 3
    assert report.hash_before == report.hash_after


# Being killed.


@pytest.mark.parametrize("instant", INSTANTS)
async def test_a_rebuild_that_is_killed_has_changed_nothing(desk: Database, instant: str) -> None:
    before, names = await hash_of(SEARCH, desk.url), catalogue(desk)

    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.projections.running.rebuild_until", SEARCH.name, instant),
        env={**os.environ, "DATABASE": desk.owner_url},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"reached\n"
    process.kill()
    await process.wait()

    assert await hash_of(SEARCH, desk.url) == before
    assert catalogue(desk) == names
    report = await rebuild(SEARCH, desk.owner_url)
    assert report.hash_before == report.hash_after == before
    assert schemas(desk) == ["rm"]
