"""The log is read by stream, by position, or from one end to the other."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, timedelta

import psycopg
import pytest

from eventstore.log import Log, open_pool, scan
from eventstore.records import Appended
from tests.conftest import Database
from tests.eventstore.given import OTHER_TICKET, TICKET, append, command, fact

FIRST = command(1, fact(TICKET, 1), fact(OTHER_TICKET, 1), fact(TICKET, 2))
SECOND = command(2, fact(TICKET, 3))


@pytest.fixture
def filled(database: Database) -> Database:
    """A log with four events of two tickets."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        append(connection, FIRST, SECOND)
    return database


@pytest.fixture
async def log(filled: Database) -> AsyncIterator[Log]:
    """The log with four events."""
    async with open_pool(filled.url) as pool:
        yield Log(pool)


async def test_an_event_is_read_as_it_was_given(log: Log) -> None:
    [event] = await log.read_stream(OTHER_TICKET)

    given = FIRST.events[1]
    assert (event.position, event.stream_id, event.version) == (2, OTHER_TICKET, 1)
    assert (event.event_id, event.topic, event.class_version) == (
        given.event_id,
        given.topic,
        given.class_version,
    )
    assert (event.state, event.metadata) == (given.state, FIRST.metadata)


async def test_the_time_of_recording_is_in_utc(log: Log) -> None:
    [event] = await log.read_stream(OTHER_TICKET)

    assert event.recorded_at.utcoffset() == timedelta(0)
    assert event.recorded_at.tzinfo == UTC


async def test_a_stream_can_be_read_in_parts(log: Log) -> None:
    events = await log.read_stream(TICKET, after=1, upto=2)

    assert [event.version for event in events] == [2]


async def test_a_stream_comes_in_pages(log: Log) -> None:
    pages = [page async for page in log.pages(TICKET, page=2)]

    assert [[event.version for event in page] for page in pages] == [[1, 2], [3]]


async def test_a_part_of_a_stream_comes_in_pages(log: Log) -> None:
    pages = [page async for page in log.pages(TICKET, 1, 3, page=1)]

    assert [[event.version for event in page] for page in pages] == [[2], [3]]


async def test_several_streams_are_read_at_once(log: Log) -> None:
    unknown = FIRST.command_id

    streams = await log.read_streams([TICKET, OTHER_TICKET, unknown])

    assert {stream: len(events) for stream, events in streams.items()} == {
        TICKET: 3,
        OTHER_TICKET: 1,
        unknown: 0,
    }


async def test_the_log_is_read_in_order_of_position(log: Log) -> None:
    events = await log.read_all(after=1, limit=2)

    assert [event.position for event in events] == [2, 3]


async def test_the_log_can_be_read_up_to_a_position(log: Log) -> None:
    events = await log.read_all(after=0, limit=10, upto=3)

    assert [event.position for event in events] == [1, 2, 3]


async def test_the_head_is_the_last_position(log: Log) -> None:
    assert await log.head() == 4


async def test_an_empty_log_has_its_head_at_zero(database: Database) -> None:
    async with open_pool(database.url) as pool:
        assert await Log(pool).head() == 0


async def test_the_version_of_a_stream_is_known(log: Log) -> None:
    versions = [await log.stream_version(stream) for stream in (TICKET, FIRST.command_id)]

    assert versions == [3, 0]


async def test_a_command_is_found_by_its_id(log: Log) -> None:
    found = await log.command(FIRST.command_id)

    assert found == Appended(FIRST.command_id, 1, 3, repeated=True)


async def test_a_command_that_was_not_appended_is_not_found(log: Log) -> None:
    assert await log.command(TICKET) is None


async def test_every_number_is_drawn_once(log: Log) -> None:
    numbers = await asyncio.gather(*(log.next_number("ticket") for _ in range(20)))

    assert sorted(numbers) == list(range(1, 21))


async def test_each_series_counts_for_itself(log: Log) -> None:
    await log.next_number("ticket")

    assert await log.next_number("customer") == 1


def test_a_scan_yields_the_log_in_pages(filled: Database) -> None:
    pages = list(scan(filled.url, page=3))

    assert [[event.position for event in page] for page in pages] == [[1, 2, 3], [4]]


def test_a_scan_ends_where_it_is_told_to(filled: Database) -> None:
    pages = list(scan(filled.url, after=1, upto=2))

    assert [[event.position for event in page] for page in pages] == [[2]]
