"""An answer waits for what its caller wants to see, and says how stale it is."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
import pytest_asyncio

from projections.desk import groups
from projections.schema import ensure
from tests.conftest import Database
from tests.readapi import world
from tests.readapi.client import Desk, serving
from tests.readapi.folding import fold_all


@pytest_asyncio.fixture(loop_scope="session")
async def behind(database: Database) -> AsyncIterator[tuple[Desk, int]]:
    """A desk whose log is ahead of all its views, and the log's last position."""
    ensure(database.url)
    with psycopg.connect(database.url) as connection:
        world.write(connection, *world.people())
    async with serving(database) as desk:
        yield desk, await desk.log.head()


async def test_an_answer_in_time_shows_what_was_waited_for(
    behind: tuple[Desk, int], database: Database
) -> None:
    desk, head = behind
    asking = asyncio.create_task(
        desk.as_(world.STAFF).answer("/groups", Min_Position=str(head), Max_Wait_Ms="10000")
    )

    await fold_all(database.url, [groups.VIEW])
    answer = await asking

    assert answer.json()["meta"]["total"] == 2
    assert answer.headers["x-position"] == str(head)
    assert "x-stale-by" not in answer.headers


async def test_an_answer_too_late_says_how_stale_it_is(behind: tuple[Desk, int]) -> None:
    desk, head = behind

    answer = await desk.as_(world.STAFF).answer("/groups", Min_Position=str(head), Max_Wait_Ms="30")

    assert answer.json()["data"] == []
    assert answer.headers["x-position"] == "0"
    assert answer.headers["x-stale-by"] == str(head)


async def test_a_record_that_is_not_shown_yet_says_how_stale_its_absence_is(
    behind: tuple[Desk, int],
) -> None:
    desk, head = behind

    answer = await desk.as_(world.STAFF).answer(
        f"/groups/{world.NETWORK}", status=404, Min_Position=str(head), Max_Wait_Ms="0"
    )

    assert answer.headers["x-stale-by"] == str(head)


async def test_a_position_that_the_log_does_not_have_is_not_waited_for(
    behind: tuple[Desk, int],
) -> None:
    desk, head = behind

    async with asyncio.timeout(5):
        answer = await desk.as_(world.STAFF).answer(
            "/groups", Min_Position=str(head + 1), Max_Wait_Ms="10000"
        )

    assert answer.headers["x-stale-by"] == str(head + 1)


async def test_who_does_not_ask_for_a_position_does_not_wait(behind: tuple[Desk, int]) -> None:
    desk, _ = behind

    answer = await desk.as_(world.STAFF).answer("/groups", Max_Wait_Ms="10000")

    assert answer.headers["x-position"] == "0"
    assert "x-stale-by" not in answer.headers


async def test_the_past_is_never_waited_for(behind: tuple[Desk, int]) -> None:
    desk, head = behind

    answer = await desk.as_(world.STAFF).answer(
        f"/groups/{world.NETWORK}?as_of=2030-01-01", Min_Position=str(head), Max_Wait_Ms="10000"
    )

    assert answer.headers["x-position"] == str(head)


async def test_an_answer_is_as_old_as_the_oldest_view_behind_it(
    behind: tuple[Desk, int], database: Database
) -> None:
    desk, head = behind
    await fold_all(database.url, [groups.VIEW])

    of_groups = await desk.as_(world.STAFF).answer("/groups")
    of_tickets = await desk.as_(world.STAFF).answer("/tickets")

    assert of_groups.headers["x-position"] == str(head)
    assert of_tickets.headers["x-position"] == "0"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Min_Position", "-1"),
        ("Min_Position", "soon"),
        ("Min_Position", "9" * 30),
        ("Min_Position", ""),
        ("Max_Wait_Ms", "10001"),
        ("Max_Wait_Ms", "1.5"),
    ],
)
async def test_a_header_that_makes_no_sense_is_refused_by_name(
    desk: Desk, name: str, value: str
) -> None:
    problem = await desk.as_(world.STAFF).get("/groups", status=400, **{name: value})

    assert [error["field"] for error in problem["errors"]] == [f"X-{name.replace('_', '-')}"]


async def test_views_that_do_not_answer_are_told_from_ones_that_are_empty(
    database: Database,
) -> None:
    async with serving(database) as desk:
        answer = await desk.as_(world.STAFF).answer("/groups", status=503)

    assert answer.headers["retry-after"] == "1"
    assert answer.json()["type"] == "urn:psa:problem:Unavailable"
