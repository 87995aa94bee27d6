"""The way to the views: one statement at a time, and how far the views had come by then."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

import msgspec
import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import set_json_loads
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from sqlalchemy import Executable

from readapi.at_once import FOUND, POSITIONS, AtOnce
from readapi.counts import FEW, Count, Many
from readapi.errors import Unavailable
from readapi.statements import text_of
from readapi.totals import NoTotals, Totals, question_of, total_key

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
POOL_SECONDS: Final = 5.0


def open_pool(conninfo: str, *, size: int = 8) -> AsyncConnectionPool:
    """Return a pool made for `Views`; enter it to open it."""
    return AsyncConnectionPool(
        conninfo, min_size=1, max_size=size, open=False, configure=configure, timeout=POOL_SECONDS
    )


async def configure(connection: psycopg.AsyncConnection[Any]) -> None:
    """Prepare a connection for `Views`: read-only, bounded in time, instants in UTC."""
    await connection.set_autocommit(True)
    set_json_loads(msgspec.json.decode, connection)
    await connection.execute(SESSION)


class Views:
    """The read models in Postgres."""

    def __init__(self, pool: AsyncConnectionPool, totals: Totals | None = None) -> None:
        """Read through `pool`, whose connections went through `configure`."""
        self._pool = pool
        self._totals = totals or NoTotals()
        self._many = Many()

    async def positions(self) -> Mapping[str, int]:
        """Return the position of every view; raises `Unavailable`."""
        async with self._connection() as connection:
            return await _positions(connection)

    async def read(
        self, views: Collection[str], *statements: Executable
    ) -> tuple[int, list[Sequence[Mapping[str, Any]]]]:
        """Return the rows of each statement, and a position that they show at least.

        Raises `Unavailable`.
        """
        async with self._connection() as connection:
            # First, so that the rows may be newer than we say, but never older.
            positions = await _positions(connection)
            position = min(positions.get(view, 0) for view in views)
            return position, [await _rows(connection, one) for one in statements]

    async def read_at_once(
        self, views: Collection[str], statement: AtOnce, values: Mapping[str, Any]
    ) -> tuple[int, Sequence[Mapping[str, Any]]]:
        """Return the statement's rows for these values, and the position that they show.

        Postgres is asked once for both. Raises `Unavailable`.
        """
        async with self._connection() as connection:
            rows = await _asked(connection, *statement.told(values))
        positions = rows[0][POSITIONS] or {}
        position = min(positions.get(view, 0) for view in views)
        return position, [row for row in rows if row[FOUND]]

    async def page(
        self,
        views: Sequence[str],
        rows: Callable[[int | None], Executable],
        count: Count,
        *,
        told: int | None = None,
    ) -> tuple[int, Sequence[Mapping[str, Any]], int]:
        """Return a position, the rows that show it at least, and the total.

        The total is what is counted in the table of the first view, or what was `told`; of more
        than `FEW` rows it may be as it was up to `OLDEST` seconds ago. `rows` returns the statement
        for so many rows, or for None where they are more than `FEW`. Raises `Unavailable`.
        """
        question = question_of(views[0], *text_of(count.all))
        async with self._connection() as connection:
            positions = await _positions(connection)
            key = total_key(question, positions.get(views[0], 0))
            total = await self._few(connection, question, key, count)
            shown = await _rows(connection, rows(total), prepare=False)
        if told is not None:
            total = told
        if total is None:
            # Without our connection: all of the pool might wait for one more.
            total = await self._many.total(question, partial(self._count, count.all, key))
        return min(positions.get(view, 0) for view in views), shown, total

    async def _few(
        self, connection: psycopg.AsyncConnection[Any], question: str, key: str, count: Count
    ) -> int | None:
        """Return the total as of now, or None where that would take counting many rows."""
        known = await self._totals.get(key)
        if known is not None or self._many.knows(question):
            return known
        total = await _number(connection, count.few)
        if total > FEW:
            return None
        await self._totals.put(key, total)
        return total

    async def _count(self, statement: Executable, key: str) -> int:
        async with self._connection() as connection:
            total = await _number(connection, statement)
        await self._totals.put(key, total)
        return total

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        try:
            async with self._pool.connection() as connection:
                yield connection
        except (PoolTimeout, psycopg.OperationalError, psycopg.errors.UndefinedTable) as error:
            raise Unavailable from error


async def _positions(connection: psycopg.AsyncConnection[Any]) -> dict[str, int]:
    cursor = await connection.execute(CHECKPOINTS, prepare=True)
    return dict(await cursor.fetchall())


async def _rows(
    connection: psycopg.AsyncConnection[Any],
    statement: Executable,
    *,
    prepare: bool | None = None,
) -> list[DictRow]:
    return await _asked(connection, *text_of(statement), prepare=prepare)


async def _asked(
    connection: psycopg.AsyncConnection[Any],
    text: str,
    parameters: dict[str, Any],
    *,
    prepare: bool | None = None,
) -> list[DictRow]:
    cursor = connection.cursor(binary=True, row_factory=dict_row)
    # Of a list each value wants a plan of its own, which nothing that is prepared is sure to get:
    # how common it is decides.
    await cursor.execute(text, parameters, prepare=prepare)
    return await cursor.fetchall()


async def _number(connection: psycopg.AsyncConnection[Any], statement: Executable) -> int:
    ((number,),) = (row.values() for row in await _rows(connection, statement, prepare=False))
    return int(number)
