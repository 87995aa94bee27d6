"""A reader that follows the log misses nothing, however many write."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

import psycopg

from eventstore.appender import Appender
from eventstore.errors import VersionConflict
from eventstore.log import Log, open_pool
from tests.conftest import Database
from tests.eventstore.given import command, fact

SECONDS: Final = float(os.environ.get("PSA_TAIL_SECONDS", "5"))
WRITERS: Final = 64
STREAMS: Final = 40
"""Fewer than writers: some of them meet in a stream, and one is refused."""


async def test_a_tail_reader_misses_nothing_while_many_write(database: Database) -> None:
    end = time.monotonic() + SECONDS
    async with (
        a_transaction_left_open(database),
        Appender(database.url) as one,
        Appender(database.url, connections=2) as other,
        open_pool(database.url) as pool,
    ):
        writers = asyncio.gather(
            *(write_until(end, (one, other)[n % 2], n) for n in range(WRITERS))
        )
        seen = await follow(Log(pool), writers.done)
        written = sum(await writers)

    assert seen == list(range(1, written + 1))


async def write_until(end: float, appender: Appender, writer: int) -> int:
    """Append to one stream until time is up, and return how many events were accepted."""
    stream_id, version, written = UUID(int=writer % STREAMS), 1, 0
    while time.monotonic() < end:
        try:
            await appender.append(command((writer, version), fact(stream_id, version)))
        except VersionConflict as refused:
            version = refused.facts["actual"] + 1
        else:
            version, written = version + 1, written + 1
    return written


async def follow(log: Log, is_over: Callable[[], bool]) -> list[int]:
    """Read behind the writers, and once more when they are done."""
    seen: list[int] = []
    over = False
    while not over:
        over = is_over()
        while events := await log.read_all(seen[-1] if seen else 0, limit=500):
            seen += [event.position for event in events]
    return seen


@asynccontextmanager
async def a_transaction_left_open(database: Database) -> AsyncIterator[None]:
    """Readers that order by transaction id would wait for this one."""
    async with await psycopg.AsyncConnection.connect(database.url) as connection:
        await connection.execute("select pg_current_xact_id()")
        yield
