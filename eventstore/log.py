"""The way out of the log: one stream, several, or everything in order."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import closing
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.rows import args_row
from psycopg_pool import AsyncConnectionPool

from eventstore.epochs import Epochs
from eventstore.errors import CommandIdReused
from eventstore.feed import Opening
from eventstore.packing import bigints, register, uuids
from eventstore.records import Appended, Recorded, Since

# Half an open line is found dead within seconds, not within the kernel's hours: many wait for it.
LINE: Final[dict[str, Any]] = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
# A plan made while the tables were small must not scan them once they are large.
SESSION: Final = """
    select set_config('timezone', 'UTC', false),
           set_config('enable_seqscan', 'off', false)
"""
END: Final = 2**63 - 1
POOL_SECONDS: Final = 5.0
"""How long who asks waits for a connection before hearing that the log is away."""
PAGE: Final = 1_000
"""How many events of a stream are read at once: so many are in memory, however long it is."""

STREAM: Final = """
    select position, stream_id, version, event_id, topic,
           class_version, state, metadata, recorded_at
      from es.events
     where stream_id = %s and version > %s and version <= %s
     order by version
     limit %s
"""
STREAMS: Final = """
    select position, stream_id, version, event_id, topic,
           class_version, state, metadata, recorded_at
      from es.events
     where stream_id = any (%s)
     order by stream_id, version
"""
# Ordered inside, so that each stream is looked up in the index, however small the table was when
# the plan was made.
SINCE: Final = """
    select asked.version, e.*
      from unnest(%b::uuid[], %b::bigint[]) as asked (stream_id, version)
     cross join lateral (
        select position, stream_id, version, event_id, topic,
               class_version, state, metadata, recorded_at
          from es.events
         where stream_id = asked.stream_id and version >= asked.version
         order by version
         limit %s
     ) e
     order by e.version
"""
ALL: Final = """
    select position, stream_id, version, event_id, topic,
           class_version, state, metadata, recorded_at
      from es.events
     where position > %s and position <= %s
     order by position
     limit %s
"""
COMMAND: Final = """
    select command_id, first_position, last_position, true, request_hash
      from es.commands
     where command_id = %s
"""


Configure = Callable[[psycopg.AsyncConnection[Any]], Awaitable[None]]


async def configure(connection: psycopg.AsyncConnection[Any]) -> None:
    """Prepare a connection for `Log`: instants in UTC, plans that stay good, arrays packed."""
    await connection.set_autocommit(True)
    register(connection.adapters)
    await connection.execute(SESSION)
    # Many wait for what one reads.
    await connection.execute("select set_config('statement_timeout', '10s', false)")


def open_pool(
    conninfo: str, *, size: int = 4, configure: Configure = configure, epochs: Epochs | None = None
) -> AsyncConnectionPool:
    """Return a pool made for `Log`, or for who prepares connections otherwise; enter it to open it.

    Who waits longer than `POOL_SECONDS` for a connection is told. `epochs` learns from each.
    """

    async def prepare(connection: psycopg.AsyncConnection[Any]) -> None:
        await configure(connection)
        if epochs is not None:
            await epochs.learn(connection)

    return AsyncConnectionPool(
        conninfo,
        kwargs=LINE,
        min_size=1,
        max_size=size,
        open=False,
        configure=prepare,
        timeout=POOL_SECONDS,
    )


class Log:
    """What has been recorded, one query at a time."""

    def __init__(self, pool: AsyncConnectionPool, vault: Opening | None = None) -> None:
        """Read through `pool`, whose connections went through `configure`.

        `vault` opens what is encrypted; without one, events come as they are stored.
        """
        self._pool = pool
        self._vault = vault

    async def pages(
        self, stream_id: UUID, after: int = 0, upto: int | None = None, *, page: int = PAGE
    ) -> AsyncIterator[list[Recorded]]:
        """Yield a stream's events with `after < version <= upto`, oldest first, in pages.

        No connection is held while a page is looked at: who folds slowly keeps nobody waiting.
        """
        while events := await self._events(STREAM, (stream_id, after, _end(upto), page)):
            yield events
            after, is_last = events[-1].version, len(events) < page
            # Not two pages at once.
            del events
            if is_last:
                return

    async def read_stream(
        self, stream_id: UUID, after: int = 0, upto: int | None = None
    ) -> list[Recorded]:
        """Return the same events at once: for a stream that is known to be short."""
        return [e async for page in self.pages(stream_id, after, upto) for e in page]

    async def read_streams(self, ids: Sequence[UUID]) -> dict[UUID, list[Recorded]]:
        """Return the events of each stream, oldest first; an unknown one has none."""
        streams: dict[UUID, list[Recorded]] = {stream_id: [] for stream_id in ids}
        for event in await self._events(STREAMS, (list(streams),)):
            streams[event.stream_id].append(event)
        return streams

    async def read_since(self, asked: Collection[Since], limit: int) -> dict[Since, list[Recorded]]:
        """Return the events of streams, each from a version of its own on: the first `limit`."""
        streams: dict[Since, list[Recorded]] = {since: [] for since in asked}
        query = (uuids(id for id, _ in streams), bigints(since for _, since in streams), limit)
        async with self._pool.connection() as connection:
            cursor = connection.cursor(binary=True, row_factory=args_row(_asked_for))
            await cursor.execute(SINCE, query, prepare=True)
            rows = await cursor.fetchall()
        events = await self._opened([event for _, event in rows])
        for (since, _), event in zip(rows, events, strict=True):
            streams[event.stream_id, since].append(event)
        return streams

    async def read_all(self, after: int, limit: int, upto: int | None = None) -> list[Recorded]:
        """Return up to `limit` events with `after < position <= upto`, oldest first."""
        return await self._events(ALL, (after, _end(upto), limit))

    async def head(self) -> int:
        """Return the position of the last event, 0 for an empty log."""
        row = await self._row("select coalesce(max(position), 0) from es.events")
        return int(row[0]) if row else 0

    async def stream_version(self, stream_id: UUID) -> int:
        """Return the version of a stream, 0 for one that does not exist."""
        row = await self._row("select version from es.streams where stream_id = %s", stream_id)
        return int(row[0]) if row else 0

    async def command(self, command_id: UUID, request_hash: bytes | None = None) -> Appended | None:
        """Return where the events of a command are, if it was appended.

        Raises CommandIdReused when `request_hash` is given and another request has this id.
        """
        row = await self._row(COMMAND, command_id)
        if row is None:
            return None
        *appended, known_hash = row
        if request_hash is not None and known_hash != request_hash:
            raise CommandIdReused(command_id=command_id)
        return Appended(*appended)

    async def next_number(self, series: str) -> int:
        """Draw a number from a series such as `ticket`; some may never be used."""
        return await self.next_numbers(series, 1)

    async def next_numbers(self, series: str, count: int) -> int:
        """Draw `count` numbers in a row from a series, and return the first."""
        row = await self._row("select es.next_numbers(%s, %s)", series, count)
        return int(row[0]) if row else 0

    async def _events(self, query: str, values: Sequence[Any]) -> list[Recorded]:
        async with self._pool.connection() as connection:
            cursor = connection.cursor(binary=True, row_factory=args_row(Recorded))
            await cursor.execute(query, values, prepare=True)
            events = await cursor.fetchall()
        return await self._opened(events)

    async def _opened(self, events: list[Recorded]) -> list[Recorded]:
        return events if self._vault is None else await self._vault.open(events)

    async def _row(self, query: str, *values: UUID | str | int) -> tuple[Any, ...] | None:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(query, values, prepare=True)
            return await cursor.fetchone()


def scan(
    conninfo: str, after: int = 0, upto: int | None = None, page: int = 5_000
) -> Iterator[list[Recorded]]:
    """Yield the log in pages, oldest first, on a connection of its own."""
    with (
        closing(psycopg.connect(conninfo, autocommit=True)) as connection,
        connection.cursor(binary=True, row_factory=args_row(Recorded)) as cursor,
    ):
        connection.execute(SESSION)
        while events := cursor.execute(ALL, (after, _end(upto), page), prepare=True).fetchall():
            yield events
            after = events[-1].position


def _asked_for(since: int, *event: Any) -> tuple[int, Recorded]:
    return since, Recorded(*event)


def _end(upto: int | None) -> int:
    return END if upto is None else upto
