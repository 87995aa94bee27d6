"""The contract of where snapshots are kept, in memory and in the database."""

import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from eventstore.log import open_pool
from eventstore.snapshots import table
from eventstore.snapshots.table import DROP, Snapshot, Table
from tests.conftest import Database
from tests.eventstore.given import OTHER_TICKET, TICKET
from tests.eventstore.snapshots.fakes import MemoryTable

KEPT = Snapshot(TICKET, 900, 4711, UUID(int=900), b"code", b'{"kind":"ticket"}')
WRITER = """
import asyncio, sys
from uuid import UUID
from eventstore.log import open_pool
from eventstore.snapshots.table import Snapshot, Table

async def write():
    async with open_pool(sys.argv[1], size=1) as pool:
        for n in range(1, 1_000_000):
            state = bytes([n % 256]) * 200_000
            await Table(pool).keep(Snapshot(UUID(int=1), n, n, UUID(int=n), b"code", state), 0.0)
            print(n, flush=True)

asyncio.run(write())
"""


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.servers)])
async def kept(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Any, Any]]:
    """The table, and what drops all snapshots in it."""
    if request.param == "memory":
        memory = MemoryTable()
        yield memory, memory.drop
        return
    database: Database = request.getfixturevalue("database")
    async with open_pool(database.url, size=2) as pool:
        yield Table(pool), lambda: table.drop(database.url)


async def test_a_record_of_which_none_was_taken_has_no_snapshot(kept: tuple[Any, Any]) -> None:
    there, _ = kept

    assert await there.find(TICKET) is None


async def test_a_snapshot_is_found_as_it_was_kept(kept: tuple[Any, Any]) -> None:
    there, _ = kept

    assert await there.keep(KEPT, 0.0)

    assert await there.find(TICKET) == (UUID(int=900), b"code", b'{"kind":"ticket"}')
    assert await there.find(OTHER_TICKET) is None


async def test_of_a_record_the_last_one_is_kept(kept: tuple[Any, Any]) -> None:
    there, _ = kept
    await there.keep(KEPT, 0.0)

    # A log that was restored to an earlier time has fewer events: what was later is of no use.
    assert await there.keep(KEPT._replace(version=500, event_id=UUID(int=500)), 0.0)

    assert await there.find(TICKET) == (UUID(int=500), b"code", b'{"kind":"ticket"}')


async def test_all_of_them_can_be_dropped(kept: tuple[Any, Any]) -> None:
    there, drop = kept
    await there.keep(KEPT, 0.0)
    await there.keep(KEPT._replace(stream_id=OTHER_TICKET), 0.0)

    assert drop() == 2

    assert await there.find(TICKET) is None


async def test_what_was_read_before_they_were_dropped_does_not_come_back(
    kept: tuple[Any, Any],
) -> None:
    there, drop = kept
    drop()

    assert not await there.keep(KEPT, 60.0)

    assert await there.find(TICKET) is None


async def test_an_erasure_drops_them_with_their_file(database: Database) -> None:
    async with open_pool(database.url, size=1) as pool:
        await Table(pool).keep(KEPT, 0.0)
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        assert owner.execute(DROP).fetchone() == (1,)

        size = owner.execute("select pg_relation_size('es.snapshots')").fetchone()

    assert size == (0,)


def test_the_application_writes_them_in_no_other_way(database: Database) -> None:
    with psycopg.connect(database.url, autocommit=True) as connection:
        for statement in (
            "update es.snapshots set state = ''",
            "delete from es.snapshots",
            "truncate es.snapshots",
            "update es.snapshots_dropped set at = '2000-01-01'",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_they_are_in_no_backup_and_nothing_is_known_of_what_they_hold(database: Database) -> None:
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute("select es.keep_snapshot(%s, 1, 1, %s, '', 'Ada Lovelace', 0)", [TICKET] * 2)
        owner.execute("analyze es.snapshots")

        kind = owner.execute(
            "select relpersistence::text from pg_class where oid = 'es.snapshots'::regclass"
        ).fetchone()
        known = owner.execute("select attname from pg_stats where tablename = 'snapshots'")

        assert kind == ("u",)
        assert ("state",) not in known.fetchall()


def _killed_after(count: int, database: Database) -> list[int]:
    """Return what a process said that it had kept until it was killed."""
    command = [sys.executable, "-c", WRITER, database.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        lines = [int(writer.stdout.readline()) for _ in range(count)]
        writer.kill()
    return lines


async def test_a_process_that_is_killed_while_it_keeps_one_leaves_the_one_before(
    database: Database,
) -> None:
    lines = _killed_after(20, database)

    async with open_pool(database.url, size=1) as pool:
        found = await Table(pool).find(UUID(int=1))
    assert found is not None
    assert found[0].int >= lines[-1]
    assert found[2] == bytes([found[0].int % 256]) * 200_000


async def test_what_is_there_is_told_without_what_it_holds(database: Database) -> None:
    async with open_pool(database.url, size=1) as pool:
        await Table(pool).keep(KEPT, 0.0)
        await Table(pool).keep(KEPT._replace(stream_id=OTHER_TICKET, version=901), 0.0)

    told = table.kept(database.url, 10)

    assert [(one.stream_id, one.version) for one in told] == [(OTHER_TICKET, 901), (TICKET, 900)]
    assert (told[1].position, told[1].code, told[1].size) == (4711, b"code", 17)
