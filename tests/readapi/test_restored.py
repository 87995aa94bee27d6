"""After a restore, what left the house before is true below the restored head, and gone beyond."""

from collections.abc import AsyncIterator

import psycopg
import pytest
import pytest_asyncio

from projections.schema import ensure
from readapi.cursors import START
from tests.conftest import Database
from tests.eventstore.restored import begin_epoch
from tests.readapi import world
from tests.readapi.client import Desk, serving
from tests.readapi.folding import fold_all


@pytest_asyncio.fixture(loop_scope="session")
async def restored(database: Database) -> AsyncIterator[tuple[Desk, int]]:
    """A desk whose log began epoch 2 after its customers, and the epoch's first position."""
    ensure(database.url)
    with psycopg.connect(database.url) as connection:
        world.write(connection, *world.customers())
    first = begin_epoch(database)
    with psycopg.connect(database.url) as connection:
        world.write(connection, *world.people())
    await fold_all(database.url)
    async with serving(database) as desk:
        yield desk, first


async def test_an_answer_tells_its_position_with_the_epoch(restored: tuple[Desk, int]) -> None:
    desk, _ = restored

    answer = await desk.as_(world.STAFF).answer("/groups")

    assert answer.headers["x-position"] == f"2-{await desk.log.head()}"


@pytest.mark.parametrize("path", ["/groups", f"/groups/{world.NETWORK}"])
async def test_a_position_that_was_given_again_is_gone(
    restored: tuple[Desk, int], path: str
) -> None:
    desk, first = restored

    answer = await desk.as_(world.STAFF).answer(path, status=410, Min_Position=str(first))

    assert answer.json() == {
        "type": "urn:psa:problem:PositionOutdated",
        "title": "Position outdated",
        "status": 410,
        "detail": f"X-Min-Position {first} is of before a restore: from {first} on, read anew and "
        "without it.",
        "errors": [],
    }


async def test_a_position_before_the_restored_end_is_still_true(
    restored: tuple[Desk, int],
) -> None:
    desk, first = restored

    answer = await desk.as_(world.STAFF).answer("/groups", Min_Position=str(first - 1))

    assert "x-stale-by" not in answer.headers


async def test_a_position_of_today_s_epoch_is_waited_for(restored: tuple[Desk, int]) -> None:
    desk, first = restored

    answer = await desk.as_(world.STAFF).answer("/groups", Min_Position=f"2-{first}")

    assert "x-stale-by" not in answer.headers


async def test_what_was_known_at_a_position_goes_by_its_epoch(
    restored: tuple[Desk, int],
) -> None:
    desk, first = restored
    path = f"/groups/{world.NETWORK}?as_of_position"

    answer = await desk.as_(world.STAFF).answer(f"{path}=2-{first + 100}")

    assert answer.json()["id"] == str(world.NETWORK)
    await desk.as_(world.STAFF).answer(f"{path}={first - 1}", status=404)
    await desk.as_(world.STAFF).answer(f"{path}={first + 100}", status=410)


async def test_a_timeline_tells_positions_as_they_can_be_sent(
    restored: tuple[Desk, int],
) -> None:
    desk, _ = restored

    page = await desk.as_(world.STAFF).get(f"/groups/{world.NETWORK}/timeline")

    shown = page["data"][0]["provenance"]
    assert shown["as_of_position"] == f"2-{shown['position']}"


async def test_a_cursor_of_before_a_restore_is_gone(database: Database) -> None:
    ensure(database.url)
    with psycopg.connect(database.url) as connection:
        world.write(connection, *world.customers())
    await fold_all(database.url)
    async with serving(database) as desk:
        page = await desk.as_(world.STAFF).get(f"/customers?limit=1&cursor={START}")
    begin_epoch(database)

    async with serving(database) as desk:
        answer = await desk.as_(world.STAFF).answer(page["links"]["next"], status=410)
        anew = await desk.as_(world.STAFF).get(f"/customers?limit=1&cursor={START}")
        await desk.as_(world.STAFF).get(anew["links"]["next"])

    assert answer.json()["detail"].startswith("The cursor that was sent is of before a restore")


@pytest.mark.parametrize("sent", ["x", "2-", "-3", "1.5", "12345678901234567890", "0-1"])
async def test_what_is_no_position_is_named(restored: tuple[Desk, int], sent: str) -> None:
    desk, _ = restored

    answer = await desk.as_(world.STAFF).answer("/groups", status=400, Min_Position=sent)

    assert [error["field"] for error in answer.json()["errors"]] == ["X-Min-Position"]
