"""What tests of the relay and the feeds start: servers to be killed, relays, filled logs."""

import asyncio
import json
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import psycopg
import pytest

from eventstore.broker import Broker, Chunk, Subscription
from eventstore.chunks import pack
from eventstore.epochs import Epochs
from eventstore.feed import Feed
from eventstore.log import Log, open_pool
from eventstore.records import Append, NewEvent, Recorded
from eventstore.relay import Relay
from infra.drivers.jetstream import JetStream
from infra.embedded import binaries
from tests.conftest import Database
from tests.eventstore.given import append

SMALL = 16 << 20
LARGEST = 1 << 20
DEADLINE = 20.0

BROKEN: Final = """
    select 'position', position from (
        select position, row_number() over (order by position) as due from es.events) e
     where position <> due
    union all
    select 'version', position from (
        select position, version,
               lag(version) over (partition by stream_id order by position) as before
          from es.events) e
     where version <> before + 1
    union all
    select 'stream', s.last_position from es.streams s
     where (s.version, s.first_position, s.last_position) is distinct from (
        select (max(e.version), min(e.position), max(e.position)) from es.events e
         where e.stream_id = s.stream_id)
"""


class NatsServer:
    """A NATS server of one test, which may be killed and lose its store."""

    def __init__(self, home: Path, *, max_payload: int = 1 << 20) -> None:
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.url = f"nats://127.0.0.1:{self._port}"
        self._store = home / "nats"
        self._config = home / "nats.conf"
        self._config.write_text(
            f"host: 127.0.0.1\nport: {self._port}\nmax_payload: {max_payload}\n"
            f"jetstream {{ store_dir: {json.dumps(str(self._store))}, max_file_store: 2G }}\n"
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [str(binaries.nats()), "--config", str(self._config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + DEADLINE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self._port), 0.2).close()
            except OSError:
                assert time.monotonic() < deadline, "the NATS server did not start"
            else:
                return

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def wipe(self) -> None:
        shutil.rmtree(self._store)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    """A NATS server of this test alone; the suites that use it name it in their conftest."""
    server = NatsServer(tmp_path)
    server.start()
    yield server
    server.kill()


def stream(url: str, prefix: str = "psa", *, ack_wait: float = 30.0) -> JetStream:
    """A small stream."""
    return JetStream(url, prefix=prefix, max_bytes=SMALL, ack_wait=ack_wait)


@asynccontextmanager
async def shared(nats_url: str, prefix: str = "") -> AsyncIterator[JetStream]:
    """A stream of this test's own on the shared server, gone afterwards."""
    async with stream(nats_url, prefix or f"t{uuid4().hex[:12]}") as broker:
        await broker.last()
        yield broker
        await broker._jetstream().delete_stream(broker._stream)


class CountedLog:
    """The log, and how many events were read from it."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.read = 0

    async def read_all(self, after: int, limit: int, upto: int | None = None) -> list[Recorded]:
        events = await self._log.read_all(after, limit, upto)
        self.read += len(events)
        return events

    async def head(self) -> int:
        return await self._log.head()


@asynccontextmanager
async def opened(database: Database, epochs: Epochs | None = None) -> AsyncIterator[Log]:
    """The log of a database."""
    async with open_pool(database.url, epochs=epochs) as pool:
        yield Log(pool)


def fill(database: Database, count: int, *, size: int = 100, per_command: int = 500) -> None:
    """Append this many events with a state of about `size` bytes."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        for start in range(0, count, per_command):
            append(connection, some(min(per_command, count - start), size=size))


def broken(database: Database) -> list[tuple[str, int]]:
    """Where the order of the log or of one of its streams is broken."""
    with psycopg.connect(database.url) as connection:
        return [(row[0], row[1]) for row in connection.execute(BROKEN).fetchall()]


def some(count: int, *, size: int = 100) -> Append:
    """A command with this many events of one new stream."""
    stream_id = uuid4()
    return Append(
        command_id=uuid4(),
        request_hash=b"request",
        metadata=b'{"actor":"mia"}',
        events=[_event(stream_id, version, size) for version in range(1, count + 1)],
    )


def _event(stream_id: UUID, version: int, size: int) -> NewEvent:
    state = b'"' + b"x" * size + b'"'
    return NewEvent(stream_id, version, uuid4(), "ticket.opened", 1, state)


async def carry(log: Log, broker: Broker, first: int, last: int, after: int | None) -> None:
    """Publish a part of the log as one chunk behind `after`."""
    events = await log.read_all(first - 1, last - first + 1)
    await broker.publish(list(pack(events, LARGEST)), after)


@asynccontextmanager
async def relaying(
    database: Database,
    broker: Broker,
    *,
    conninfo: str = "",
    backlog: int = 100_000,
    epochs: Epochs | None = None,
) -> AsyncIterator[Relay]:
    """A relay at work; `conninfo` is where it looks for competitors."""
    stop = asyncio.Event()
    async with opened(database, epochs) as log:
        relay = Relay(log, broker, conninfo or database.url, backlog=backlog)
        task = asyncio.create_task(relay.run(stop))
        try:
            yield relay
        finally:
            stop.set()
            await task


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until the condition holds; fail when it does not in good time."""
    async with asyncio.timeout(DEADLINE):
        while not await condition():  # noqa: ASYNC110 - it comes true in a server
            await asyncio.sleep(0.01)


async def ends_at(broker: Broker, position: int) -> None:
    """Wait until the stream ends at this position."""

    async def reached() -> bool:
        try:
            return await broker.last() == position
        except Exception:  # noqa: BLE001 - the server may be away for now
            return False

    await eventually(reached)


async def collect(subscription: Subscription, upto: int) -> list[Chunk]:
    """Every chunk until one ends at `upto`, all of them acknowledged."""
    chunks: list[Chunk] = []
    async with asyncio.timeout(DEADLINE):
        while not chunks or chunks[-1].last < upto:
            chunks += await subscription.fetch(0.2)
            if chunks:
                await subscription.acknowledge(chunks[-1].last)
    await subscription.close()
    return chunks


async def read(feed: Feed, after: int, upto: int) -> list[Recorded]:
    """What a reader gets from a feed that follows `after`, acknowledging all of it."""
    events: list[Recorded] = []
    async with asyncio.timeout(DEADLINE):
        while after < upto:
            batch = await feed.next(after)
            if batch:
                after = batch[-1].position
                await feed.acknowledge(after)
            events += batch
    return events


def positions(events: list[Recorded]) -> list[int]:
    """Where the events are in the log."""
    return [event.position for event in events]
