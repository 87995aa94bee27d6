"""The relay, with a real Postgres and a real NATS server."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from structlog.testing import capture_logs

from eventstore.broker import Chunk
from eventstore.chunks import unpack
from eventstore.epochs import Epochs
from eventstore.leadership import RELAY
from infra.drivers.jetstream import JetStream
from infra.embedded import Urls
from tests.conftest import Database
from tests.eventstore.carried import (
    NatsServer,
    carry,
    collect,
    ends_at,
    eventually,
    fill,
    opened,
    relaying,
    shared,
    stream,
)
from tests.eventstore.restored import begin_epoch

pytestmark = pytest.mark.servers

LEADER = """
    select pid from pg_locks join pg_database d on d.oid = database
     where locktype = 'advisory' and objid = %s and granted and datname = current_database()
"""


@pytest.fixture
async def broker(nats_url: str) -> AsyncIterator[JetStream]:
    async with shared(nats_url) as broker:
        yield broker


def leader(database: Database) -> int:
    """The Postgres session of the relay that leads, 0 while there is none."""
    with psycopg.connect(database.url) as connection:
        row = connection.execute(LEADER, [RELAY]).fetchone()
        return int(row[0]) if row else 0


def terminate(database: Database, condition: str) -> None:
    with psycopg.connect(database.url) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            f" where datname = current_database() and pid <> pg_backend_pid() and {condition}"
        )


def ranges(chunks: list[Chunk]) -> list[int]:
    """Every position that the chunks hold, in the order of their arrival."""
    return [position for chunk in chunks for position in range(chunk.first, chunk.last + 1)]


async def test_every_event_comes_onto_the_stream_once_and_in_order(
    database: Database, broker: JetStream
) -> None:
    fill(database, 20_000)
    witness = await broker.subscribe("witness")

    async with opened(database) as log, relaying(database, broker):
        chunks = await collect(witness, 20_000)

        carried = [event for chunk in chunks for event in unpack(chunk)]
        assert carried == await log.read_all(0, 20_000)


async def test_what_is_appended_later_follows(database: Database, broker: JetStream) -> None:
    async with relaying(database, broker) as relay:
        for round_ in range(1, 21):
            fill(database, 3)
            broker.ring(round_ * 3)
            await ends_at(broker, round_ * 3)

    assert relay.position == 60


async def test_without_a_doorbell_the_log_is_looked_at_all_the_same(
    database: Database, broker: JetStream
) -> None:
    async with relaying(database, broker):
        fill(database, 3)

        await ends_at(broker, 3)


async def test_one_relay_leads_and_the_other_takes_over(
    database: Database, nats_url: str, broker: JetStream
) -> None:
    fill(database, 10)
    async with (
        stream(nats_url, broker._subject.partition(".")[0]) as second,
        relaying(database, second) as other,
        relaying(database, broker) as relay,
    ):
        await ends_at(broker, 10)
        before = (relay.position, other.position)
        first_leader = leader(database)

        async def somebody_else_leads() -> bool:
            return leader(database) not in {0, first_leader}

        terminate(database, f"pid = {first_leader}")
        fill(database, 10)
        await ends_at(broker, 20)
        await eventually(somebody_else_leads)

    assert sorted(before) == [0, 10]
    assert sorted((relay.position, other.position)) == [10, 20]


async def test_nothing_is_lost_doubled_or_reordered_when_leaders_come_and_go(
    database: Database, nats_url: str, broker: JetStream
) -> None:
    witness = await broker.subscribe("witness")
    async with (
        stream(nats_url, broker._subject.partition(".")[0]) as second,
        relaying(database, broker),
        relaying(database, second),
    ):
        for _ in range(10):
            await asyncio.to_thread(fill, database, 2_000)
            terminate(database, f"pid = {leader(database)}")

        chunks = await collect(witness, 20_000)

    assert ranges(chunks) == list(range(1, 20_001))


async def test_two_relays_that_both_believe_to_lead_write_one_stream(
    database: Database, urls: Urls, nats_url: str, broker: JetStream
) -> None:
    witness = await broker.subscribe("witness")
    async with (
        stream(nats_url, broker._subject.partition(".")[0]) as second,
        relaying(database, broker),
        relaying(database, second, conninfo=urls.postgres),
    ):
        with capture_logs() as lines:
            for _ in range(20):
                await asyncio.to_thread(fill, database, 500, per_command=50)
            chunks = await collect(witness, 10_000)

    assert ranges(chunks) == list(range(1, 10_001))
    assert "OutOfOrder" in {line.get("error") for line in lines}


async def test_a_restart_of_postgres_is_survived(database: Database, broker: JetStream) -> None:
    fill(database, 10)
    async with relaying(database, broker):
        await ends_at(broker, 10)
        terminate(database, "true")
        fill(database, 10)

        await ends_at(broker, 20)


async def test_a_killed_nats_server_gets_the_rest_after_its_restart(
    database: Database, server: NatsServer
) -> None:
    fill(database, 5_000)
    async with stream(server.url) as broker, relaying(database, broker):
        await ends_at(broker, 5_000)
        server.kill()
        fill(database, 5_000)
        server.start()

        await ends_at(broker, 10_000)


async def test_a_lost_store_is_filled_again_with_what_is_recent(
    database: Database, server: NatsServer
) -> None:
    fill(database, 3_000)
    async with stream(server.url) as broker, relaying(database, broker, backlog=1_000):
        await ends_at(broker, 3_000)
        server.kill()
        server.wipe()
        server.start()
        await ends_at(broker, 3_000)

        first = await broker._jetstream().get_msg("PSA_LOG", seq=1)
        assert (first.headers or {})["Psa-First"] == "2001"


async def test_a_stream_that_was_purged_while_nothing_happened_is_filled_again(
    database: Database, broker: JetStream
) -> None:
    fill(database, 100)
    async with relaying(database, broker):
        await ends_at(broker, 100)
        await broker._jetstream().purge_stream(broker._stream)

        await ends_at(broker, 100)


async def test_a_rewound_stream_begins_where_it_was_told_to(
    database: Database, broker: JetStream
) -> None:
    fill(database, 6_000)
    async with relaying(database, broker, backlog=10) as relay:
        await ends_at(broker, 6_000)
        await relay.rewind(500)
        await ends_at(broker, 6_000)

        first = await broker._jetstream().get_msg(broker._stream, seq=1)
        assert (first.headers or {})["Psa-First"] == "501"


async def test_a_stream_that_is_ahead_of_a_restored_log_is_made_anew(
    database: Database, broker: JetStream
) -> None:
    fill(database, 20)
    async with opened(database) as log:
        await carry(log, broker, 1, 20, None)
    await broker.publish([Chunk(21, 30, b"what never happened")], 20)

    async with relaying(database, broker):
        await ends_at(broker, 20)


async def test_a_stream_with_other_events_at_the_same_positions_is_made_anew(
    database: Database, nats_url: str
) -> None:
    fill(database, 20)
    async with shared(nats_url) as before:
        await before.publish([Chunk(1, 20, b"true"), Chunk(21, 40, b"what was taken back")], None)
        begin_epoch(database)
        fill(database, 30)
        epochs = Epochs()
        prefix = before._subject.removesuffix(".log")

        async with (
            JetStream(nats_url, prefix=prefix, epochs=epochs) as broker,
            relaying(database, broker, epochs=epochs),
        ):
            await ends_at(broker, 50)
            message = await broker._jetstream().get_msg(broker._stream, seq=1)

    chunk = Chunk(1, 50, message.data or b"")
    assert [event.position for event in unpack(chunk)] == list(range(1, 51))


async def test_an_event_too_large_for_the_stream_leaves_a_mark(
    database: Database, tmp_path: Path
) -> None:
    server = NatsServer(tmp_path, max_payload=16 * 1024)
    server.start()
    try:
        async with stream(server.url) as broker:
            witness = await broker.subscribe("witness")
            async with relaying(database, broker):
                fill(database, 1)
                fill(database, 1, size=20_000)
                fill(database, 1)
                chunks = await collect(witness, 3)
    finally:
        server.kill()

    assert (3, 2, b"") in [(chunk.first, chunk.last, chunk.payload) for chunk in chunks]
    assert ranges(chunks) == [1, 3]
