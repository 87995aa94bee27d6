"""All documents of the view `search`, and the filling of an index with them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final
from uuid import UUID

from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier

from infra.drivers.opensearch import OpenSearch
from projections import checkpoints
from projections.running.session import connect
from projections.search import VIEW, search_documents
from projections.view import Row

COLUMNS: Final = [column.name for column in search_documents.columns if column.computed is None]
PAGE: Final = SQL("select {} from rm.search_documents where id > %s order by id limit %s").format(
    SQL(", ").join(map(Identifier, COLUMNS))
)

ALONE: Final = "select pg_advisory_lock(hashtextextended('search.fill', 0))"


async def fill(engine: OpenSearch, conninfo: str) -> None:
    """Make the index hold the view, unless it does; several processes may want that at once."""
    async with _alone(conninfo):
        if await engine.wants_rebuild():
            await engine.rebuild(partial(pages, conninfo))


async def refill(engine: OpenSearch, conninfo: str) -> None:
    """Build the index anew from the view, one process after the other."""
    async with _alone(conninfo):
        await engine.rebuild(partial(pages, conninfo))


@asynccontextmanager
async def _alone(conninfo: str) -> AsyncIterator[None]:
    async with await connect(conninfo) as connection:
        await connection.execute(ALONE)
        yield


async def pages(conninfo: str, *, size: int = 1_000) -> AsyncIterator[list[Row]]:
    """Yield the documents in pages, in the order of their ids."""
    async with await connect(conninfo) as connection:
        # A batch that is mirrored already but not yet committed is waited for.
        async with connection.transaction():
            await checkpoints.lock(connection, VIEW)
        cursor = connection.cursor(binary=True, row_factory=dict_row)
        last = UUID(int=0)
        while page := await (await cursor.execute(PAGE, [last, size])).fetchall():
            yield page
            last = page[-1]["id"]
