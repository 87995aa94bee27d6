"""How many views a process can follow; prints one JSON line per number of views and grouping.

`python -m tests.bench.views [EVENTS]` starts servers of its own. Events that matter to no view are
appended one at a time, each once every view shows the one before: what is measured is the price of
a view that has nothing to do. `grouped` is how views are followed; `single`, a worker for each of
them, is how they were before, in turns with it in the same run.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import product
from pathlib import Path
from typing import Final
from uuid import uuid4

import msgspec
import structlog
import uvloop

from eventstore.appender import Appender
from eventstore.feed import PollingFeed
from eventstore.log import Log, open_pool
from eventstore.migrate import migrate
from eventstore.records import Append, NewEvent
from eventstore.stream_feed import StreamFeed
from infra.drivers.jetstream import JetStream
from infra.embedded import Stack, Urls
from projections.running.worker import Worker
from projections.schema import ensure
from projections.table import VIEWS, grouped
from projections.view import View
from tests.bench.append_facts import METADATA
from tests.bench.servers import machine
from tests.conftest import APP_ROLE, Database
from tests.eventstore.carried import relaying
from tests.projections.synthetic import counting

EVENTS: Final = 200
TURNS: Final = 3
FEW: Final = 7
MANY: Final = 46
WARM_UP: Final = 20
"""Events until feeds have joined the stream and statements are prepared."""


class Showing:
    """Up to where every view shows the log."""

    def __init__(self, views: Sequence[View]) -> None:
        self._positions = {view.name: 0 for view in views}
        self._moved = asyncio.Event()

    def moved(self, view: str, position: int) -> None:
        self._positions[view] = position
        self._moved.set()

    async def reach(self, position: int) -> None:
        while min(self._positions.values()) < position:
            self._moved.clear()
            await self._moved.wait()


def groups_of(views: Sequence[View], grouping: str) -> list[list[View]]:
    """Return which views a worker follows together."""
    return grouped(views) if grouping == "grouped" else [[view] for view in views]


def an_event() -> Append:
    """One event, for a stream of its own."""
    event = NewEvent(uuid4(), 1, uuid4(), "bench.passed", 1, b"{}")
    return Append(uuid4(), b"h" * 32, METADATA, [event])


@asynccontextmanager
async def following(urls: Urls, groups: Sequence[Sequence[View]]) -> AsyncIterator[Showing]:
    """Let a worker follow each group meanwhile, as a process does."""
    stop = asyncio.Event()
    showing = Showing([view for group in groups for view in group])
    async with open_pool(urls.postgres, size=4) as pool, JetStream(urls.nats) as broker:
        log = Log(pool)
        backlog = PollingFeed(log)
        feeds = [StreamFeed(broker, log, f"view-{group[0].name}") for group in groups]
        tasks = [
            asyncio.create_task(
                Worker(group, urls.postgres, feed, backlog, moved=showing.moved).run(stop)
            )
            for group, feed in zip(groups, feeds, strict=True)
        ]
        try:
            yield showing
        finally:
            stop.set()
            await asyncio.gather(*tasks)
            for feed in feeds:
                await feed.close()


async def rate(urls: Urls, groups: Sequence[Sequence[View]], events: int) -> float:
    """Return how many events a second all views show, one after the other."""
    async with AsyncExitStack() as stack:
        bell = await stack.enter_async_context(JetStream(urls.nats))
        appender = await stack.enter_async_context(Appender(urls.postgres, doorbell=bell.ring))
        showing = await stack.enter_async_context(following(urls, groups))
        for _ in range(WARM_UP):
            await showing.reach((await appender.append(an_event())).last_position)
        began = time.perf_counter()
        for _ in range(events):
            await showing.reach((await appender.append(an_event())).last_position)
        return events / (time.perf_counter() - began)


async def measure(urls: Urls, views: Sequence[View], events: int) -> dict[tuple[str, int], float]:
    """Return the median rates, by grouping and number of views."""
    found: dict[tuple[str, int], list[float]] = {}
    database = Database(url=urls.postgres, owner_url=urls.postgres_owner)
    async with JetStream(urls.nats) as broker, relaying(database, broker):
        for _ in range(TURNS):
            for grouping, number in product(("grouped", "single"), (FEW, MANY)):
                groups = groups_of(views[:number], grouping)
                taken = await rate(urls, groups, events)
                found.setdefault((grouping, number), []).append(taken)
    return {setting: statistics.median(rates) for setting, rates in found.items()}


def main(events: int) -> None:
    """Start servers, measure, print."""
    idle = [counting(f"idle_{number}", "nothing") for number in range(MANY - len(VIEWS))]
    views = [*VIEWS, *idle]
    unused = {"PSA_REDIS_URL": "unused"}
    with (
        tempfile.TemporaryDirectory(prefix="psa-bench-") as home,
        Stack(Path(home), external=unused, durable=True) as stack,
    ):
        urls = stack.start()
        migrate(urls.postgres_owner, app_role=APP_ROLE)
        ensure(urls.postgres, views)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            rates = runner.run(measure(urls, views, events))
        known = machine(urls.postgres, Path(home)) | {"load": os.getloadavg()[0]}
    for (grouping, number), value in rates.items():
        figures = {
            "bench": "views",
            "views": number,
            "grouping": grouping,
            "value": round(value),
            "unit": "events/s",
            "share_of_few": round(value / rates[grouping, FEW], 2),
            "ratio_to_single": round(value / rates["single", number], 1),
            "machine": known,
        }
        print(msgspec.json.encode(figures).decode())


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    main(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS)
