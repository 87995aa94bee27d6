"""The whole of it: writers, a killer, transactions that stay open, readers, and the verdict."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from eventstore.feed import Feed, PollingFeed
from eventstore.log import Log, open_pool
from eventstore.stream_feed import StreamFeed
from tests.conftest import Database
from tests.eventstore.carried import CountedLog, relaying, shared
from tests.prove.fire.crew import crew
from tests.prove.fire.killer import Killer
from tests.prove.fire.readers import Reader, digest_of
from tests.prove.fire.verdict import judge
from tests.prove.fire.writer import Orders, named

PAGE: Final = 1_000
CATCH_UP_SECONDS: Final = 120.0


class Fire(msgspec.Struct, frozen=True):
    """For how long how many write; the seed is the killer's."""

    seconds: float
    writers: int
    """In all processes together."""
    processes: int
    seed: int = 1


async def prove(fire: Fire, database: Database, nats: str, folder: Path) -> dict[str, Any]:
    """Write, kill and read for so long, and return the figures; `holds` is the verdict."""
    started = time.monotonic()
    prefix = f"fire_{conninfo_to_dict(database.url)['dbname']}"
    each = fire.writers // fire.processes
    orders = Orders(
        url=named(database.url),
        nats=nats,
        prefix=prefix,
        folder=str(folder),
        slot=0,
        life=0,
        writers=each,
        streams=fire.writers * 5 // 8,
    )
    with crew(orders, fire.processes) as writing:
        killer = Killer(database.url, writing, fire.seed)

        async def burn() -> None:
            await killer.kill_for(fire.seconds)
            await asyncio.to_thread(writing.stop)

        async with transactions_left_open(database):
            readers, streamed = await followed(database, nats, prefix, burn)
        verdict = await asyncio.to_thread(judge, database, writing.journals)
    return {
        "writers": each * fire.processes,
        "processes": fire.processes,
        "kills": {"connections": killer.connections, "processes": killer.processes},
        **msgspec.to_builtins(verdict),
        "readers": {
            name: {"seen": reader.seen, "missed": reader.missed, "doubled": reader.doubled}
            for name, reader in readers.items()
        },
        "streamed": streamed,
        "seconds": round(time.monotonic() - started, 1),
        "holds": verdict.holds and saw_the_log(database, readers.values()),
    }


@asynccontextmanager
async def transactions_left_open(database: Database) -> AsyncIterator[None]:
    """Keep a transaction that writes open in this database, and one in another."""
    other = make_conninfo(database.owner_url, dbname="postgres")
    async with (
        await psycopg.AsyncConnection.connect(database.url) as own,
        await psycopg.AsyncConnection.connect(other) as foreign,
    ):
        # Readers that order by transaction id would wait for these.
        await own.execute("select pg_current_xact_id()")
        await foreign.execute("select pg_current_xact_id()")
        yield


async def followed(
    database: Database, nats: str, prefix: str, burn: Callable[[], Awaitable[None]]
) -> tuple[dict[str, Reader], int]:
    """Let a reader of Postgres and one of the stream follow what is written meanwhile.

    Return both, and how many events really came by the stream.
    """
    async with (
        open_pool(database.url) as pool,
        shared(nats, prefix) as broker,
        relaying(database, broker),
    ):
        log, counted = Log(pool), CountedLog(Log(pool))
        feeds: dict[str, Feed] = {
            "polling": PollingFeed(log, page=PAGE),
            "stream": StreamFeed(broker, counted, "reader", page=PAGE),
        }
        readers = {name: Reader(feed) for name, feed in feeds.items()}
        end: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        async with asyncio.TaskGroup() as group:
            following = [group.create_task(reader.follow(end)) for reader in readers.values()]
            await burn()
            end.set_result(await log.head())
            async with asyncio.timeout(CATCH_UP_SECONDS):
                await asyncio.gather(*following)
        return readers, readers["stream"].seen - counted.read


def saw_the_log(database: Database, readers: Iterable[Reader]) -> bool:
    """Tell whether to each of them the log came as it is."""
    digest = digest_of(database.url)
    return all(
        (reader.digest, reader.missed, reader.doubled) == (digest, 0, 0) for reader in readers
    )
