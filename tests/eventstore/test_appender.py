"""The appender commits together what arrives together, and answers each on its own."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from eventstore.appender import MAX_BYTES, MAX_COMMANDS, Appender
from eventstore.errors import CommandIdReused, LogUnavailable, VersionConflict
from eventstore.records import Append, Appended
from tests.conftest import Database
from tests.eventstore.given import OTHER_TICKET, TICKET, command, fact
from tests.eventstore.lossy import losing


def opened(number: int) -> Append:
    """A command that opens a ticket of its own."""
    return command(number, fact(UUID(int=number), 1))


async def test_a_command_is_answered_with_its_positions(database: Database) -> None:
    first = command(1, fact(TICKET, 1), fact(TICKET, 2))

    async with Appender(database.url) as appender:
        appended = await appender.append(first)

    assert appended == Appended(first.command_id, 1, 2)


async def test_a_repeated_command_gets_the_same_positions(database: Database) -> None:
    async with Appender(database.url) as appender:
        await appender.append(opened(1))
        appended = await appender.append(opened(1))

    assert (appended.first_position, appended.repeated) == (1, True)


async def test_a_command_that_expects_another_version_is_told_the_actual_one(
    database: Database,
) -> None:
    async with Appender(database.url) as appender:
        await appender.append(command(1, fact(TICKET, 1), fact(TICKET, 2)))
        with pytest.raises(VersionConflict) as refused:
            await appender.append(command(2, fact(TICKET, 2)))

    assert refused.value.facts == {"stream_id": TICKET, "expected": 1, "actual": 2}


async def test_a_command_id_of_another_request_is_refused(database: Database) -> None:
    async with Appender(database.url) as appender:
        await appender.append(command(1, fact(TICKET, 1)))
        with pytest.raises(CommandIdReused):
            await appender.append(command(1, fact(OTHER_TICKET, 1), request=b"other"))


async def test_a_command_without_events_is_refused(database: Database) -> None:
    async with Appender(database.url) as appender:
        with pytest.raises(ValueError, match="at least one event"):
            await appender.append(command(1))


async def test_commands_that_wait_share_one_commit(database: Database) -> None:
    async with Appender(database.url) as appender:
        await asyncio.gather(*(appender.append(opened(n)) for n in range(MAX_COMMANDS)))

    assert len(commits(database)) == 1


async def test_a_batch_has_no_more_commands_than_agreed(database: Database) -> None:
    async with Appender(database.url) as appender:
        await appender.append_many([opened(n) for n in range(MAX_COMMANDS + 1)])

    assert commits(database) == [MAX_COMMANDS, 1]


async def test_a_batch_is_no_larger_than_agreed(database: Database) -> None:
    large = command(1, fact(TICKET, 1, state=bytes(MAX_BYTES // 2 + 1)))
    other = command(2, fact(OTHER_TICKET, 1, state=bytes(MAX_BYTES // 2 + 1)))

    async with Appender(database.url) as appender:
        await appender.append_many([large, other])

    assert commits(database) == [1, 1]


async def test_a_command_larger_than_a_batch_is_appended_alone(database: Database) -> None:
    huge = command(1, fact(TICKET, 1, state=bytes(MAX_BYTES + 1)))

    async with Appender(database.url) as appender:
        await appender.append_many([opened(5), huge, opened(6)])

    assert commits(database) == [1, 1, 1]


async def test_many_commands_keep_their_order_and_get_an_answer_each(database: Database) -> None:
    many = [
        command(1, fact(TICKET, 1)),
        command(2, fact(TICKET, 1)),
        command(3, fact(TICKET, 2)),
    ]

    async with Appender(database.url) as appender:
        answers = await appender.append_many(many)

    assert [type(answer) for answer in answers] == [Appended, VersionConflict, Appended]


@pytest.mark.parametrize(
    "poison",
    [
        command("refused by Postgres", fact(TICKET, 1, topic="ticket\0opened")),
        command("too large a number", fact(TICKET, 2**70)),
        command("no ascent", fact(TICKET, 1), fact(TICKET, 3)),
    ],
    ids=["refused by Postgres", "not even sent", "no ascent"],
)
async def test_a_command_that_can_not_be_stored_does_not_hurt_its_neighbours(
    database: Database, poison: Append
) -> None:
    before, after = [opened(n) for n in range(10, 20)], [opened(n) for n in range(20, 30)]

    async with Appender(database.url) as appender:
        answers = await appender.append_many([*before, poison, *after])

    strangers = [answer for answer in answers if not isinstance(answer, Appended)]
    assert strangers == [answers[10]]
    assert len(answers) == 21


async def test_who_stops_waiting_does_not_disturb_the_others(database: Database) -> None:
    async with Appender(database.url) as appender:
        waiting = [asyncio.create_task(appender.append(opened(n))) for n in range(3)]
        await asyncio.sleep(0)
        waiting[1].cancel()
        first, cancelled, last = await asyncio.gather(*waiting, return_exceptions=True)

    assert isinstance(cancelled, asyncio.CancelledError)
    assert isinstance(first, Appended)
    assert isinstance(last, Appended)


async def test_closing_appends_what_is_queued(database: Database) -> None:
    async with Appender(database.url) as appender:
        waiting = [asyncio.create_task(appender.append(opened(n))) for n in range(300)]
        await asyncio.sleep(0)

    assert all(isinstance(task.result(), Appended) for task in waiting)


async def test_a_closed_appender_takes_no_commands(database: Database) -> None:
    async with Appender(database.url) as appender:
        pass

    with pytest.raises(LogUnavailable):
        await appender.append(opened(1))


async def test_the_doorbell_rings_with_the_last_position(database: Database) -> None:
    rings: list[int] = []

    async with Appender(database.url, doorbell=rings.append) as appender:
        await appender.append(command(1, fact(TICKET, 1), fact(TICKET, 2)))
        await appender.append(command(2, fact(OTHER_TICKET, 1)))

    assert rings == [2, 3]


async def test_a_lost_log_is_reported_when_patience_ends() -> None:
    nowhere = "host=127.0.0.1 port=1 connect_timeout=1"

    async with Appender(nowhere, patience=0.05) as appender:
        with pytest.raises(LogUnavailable):
            await appender.append(opened(1))


async def test_commands_wait_for_a_log_that_comes_back(database: Database) -> None:
    name = psycopg.conninfo.conninfo_to_dict(database.url)["dbname"]
    async with Appender(database.url) as appender:
        with psycopg.connect(server(database), autocommit=True) as owner:
            owner.execute(f"alter database {name} with allow_connections false")
            waiting = asyncio.create_task(appender.append(opened(1)))
            await asyncio.sleep(0.1)
            was_waiting = not waiting.done()
            owner.execute(f"alter database {name} with allow_connections true")
        appended = await waiting

    assert was_waiting
    assert appended.first_position == 1


async def test_a_commit_whose_answer_was_lost_is_neither_doubled_nor_refused(
    database: Database, tmp_path: Path
) -> None:
    async with losing(b"appended", database.url, tmp_path, times=2) as url, Appender(url) as writer:
        answers = await write_in_turn(writer, TICKET, 3)

    assert [(answer.first_position, answer.repeated) for answer in answers] == [
        (1, True),
        (2, True),
        (3, False),
    ]
    assert count(database, "select count(*) from es.events") == 3


async def test_connections_that_break_neither_double_nor_refuse_a_command(
    database: Database,
) -> None:
    async with Appender(database.url) as one, Appender(database.url, connections=2) as other:
        writers = [
            asyncio.create_task(write_in_turn((one, other)[n % 2], UUID(int=n), 25))
            for n in range(16)
        ]
        kills = await break_connections_until(database, writers)
        appended = [answer for writer in writers for answer in await writer]

    positions = sorted(answer.first_position for answer in appended)
    assert positions == list(range(1, 16 * 25 + 1))
    assert count(database, "select count(*) from es.events") == 16 * 25
    assert kills > 0


async def write_in_turn(appender: Appender, stream_id: UUID, times: int) -> Sequence[Appended]:
    """Each command expects the version the one before it has made."""
    return [
        await appender.append(command((stream_id, version), fact(stream_id, version)))
        for version in range(1, times + 1)
    ]


async def break_connections_until(database: Database, tasks: Sequence[asyncio.Task[Any]]) -> int:
    """Terminate the appenders' backends whenever the log has grown, and return how many."""
    kills = grown = 0
    async with await psycopg.AsyncConnection.connect(database.url, autocommit=True) as killer:
        while not all(task.done() for task in tasks):
            cursor = await killer.execute(KILL, [grown])
            kills += cursor.rowcount
            grown += 20 if cursor.rowcount else 0
    return kills


KILL = """
    select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and usename = current_user
       and query like '%%es.append%%' and pid <> pg_backend_pid()
       and (select max(position) from es.events) > %s
"""


def commits(database: Database) -> list[int]:
    """How many events each commit brought, in order."""
    with psycopg.connect(database.owner_url) as connection:
        rows = connection.execute(
            "select count(*) from es.events group by xmin::text order by min(position)"
        ).fetchall()
    return [row[0] for row in rows]


def count(database: Database, query: str) -> int:
    """The number that a query gives."""
    with psycopg.connect(database.url) as connection:
        row = connection.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0


def server(database: Database) -> str:
    """Where the owner can connect while this database takes nobody."""
    return psycopg.conninfo.make_conninfo(database.owner_url, dbname="postgres")


class Broken:
    """A vault that fails once, in a way nobody foresaw."""

    def __init__(self) -> None:
        self._fails = True

    async def protect(self, appends: Sequence[Append]) -> list[Append | Exception]:
        if self._fails:
            self._fails = False
            raise ZeroDivisionError
        return list(appends)


async def test_who_waits_hears_of_it_when_nothing_can_be_encrypted(database: Database) -> None:
    async with Appender(database.url, Broken()) as appender:
        with pytest.raises(ZeroDivisionError):
            await appender.append(opened(1))
        appended = await appender.append(opened(2))

    assert appended.last_position == 1
