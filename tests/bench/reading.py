"""How long it takes to have a record of so many events: afresh, in memory, and from a snapshot.

`python -m tests.bench.reading [EVENTS…]` starts servers of its own and prints one JSON line for
each length. The events are a ticket's comments, encrypted as in production; times are medians.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from eventstore.appender import Appender
from eventstore.baselines import Afresh, Baselines
from eventstore.gathering import Gathering
from eventstore.log import PAGE, Log, open_pool
from eventstore.mapper import encode
from eventstore.records import Append, Metadata
from eventstore.snapshots.code import this_code
from eventstore.snapshots.states import dump
from eventstore.snapshots.table import Snapshot, Table
from eventstore.snapshots.taking import Snapshots
from infra.bootstrap import opened_vault, prepare
from infra.embedded import Stack, Urls
from infra.settings import read_settings
from tests.given import commented, opened

LENGTHS: Final = (10, 1_000, 10_000, 100_000)
TIMES: Final = 5


class Side(NamedTuple):
    """What is read and written."""

    log: Log
    table: Table
    appender: Appender


@asynccontextmanager
async def working(urls: Urls) -> AsyncIterator[Side]:
    """Open everything as the platform does."""
    async with AsyncExitStack() as stack:
        vault = await stack.enter_async_context(opened_vault(read_settings(), urls))
        pool = await stack.enter_async_context(open_pool(urls.postgres))
        appender = await stack.enter_async_context(Appender(urls.postgres, vault))
        yield Side(Log(pool, vault), Table(pool), appender)


async def fill(appender: Appender, id: UUID, length: int) -> None:
    """Record a ticket of so many events."""
    metadata = msgspec.json.encode(Metadata(UUID(int=1), "bench", UUID(int=1)))
    for start in range(1, length + 1, PAGE):
        versions = range(start, min(start + PAGE, length + 1))
        facts = [(opened if n == 1 else commented)(originator_id=id).event(n) for n in versions]
        command_id = UUID(int=id.int << 32 | start)
        await appender.append(Append(command_id, b"", metadata, [encode(fact) for fact in facts]))


async def milliseconds(work: Callable[[], Awaitable[Any]]) -> float:
    """Return how long it takes, the median of some times."""
    found = []
    for _ in range(TIMES):
        start = time.perf_counter()
        await work()
        found.append(1_000 * (time.perf_counter() - start))
    return round(median(found), 3)


async def measure(side: Side, length: int) -> dict[str, Any]:
    """Return the figures for one length."""
    id = UUID(int=length)
    await fill(side.appender, id, length)
    found = await Afresh(side.log).find(id)
    assert found is not None
    assert found.record.version == length
    (last,) = await side.log.read_stream(id, length - 1)
    state = dump(found.record)
    assert state is not None
    await side.table.keep(
        Snapshot(id, length, found.position, last.event_id, this_code(), state), 0.0
    )
    warm = Baselines(Gathering(side.log))
    await warm.find(id)
    afresh = await milliseconds(lambda: Afresh(side.log).find(id))
    baseline = await milliseconds(lambda: warm.find(id))
    snapshot = await milliseconds(
        lambda: Baselines(Gathering(side.log), snapshots=Snapshots(side.table)).find(id)
    )
    return {
        "events": length,
        "afresh_ms": afresh,
        "baseline_ms": baseline,
        "snapshot_ms": snapshot,
        "afresh_to_baseline": round(afresh / baseline, 1),
        "afresh_to_snapshot": round(afresh / snapshot, 1),
    }


async def run(urls: Urls, lengths: list[int]) -> None:
    """Measure each length, and print it."""
    async with working(urls) as side:
        for length in lengths:
            figures = await measure(side, length)
            told = {"bench": "reading", "load": os.getloadavg()[0], **figures}
            print(msgspec.json.encode(told).decode(), flush=True)


def main(lengths: list[int]) -> None:
    """Start servers, measure, print."""
    with tempfile.TemporaryDirectory(prefix="psa-bench-") as home:
        os.environ["PSA_HOME"] = home
        with Stack(Path(home), external={}) as stack:
            urls = stack.start()
            prepare(urls)
            asyncio.run(run(urls, lengths))


if __name__ == "__main__":
    main([int(length) for length in sys.argv[1:]] or list(LENGTHS))
