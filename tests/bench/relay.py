"""How fast the log gets onto the stream and from there to a reader; prints one JSON line.

`python -m tests.bench.relay [EVENTS]` starts servers of its own. Chunks are compared with one
message per event; latency is from the answer to an append until its event is in the reader's hand.
"""

import asyncio
import logging
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any

import msgspec
import structlog

from eventstore.appender import Appender
from eventstore.broker import Chunk, Subscription
from eventstore.chunks import pack, unpack
from eventstore.log import Log
from eventstore.migrate import migrate
from eventstore.relay import IN_FLIGHT
from eventstore.stream_feed import StreamFeed
from infra.drivers.jetstream import JetStream
from infra.embedded import Stack, Urls
from tests.conftest import APP_ROLE, Database
from tests.eventstore.carried import LARGEST, ends_at, fill, opened, read, relaying, some

WINDOW = 1_000
APPENDS = 500


async def seconds(work: Awaitable[Any]) -> float:
    start = time.perf_counter()
    await work
    return time.perf_counter() - start


async def publish(broker: JetStream, chunks: Sequence[Chunk], window: int) -> None:
    last = None
    for start in range(0, len(chunks), window):
        batch = chunks[start : start + window]
        await broker.publish(batch, last)
        last = batch[-1].last


async def consume(subscription: Subscription, upto: int) -> None:
    last = 0
    while last < upto:
        for chunk in await subscription.fetch(1):
            last = unpack(chunk)[-1].position
        await subscription.acknowledge(last)
    await subscription.close()


async def compare(broker: JetStream, log: Log, count: int) -> dict[str, int]:
    """Return events per second through the driver alone, by the kind of message."""
    events = await log.read_all(0, count)
    kinds = {
        "chunked": (list(pack(events, LARGEST)), IN_FLIGHT),
        "single": ([chunk for e in events for chunk in pack([e], LARGEST)], WINDOW),
    }
    rates: dict[str, int] = {}
    for kind, (chunks, window) in kinds.items():
        await broker.reset()
        reading = consume(await broker.subscribe(kind), events[-1].position)
        both = seconds(asyncio.gather(publish(broker, chunks, window), reading))
        rates[f"{kind}_through"] = round(count / await both)
        await broker.reset()
        rates[f"{kind}_published"] = round(count / await seconds(publish(broker, chunks, window)))
    return rates


async def latencies(urls: Urls, broker: JetStream, feed: StreamFeed, after: int) -> list[float]:
    """Return the milliseconds from an append's answer to its event in the reader's hand."""
    for _ in range(3):  # Now it waits for the stream.
        await feed.next(after)
    found: list[float] = []
    async with Appender(urls.postgres, doorbell=broker.ring) as appender:
        for _ in range(APPENDS):
            reading = asyncio.create_task(read(feed, after, after + 1))
            appended = await appender.append(some(1))
            start = time.perf_counter()
            await reading
            found.append(1_000 * (time.perf_counter() - start))
            after = appended.last_position
    return found


async def measure(urls: Urls, count: int) -> dict[str, float]:
    """Return all figures for a log of `count` events."""
    database = Database(url=urls.postgres, owner_url=urls.postgres_owner)
    await asyncio.to_thread(fill, database, count, size=200)
    async with opened(database) as log, JetStream(urls.nats) as broker, JetStream(urls.nats) as far:
        figures: dict[str, float] = {"events": count, **await compare(broker, log, count)}
        await broker.reset()
        start = time.perf_counter()
        async with relaying(database, broker, backlog=count):
            await ends_at(broker, count)
            figures["relayed"] = round(count / (time.perf_counter() - start))
            feed = StreamFeed(far, log, "bench")
            figures["caught_up"] = round(count / await seconds(read(feed, 0, count)))
            found = quantiles(await latencies(urls, broker, feed, count), n=100)
            figures |= {f"ms_p{n}": round(found[n - 1], 2) for n in (50, 95, 99)}
            await feed.close()
    return figures


def main(count: int) -> None:
    """Start servers, measure, print."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory(prefix="psa-bench-") as home:
        with Stack(Path(home), external={}) as stack:
            urls = stack.start()
            migrate(urls.postgres_owner, app_role=APP_ROLE)
            load = os.getloadavg()[0]
            figures = asyncio.run(measure(urls, count))
        print(msgspec.json.encode({"bench": "relay", "load": load, **figures}).decode())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
