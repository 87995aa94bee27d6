"""The driver of JetStream, with real servers."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from eventstore.broker import BrokerUnavailable, Chunk, OutOfOrder
from eventstore.epochs import Epochs
from infra.drivers.jetstream import NEAR, JetStream
from tests.eventstore.carried import NatsServer, ends_at, eventually, shared, stream

pytestmark = pytest.mark.servers

AFTER_A_RESTORE = Epochs([(2, 11)])


@pytest.fixture
async def broker(nats_url: str) -> AsyncIterator[JetStream]:
    async with shared(nats_url) as broker:
        yield broker


def chunk(first: int, last: int) -> Chunk:
    return Chunk(first, last, f"{first} to {last}".encode())


async def size(broker: JetStream) -> int:
    return (await broker._jetstream().stream_info(broker._stream)).state.messages


async def test_an_empty_stream_has_no_last_position(broker: JetStream) -> None:
    assert await broker.last() is None


async def test_published_chunks_are_in_the_stream_in_their_order(broker: JetStream) -> None:
    subscription = await broker.subscribe("reader")
    chunks = [chunk(n * 10 + 1, n * 10 + 10) for n in range(20)]

    await broker.publish(chunks, None)

    assert await broker.last() == 200
    received: list[Chunk] = []
    while len(received) < 20:
        received += await subscription.fetch(1)
    assert received == chunks


async def test_a_chunk_behind_an_older_end_is_refused(broker: JetStream) -> None:
    await broker.publish([chunk(1, 10), chunk(11, 20)], None)

    with pytest.raises(OutOfOrder) as refusal:
        await broker.publish([chunk(11, 15)], 10)

    assert refusal.value.last == 20
    assert await size(broker) == 2


async def test_nothing_is_stored_behind_a_lost_message(broker: JetStream) -> None:
    await broker.publish([chunk(1, 10)], None)

    with pytest.raises(OutOfOrder) as refusal:
        await broker.publish([chunk(21, 30), chunk(31, 40)], 20)

    assert refusal.value.last == 10
    assert await size(broker) == 1


async def test_a_chunk_that_is_there_already_is_refused(broker: JetStream) -> None:
    await broker.publish([chunk(1, 10), chunk(11, 20)], None)

    with pytest.raises(OutOfOrder) as refusal:
        await broker.publish([chunk(1, 10)], None)

    assert refusal.value.last == 20


async def test_a_stream_with_messages_does_not_begin_again(broker: JetStream) -> None:
    await broker.publish([chunk(1, 10)], None)

    with pytest.raises(OutOfOrder) as refusal:
        await broker.publish([chunk(1, 5)], None)

    assert refusal.value.last == 10


async def test_a_reset_stream_takes_the_same_positions_again_at_once(broker: JetStream) -> None:
    await broker.publish([chunk(1, 10)], None)

    await broker.reset()
    await broker.publish([chunk(1, 10)], None)

    assert (await broker.last(), await size(broker)) == (10, 1)


async def test_a_purged_stream_is_empty_and_takes_the_same_positions_again(
    broker: JetStream,
) -> None:
    await broker.publish([chunk(1, 10)], None)
    assert await broker.last() == 10
    await broker._jetstream().purge_stream(broker._stream)

    assert await broker.last() is None
    await broker.publish([chunk(1, 10)], None)

    assert (await broker.last(), await size(broker)) == (10, 1)


async def test_a_stream_that_ends_with_a_strangers_message_is_made_anew(broker: JetStream) -> None:
    await broker.publish([chunk(1, 10)], None)
    await broker._jetstream().publish(broker._subject, b"hello")

    assert await broker.last() is None


async def test_the_fence_holds_after_a_restart_of_the_server(server: NatsServer) -> None:
    async with stream(server.url) as broker:
        await broker.last()
        await broker.publish([chunk(1, 10)], None)
        server.kill()
        server.start()
        await ends_at(broker, 10)

        with pytest.raises(OutOfOrder):
            await broker.publish([chunk(6, 15)], 5)
        await broker.publish([chunk(11, 20)], 10)

        assert await broker.last() == 20


async def test_a_lost_store_makes_an_empty_stream(server: NatsServer) -> None:
    async with stream(server.url) as broker:
        await broker.last()
        await broker.publish([chunk(1, 10)], None)
        server.kill()
        server.wipe()
        server.start()

        await eventually(lambda: answers(broker))

        assert await broker.last() is None


async def answers(broker: JetStream) -> bool:
    try:
        await broker.last()
    except BrokerUnavailable:
        return False
    return True


async def test_while_the_server_is_away_every_call_fails_at_once(server: NatsServer) -> None:
    async with stream(server.url) as broker:
        await broker.last()
        subscription = await broker.subscribe("reader")
        server.kill()
        await eventually(lambda: unreachable(broker))

        async with asyncio.timeout(0.1):
            with pytest.raises(BrokerUnavailable):
                await broker.last()
            with pytest.raises(BrokerUnavailable):
                await broker.publish([chunk(1, 10)], None)
            with pytest.raises(BrokerUnavailable):
                await broker.subscribe("another")
            with pytest.raises(BrokerUnavailable):
                await subscription.fetch(1)
            with pytest.raises(BrokerUnavailable):
                broker.largest()
            broker.ring(1)


async def unreachable(broker: JetStream) -> bool:
    return not await answers(broker)


async def test_a_server_may_come_up_later(server: NatsServer) -> None:
    server.kill()
    async with stream(server.url) as broker:
        with pytest.raises(BrokerUnavailable):
            await broker.last()
        server.start()

        await eventually(lambda: answers(broker))


async def test_an_address_that_can_never_work_is_an_error() -> None:
    with pytest.raises(Exception, match="nats"):
        async with stream("nats://127.0.0.1:port"):
            pass


async def test_a_new_reader_gets_what_is_published_from_now_on(broker: JetStream) -> None:
    await broker.publish([chunk(1, 10)], None)
    subscription = await broker.subscribe("reader")
    await broker.publish([chunk(11, 20)], 10)

    assert await subscription.fetch(1) == [chunk(11, 20)]


async def test_a_known_reader_gets_what_came_meanwhile(broker: JetStream) -> None:
    await (await broker.subscribe("reader")).close()
    await broker.publish([chunk(1, 10)], None)

    subscription = await broker.subscribe("reader")

    assert await subscription.fetch(1) == [chunk(1, 10)]


async def test_a_reader_that_is_very_far_behind_begins_at_the_end(broker: JetStream) -> None:
    await (await broker.subscribe("reader")).close()
    await broker.publish([chunk(n, n) for n in range(1, NEAR + 2)], None)

    subscription = await broker.subscribe("reader")

    assert await subscription.fetch(0.1) == []


async def test_what_is_not_acknowledged_is_delivered_again(nats_url: str) -> None:
    async with stream(nats_url, "unacked", ack_wait=0.3) as broker:
        await broker.last()
        first = await broker.subscribe("reader")
        await broker.publish([chunk(1, 10), chunk(11, 20), chunk(21, 30)], None)
        received: list[Chunk] = []
        while len(received) < 3:
            received += await first.fetch(1)
        await first.acknowledge(15)
        await first.close()

        second = await broker.subscribe("reader")
        again: list[Chunk] = []
        while len(again) < 2:
            again += await second.fetch(1)
        await broker._jetstream().delete_stream("UNACKED_LOG")

    assert again == [chunk(11, 20), chunk(21, 30)]


async def test_acknowledging_a_position_acknowledges_all_before_it(broker: JetStream) -> None:
    subscription = await broker.subscribe("reader")
    await broker.publish([chunk(1, 10), chunk(11, 20)], None)
    received: list[Chunk] = []
    while len(received) < 2:
        received += await subscription.fetch(1)

    await subscription.acknowledge(20)

    async def nothing_is_pending() -> bool:
        info = await broker._jetstream().consumer_info(broker._stream, "reader")
        return bool(info.num_ack_pending == 0)

    await eventually(nothing_is_pending)


async def test_a_subscription_asks_for_more_for_as_long_as_it_is_fetched(
    broker: JetStream,
) -> None:
    subscription = await broker.subscribe("reader")
    chunks = [chunk(n, n) for n in range(1, 201)]
    await broker.publish(chunks, None)

    received: list[Chunk] = []
    while len(received) < 200:
        received += await subscription.fetch(1)

    assert received == chunks


async def test_a_subscription_whose_consumer_is_gone_says_so(broker: JetStream) -> None:
    subscription = await broker.subscribe("reader")
    assert await subscription.fetch(0.1) == []
    await broker._jetstream().delete_consumer(broker._stream, "reader")

    with pytest.raises(BrokerUnavailable):
        await subscription.fetch(2)


async def test_a_ring_sets_every_bell(nats_url: str, broker: JetStream) -> None:
    async with stream(nats_url, broker._subject.partition(".")[0]) as other:
        bells = [broker.bell(), broker.bell(), other.bell()]

        broker.ring(7)

        async with asyncio.timeout(2):
            assert all([await bell.wait() for bell in bells])


async def test_a_stream_that_ends_in_an_older_epoch_is_made_anew(
    broker: JetStream, nats_url: str
) -> None:
    await broker.publish([chunk(1, 10), chunk(11, 20)], None)

    async with JetStream(nats_url, prefix=broker._subject[:-4], epochs=AFTER_A_RESTORE) as later:
        assert await later.last() is None
        await later.publish([chunk(11, 15)], None)
        assert await later.last() == 15

    assert await size(broker) == 1


async def test_a_reader_gets_nothing_of_another_epoch(broker: JetStream, nats_url: str) -> None:
    async with JetStream(nats_url, prefix=broker._subject[:-4], epochs=AFTER_A_RESTORE) as later:
        subscription = await later.subscribe("reader")
        await broker.publish([chunk(1, 10)], None)
        await later._send(later._jetstream(), chunk(11, 15), 10)

        received: list[Chunk] = []
        while not received:
            received += await subscription.fetch(1)

    assert received == [chunk(11, 15)]


async def test_who_only_looks_takes_no_stream_away(broker: JetStream, nats_url: str) -> None:
    prefix = broker._subject[:-4]
    async with JetStream(nats_url, prefix=prefix, epochs=AFTER_A_RESTORE) as later:
        await later.publish([chunk(1, 10)], None)

    async with JetStream(nats_url, prefix=prefix) as looking:
        assert await looking.last() == 10

    assert await size(broker) == 1
