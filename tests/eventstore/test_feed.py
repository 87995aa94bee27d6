"""The feeds, with a real Postgres and a real NATS server."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from eventstore.broker import Chunk
from eventstore.feed import PollingFeed
from eventstore.stream_feed import StreamFeed
from infra.drivers.jetstream import JetStream, JetStreamSubscription
from tests.conftest import Database
from tests.eventstore.carried import (
    SMALL,
    CountedLog,
    NatsServer,
    carry,
    ends_at,
    eventually,
    fill,
    opened,
    positions,
    read,
    relaying,
    shared,
    stream,
)

pytestmark = pytest.mark.servers

NOWHERE = "nats://127.0.0.1:9"


@pytest.fixture
async def log(database: Database) -> AsyncIterator[CountedLog]:
    async with opened(database) as log:
        yield CountedLog(log)


@pytest.fixture
async def broker(nats_url: str) -> AsyncIterator[JetStream]:
    async with shared(nats_url) as broker:
        yield broker


@pytest.fixture
async def feed(broker: JetStream, log: CountedLog) -> AsyncIterator[StreamFeed]:
    feed = StreamFeed(broker, log, "reader")
    yield feed
    await feed.close()


async def joined(feed: StreamFeed, after: int) -> None:
    """Let a reader that knows everything up to `after` wait for the stream."""

    async def nothing_is_left_to_do_but_wait() -> bool:
        assert await feed.next(after) == []
        return feed._joined_at == after

    await eventually(nothing_is_left_to_do_but_wait)


def numbers(first: int, last: int) -> list[int]:
    return list(range(first, last + 1))


async def test_a_polling_feed_delivers_page_by_page(database: Database, log: CountedLog) -> None:
    fill(database, 25)
    feed = PollingFeed(log, page=10)

    batches = [positions(await feed.next(after)) for after in (0, 10, 20, 25)]

    assert batches == [numbers(1, 10), numbers(11, 20), numbers(21, 25), []]


async def test_a_polling_feed_waits_a_while_for_the_next_event(
    database: Database, log: CountedLog
) -> None:
    feed = PollingFeed(log, wait=0.5)
    batch = asyncio.create_task(feed.next(0))
    await asyncio.sleep(0)

    await asyncio.to_thread(fill, database, 1)

    assert positions(await batch) == [1]


async def test_all_events_come_once_and_in_order_while_they_are_appended(
    database: Database, broker: JetStream, log: CountedLog, feed: StreamFeed
) -> None:
    fill(database, 5_000)
    async with relaying(database, broker):
        reading = asyncio.create_task(read(feed, 0, 20_000))
        for _ in range(30):
            await asyncio.to_thread(fill, database, 500, per_command=20)
            broker.ring(0)

        events = await reading

    assert events == await log._log.read_all(0, 20_000)
    assert log.read < 2 * 20_000


async def test_near_the_head_events_come_from_the_stream(
    database: Database, broker: JetStream, log: CountedLog, feed: StreamFeed
) -> None:
    async with relaying(database, broker):
        await joined(feed, 0)
        for position in range(1, 51):
            fill(database, 1)
            broker.ring(position)

            assert positions(await read(feed, position - 1, position)) == [position]

    assert log.read == 0


async def test_a_reader_far_behind_reads_the_log_before_it_joins(
    database: Database, broker: JetStream, log: CountedLog
) -> None:
    fill(database, 1_000)
    await carry(log._log, broker, 1, 500, None)
    await carry(log._log, broker, 501, 1_000, 500)
    feed = StreamFeed(broker, log, "reader", page=300)

    events = await read(feed, 0, 1_000)
    await joined(feed, 1_000)
    fill(database, 1)
    await carry(log._log, broker, 1_001, 1_001, 1_000)
    events += await read(feed, 1_000, 1_001)
    await feed.close()

    assert positions(events) == numbers(1, 1_001)
    assert log.read == 1_000


async def test_what_is_appended_while_a_reader_attaches_is_read_from_the_log(
    database: Database, log: CountedLog, nats_url: str
) -> None:
    class Late(JetStream):
        async def subscribe(self, name: str) -> JetStreamSubscription:
            subscription = await super().subscribe(name)
            fill(database, 5)
            return subscription

    async with Late(nats_url, prefix="late", max_bytes=SMALL) as broker:
        feed = StreamFeed(broker, log, "reader")
        with capture_logs() as lines:
            events = await read(feed, 0, 5)
        await feed.close()
        await broker._jetstream().delete_stream("LATE_LOG")

    assert positions(events) == numbers(1, 5)
    assert "feed_polls" not in {line["event"] for line in lines}


async def test_a_gap_is_filled_from_the_log(
    database: Database, broker: JetStream, log: CountedLog, feed: StreamFeed
) -> None:
    await joined(feed, 0)
    fill(database, 60)
    await carry(log._log, broker, 51, 60, None)

    first, second = await feed.next(0), await feed.next(50)

    assert (positions(first), positions(second)) == (numbers(1, 50), numbers(51, 60))
    assert log.read == 50


async def test_what_the_reader_knows_already_is_dropped(
    database: Database, broker: JetStream, log: CountedLog, feed: StreamFeed
) -> None:
    fill(database, 60)
    await joined(feed, 60)
    fill(database, 10)
    await carry(log._log, broker, 1, 20, None)
    await carry(log._log, broker, 21, 50, 20)
    await carry(log._log, broker, 51, 70, 50)

    events = await read(feed, 60, 70)

    assert positions(events) == numbers(61, 70)
    assert log.read == 0


async def test_a_reader_that_steps_back_gets_the_same_events_again(
    database: Database, broker: JetStream, log: CountedLog, feed: StreamFeed
) -> None:
    await joined(feed, 0)
    fill(database, 10)
    await carry(log._log, broker, 1, 10, None)

    first, second = await feed.next(0), await feed.next(0)

    assert first == second
    assert positions(first) == numbers(1, 10)


async def test_what_a_crashed_reader_did_not_acknowledge_comes_again(
    database: Database, broker: JetStream, log: CountedLog, feed: StreamFeed
) -> None:
    await joined(feed, 0)
    fill(database, 20)
    await carry(log._log, broker, 1, 10, None)
    assert positions(await feed.next(0)) == numbers(1, 10)
    await feed.close()

    successor = StreamFeed(broker, log, "reader")
    events = await read(successor, 0, 20)
    await successor.close()

    assert positions(events) == numbers(1, 20)


async def test_what_is_delivered_again_is_dropped(database: Database, nats_url: str) -> None:
    async with opened(database) as plain, stream(nats_url, "again", ack_wait=0.3) as broker:
        log = CountedLog(plain)
        feed = StreamFeed(broker, log, "reader")
        await joined(feed, 0)
        fill(database, 20)
        await carry(plain, broker, 1, 10, None)
        assert positions(await feed.next(0)) == numbers(1, 10)

        async def delivered_again() -> bool:
            assert await feed.next(10) == []
            info = await broker._jetstream().consumer_info("AGAIN_LOG", "reader")
            return bool(info.num_redelivered)

        await eventually(delivered_again)
        await carry(plain, broker, 11, 20, 10)
        events = await read(feed, 10, 20)
        await feed.close()
        await broker._jetstream().delete_stream("AGAIN_LOG")

    assert positions(events) == numbers(11, 20)
    assert log.read == 0


async def test_without_a_broker_the_log_is_polled(database: Database, log: CountedLog) -> None:
    async with stream(NOWHERE) as broker:
        feed = StreamFeed(broker, log, "reader")
        fill(database, 10)
        events = await read(feed, 0, 10)
        fill(database, 10)
        events += await read(feed, 10, 20)

    assert positions(events) == numbers(1, 20)


async def test_events_go_on_when_the_broker_dies_and_come_from_it_when_it_is_back(
    database: Database, log: CountedLog, server: NatsServer
) -> None:
    async with stream(server.url) as broker, relaying(database, broker):
        feed = StreamFeed(broker, log, "reader")
        await joined(feed, 0)
        fill(database, 10)
        events = await read(feed, 0, 10)
        server.kill()
        fill(database, 10)
        events += await read(feed, 10, 20)
        server.wipe()
        server.start()
        await ends_at(broker, 20)
        await joined(feed, 20)
        before = log.read
        fill(database, 10)
        events += await read(feed, 20, 30)
        await feed.close()

    assert positions(events) == numbers(1, 30)
    assert log.read == before


async def test_when_the_stream_is_silent_the_log_is_read(
    database: Database, log: CountedLog, feed: StreamFeed
) -> None:
    await joined(feed, 0)
    fill(database, 10)

    with capture_logs() as lines:
        events = await read(feed, 0, 10)

    assert positions(events) == numbers(1, 10)
    assert "the stream is silent" in {line.get("reason") for line in lines}


async def test_a_chunk_that_can_not_be_read_is_read_from_the_log(
    database: Database, broker: JetStream, log: CountedLog, feed: StreamFeed
) -> None:
    await joined(feed, 0)
    fill(database, 10)
    await carry(log._log, broker, 1, 5, None)
    await broker.publish([Chunk(6, 10, b"written by another version")], 5)

    events = await read(feed, 0, 10)

    assert positions(events) == numbers(1, 10)


async def test_a_stream_that_is_ahead_of_the_log_is_not_believed(
    database: Database, broker: JetStream, log: CountedLog, feed: StreamFeed
) -> None:
    fill(database, 10)
    await joined(feed, 10)
    await broker.publish([Chunk(100, 110, b"what never happened")], None)
    with capture_logs() as lines:
        assert await feed.next(10) == []
    fill(database, 10)

    events = await read(feed, 10, 20)

    assert positions(events) == numbers(11, 20)
    assert "the stream is ahead of the log" in {line.get("reason") for line in lines}


async def test_an_event_too_large_for_the_stream_is_read_from_the_log(
    database: Database, log: CountedLog, tmp_path: Path
) -> None:
    server = NatsServer(tmp_path, max_payload=16 * 1024)
    server.start()
    async with stream(server.url) as broker, relaying(database, broker):
        feed = StreamFeed(broker, log, "reader")
        await joined(feed, 0)
        for size in (100, 20_000, 100):
            fill(database, 1, size=size)
        broker.ring(3)
        events = await read(feed, 0, 3)
        await feed.close()
    server.kill()

    assert positions(events) == [1, 2, 3]
    assert log.read == 1
