"""The way to the views: one statement at a time, and how far the views had come by then."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final, TypeVar

import msgspec
import psycopg
from psycopg.rows import AsyncRowFactory, DictRow, dict_row, tuple_row
from psycopg.types.json import set_json_loads
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from eventstore import log
from eventstore.epochs import Epochs
from readapi.at_once import FOUND, POSITIONS, AtOnce
from readapi.counts import FEW, Many
from readapi.errors import Unavailable
from readapi.listings import VISIBLE, FoundPage, Wanted
from readapi.statements import Told
from readapi.totals import NoTotals, Totals, question_of, total_key

Connection = psycopg.AsyncConnection[Any]
TRow = TypeVar("TRow")

# Nothing is written here; and who waits longer than this has long since asked again. Names are
# alike (`%` of pg_trgm) from one half of their trigrams on: of all pairs, few have to be weighed.
# A second process is worth starting only where it saves more than the few milliseconds it takes.
SESSION: Final = """
    select set_config('timezone', 'UTC', false),
           set_config('default_transaction_read_only', 'on', false),
           set_config('statement_timeout', '10s', false),
           set_config('jit', 'off', false),
           set_config('parallel_setup_cost', '10000', false),
           set_config('pg_trgm.similarity_threshold', '0.5', false)
"""
CHECKPOINTS: Final = "select view, position from rm.checkpoints"


def open_pool(conninfo: str, *, size: int = 8, epochs: Epochs | None = None) -> AsyncConnectionPool:
    """Return a pool made for `Views`; enter it to open it. `epochs` learns from each connection."""
    return log.open_pool(conninfo, size=size, configure=configure, epochs=epochs)


async def configure(connection: Connection) -> None:
    """Prepare a connection for `Views`: read-only, bounded in time, instants in UTC."""
    await connection.set_autocommit(True)
    set_json_loads(msgspec.json.decode, connection)
    await connection.execute(SESSION)


class Views:
    """The read models in Postgres."""

    def __init__(
        self,
        pool: AsyncConnectionPool,
        totals: Totals | None = None,
        epochs: Epochs | None = None,
    ) -> None:
        """Read through `pool`, whose connections went through `configure`, and told of `epochs`."""
        self._pool = pool
        self._epochs = epochs or Epochs()
        self._totals = totals or NoTotals()
        self._many = Many()

    async def positions(self) -> Mapping[str, int]:
        """Return the position of every view; raises `Unavailable`."""
        async with self._connection() as connection:
            return await _positions(connection)

    async def read(
        self, views: Collection[str], *statements: Told
    ) -> tuple[int, list[Sequence[Mapping[str, Any]]]]:
        """Return the rows of each statement, and a position that they show at least.

        Raises `Unavailable`.
        """
        async with self._connection() as connection:
            # First, so that the rows may be newer than we say, but never older.
            positions = await _positions(connection)
            position = min(positions.get(view, 0) for view in views)
            return position, [await _asked(connection, one, dict_row) for one in statements]

    async def read_at_once(
        self, views: Collection[str], statement: AtOnce, values: Mapping[str, Any]
    ) -> tuple[int, Sequence[Mapping[str, Any]]]:
        """Return the statement's rows for these values, and the position that they show.

        Postgres is asked once for both. Raises `Unavailable`.
        """
        async with self._connection() as connection:
            rows = await _asked(connection, statement.told(values), dict_row)
        positions = rows[0][POSITIONS] or {}
        position = min(positions.get(view, 0) for view in views)
        return position, [row for row in rows if row[FOUND]]

    async def page(self, wanted: Wanted) -> FoundPage:
        """Return what is found of a page; raises `Unavailable`.

        The total is what is counted in the table of the first view, or what the cursor says; of
        more than `FEW` rows it may be as it was up to `OLDEST` seconds ago.
        """
        views = wanted.listing.views
        question = question_of(views[0], *wanted.count_all())
        async with self._connection() as connection:
            # First, so that the rows may be newer than we say, but never older.
            positions = await _positions(connection)
            key = total_key(question, self._epochs.current, positions.get(views[0], 0))
            # Who reads a long list to its end has it counted once.
            is_long = wanted.after is not None and wanted.after.total > FEW
            total = None if is_long else await self._few(connection, question, key, wanted)
            few = total is not None and total <= FEW
            # Of a list each value wants a plan of its own, which nothing that is prepared is sure
            # to get: how common it is decides.
            keys = await _asked(connection, wanted.keys(few=few), tuple_row, prepare=False)
            rows = await _shown(connection, wanted, [key for _, key in keys[: wanted.limit]])
        if wanted.after is not None:
            total = wanted.after.total
        if total is None:
            # Without our connection: all of the pool might wait for one more.
            total = await self._many.total(question, partial(self._count, wanted.count_all(), key))
        position = min(positions.get(view, 0) for view in views)
        return FoundPage(position, keys, rows, total)

    async def _few(
        self, connection: Connection, question: str, key: str, wanted: Wanted
    ) -> int | None:
        """Return the total as of now, or None where that would take counting many rows."""
        known = await self._totals.get(key)
        if known is not None or self._many.knows(question):
            return known
        total = await _number(connection, wanted.count_few())
        if total > FEW:
            return None
        await self._totals.put(key, total)
        return total

    async def _count(self, counted: Told, key: str) -> int:
        async with self._connection() as connection:
            total = await _number(connection, counted)
        await self._totals.put(key, total)
        return total

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        try:
            async with self._pool.connection() as connection:
                yield connection
        except (PoolTimeout, psycopg.OperationalError, psycopg.errors.UndefinedTable) as error:
            raise Unavailable from error


async def _positions(connection: Connection) -> dict[str, int]:
    cursor = await connection.execute(CHECKPOINTS, prepare=True)
    return dict(await cursor.fetchall())


async def _shown(connection: Connection, wanted: Wanted, keys: Sequence[Any]) -> list[DictRow]:
    """Return the rows with these keys in their order; what is gone meanwhile is left out."""
    if not keys:
        return []
    name = wanted.listing.key.name
    rows = await _asked(connection, wanted.rows(keys), dict_row, prepare=True)
    found = {row[name]: row for row in rows if row[VISIBLE]}
    return [found[key] for key in keys if key in found]


async def _number(connection: Connection, counted: Told) -> int:
    ((number,),) = await _asked(connection, counted, tuple_row, prepare=False)
    return int(number)


async def _asked(
    connection: Connection,
    told: Told,
    rows: AsyncRowFactory[TRow],
    *,
    prepare: bool | None = None,
) -> list[TRow]:
    cursor = connection.cursor(binary=True, row_factory=rows)
    await cursor.execute(*told, prepare=prepare)
    return await cursor.fetchall()
