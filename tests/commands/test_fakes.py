"""The contract of the log that the dispatcher works with: in memory and the real one."""

from collections.abc import AsyncIterator
from typing import Protocol
from uuid import UUID

import pytest

import commands.dispatch
import eventstore.gathering
from eventstore.appender import Appender
from eventstore.errors import CommandIdReused, VersionConflict
from eventstore.log import Log, open_pool
from eventstore.records import Append, Appended, NewEvent, Recorded
from tests.commands.fakes import MemoryLog
from tests.commands.office import command_id
from tests.conftest import Database

STREAM = UUID("57000000-0000-4000-8000-000000000001")
OTHER = UUID("57000000-0000-4000-8000-000000000002")
ONE, TWO = command_id("one"), command_id("two")


class Both(
    eventstore.gathering.Source, commands.dispatch.Log, commands.dispatch.Appender, Protocol
):
    """What reads and appends."""


class PostgresLog(Log):
    """The real log and the real appender behind one name."""

    def __init__(self, log: Log, appender: Appender) -> None:
        super().__init__(log._pool)
        self.append = appender.append


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.servers)])
async def log(request: pytest.FixtureRequest) -> AsyncIterator[Both]:
    if request.param == "memory":
        yield MemoryLog()
        return
    database: Database = request.getfixturevalue("database")
    async with open_pool(database.url, size=2) as pool, Appender(database.url) as appender:
        yield PostgresLog(Log(pool), appender)


def _append(id: UUID, *places: tuple[UUID, int], request: bytes = b"request") -> Append:
    events = [
        NewEvent(stream, version, UUID(int=version), "ticket.started", 1, b"{}")
        for stream, version in places
    ]
    return Append(id, request, b'{"actor":"ada"}', events)


def _places(events: "list[Recorded]") -> list[tuple[int, UUID, int]]:
    return [(event.position, event.stream_id, event.version) for event in events]


async def _stream(log: Both, id: UUID, after: int = 0) -> "list[Recorded]":
    return [event async for page in log.pages(id, after) for event in page]


async def test_streams_are_read_at_once_each_from_a_version_of_its_own_on(log: Both) -> None:
    await log.append(_append(ONE, (STREAM, 1), (OTHER, 1), (STREAM, 2), (STREAM, 3), (OTHER, 2)))
    unknown = UUID(int=1)

    streams = await log.read_since({(STREAM, 2), (STREAM, 1), (OTHER, 1), (unknown, 1)}, 2)

    assert {since: _places(events) for since, events in streams.items()} == {
        (STREAM, 2): [(3, STREAM, 2), (4, STREAM, 3)],
        (STREAM, 1): [(1, STREAM, 1), (3, STREAM, 2)],
        (OTHER, 1): [(2, OTHER, 1), (5, OTHER, 2)],
        (unknown, 1): [],
    }


async def test_a_stream_that_is_not_there_is_empty(log: Both) -> None:
    assert await _stream(log, STREAM) == []


async def test_what_is_appended_is_read_in_order(log: Both) -> None:
    appended = await log.append(_append(ONE, (STREAM, 1), (OTHER, 1), (STREAM, 2)))

    assert appended == Appended(ONE, 1, 3)
    assert _places(await log.read_all(0, 10)) == [(1, STREAM, 1), (2, OTHER, 1), (3, STREAM, 2)]
    assert _places(await _stream(log, STREAM)) == [(1, STREAM, 1), (3, STREAM, 2)]


async def test_a_stream_is_read_from_behind_a_version(log: Both) -> None:
    await log.append(_append(ONE, (STREAM, 1), (OTHER, 1), (STREAM, 2), (STREAM, 3)))

    assert _places(await _stream(log, STREAM, 1)) == [(3, STREAM, 2), (4, STREAM, 3)]


async def test_an_event_is_read_as_it_was_appended(log: Both) -> None:
    await log.append(_append(ONE, (STREAM, 1)))

    (event,) = await _stream(log, STREAM)

    assert (event.topic, event.class_version) == ("ticket.started", 1)
    assert (bytes(event.state), bytes(event.metadata)) == (b"{}", b'{"actor":"ada"}')
    assert event.recorded_at.utcoffset() is not None


async def test_a_page_begins_after_its_position_and_ends_with_its_limit(log: Both) -> None:
    await log.append(_append(ONE, (STREAM, 1), (STREAM, 2), (STREAM, 3)))

    assert _places(await log.read_all(1, 1)) == [(2, STREAM, 2)]


async def test_a_command_that_was_never_appended_is_unknown(log: Both) -> None:
    assert await log.command(ONE, b"request") is None


async def test_a_command_that_was_appended_is_known(log: Both) -> None:
    await log.append(_append(ONE, (STREAM, 1), (STREAM, 2)))

    assert await log.command(ONE, b"request") == Appended(ONE, 1, 2, repeated=True)
    assert await log.command(ONE) == Appended(ONE, 1, 2, repeated=True)


async def test_a_command_of_another_request_is_refused(log: Both) -> None:
    await log.append(_append(ONE, (STREAM, 1)))

    with pytest.raises(CommandIdReused):
        await log.command(ONE, b"another")


async def test_a_repeated_append_finds_the_first_one(log: Both) -> None:
    await log.append(_append(ONE, (STREAM, 1)))

    again = await log.append(_append(ONE, (STREAM, 1)))

    assert again == Appended(ONE, 1, 1, repeated=True)
    assert len(await log.read_all(0, 10)) == 1


async def test_a_repeated_append_is_not_asked_for_its_versions(log: Both) -> None:
    await log.append(_append(ONE, (STREAM, 1)))

    again = await log.append(_append(ONE, (STREAM, 7)))

    assert again.repeated


async def test_another_request_can_not_append_under_the_same_id(log: Both) -> None:
    await log.append(_append(ONE, (STREAM, 1)))

    with pytest.raises(CommandIdReused):
        await log.append(_append(ONE, (STREAM, 2), request=b"another"))

    assert len(await log.read_all(0, 10)) == 1


@pytest.mark.parametrize("version", [1, 3])
async def test_an_event_that_does_not_follow_is_a_conflict(log: Both, version: int) -> None:
    await log.append(_append(ONE, (STREAM, 1)))

    with pytest.raises(VersionConflict) as conflict:
        await log.append(_append(TWO, (STREAM, version)))

    assert conflict.value.facts == {"stream_id": STREAM, "expected": version - 1, "actual": 1}
    assert len(await log.read_all(0, 10)) == 1


async def test_of_a_command_with_a_conflict_nothing_is_appended(log: Both) -> None:
    await log.append(_append(ONE, (STREAM, 1)))

    with pytest.raises(VersionConflict):
        await log.append(_append(TWO, (OTHER, 1), (STREAM, 1)))

    assert await _stream(log, OTHER) == []
    assert await log.command(TWO) is None


async def test_numbers_ascend_in_each_series_for_itself(log: Both) -> None:
    drawn = [await log.next_number(s) for s in ("ticket", "ticket", "customer", "ticket")]

    assert drawn == [1, 2, 1, 3]
