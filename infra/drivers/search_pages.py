"""The documents of the view `search`, and the index that mirrors them."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final, Protocol
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from projections import checkpoints
from projections.running.session import connect
from projections.search import TEXT_LIMIT, VIEW
from projections.view import Row

# An index wants whole documents: their texts are put together again where they are read.
DOCUMENTS: Final = """
    select id, kind, number, external_number, title, customer_id, deleted, position,
           coalesce(left(body, %(most)s), '') as body,
           coalesce(left(internal_body, %(most)s), '') as internal_body
      from (select * from rm.search_documents where {} limit %(limit)s) as documents
     cross join lateral (
               select string_agg(text, E'\n' order by place, id) filter (where not internal),
                      string_agg(text, E'\n' order by place, id) filter (where internal)
                 from rm.search_texts
                where document_id = documents.id and place > 0
           ) as texts (body, internal_body)
     order by {}
"""
PAGE: Final = DOCUMENTS.format("id > %(after)s order by id", "id")
CHANGED: Final = DOCUMENTS.format("position > %(after)s order by position", "position")

ALONE: Final = "select pg_advisory_lock(hashtextextended('search.fill', 0))"


Pages = Callable[[], AsyncIterator[Sequence[Row]]]
"""Begins to read all documents there are, a page at a time."""


def _bounds(after: UUID | int, limit: int) -> dict[str, Any]:
    return {"after": after, "limit": limit, "most": TEXT_LIMIT}


class Index(Protocol):
    """Documents outside of Postgres, in which one can search."""

    async def wants_rebuild(self) -> bool:
        """Return whether it is missing, was never filled, or is of another shape."""
        ...

    async def rebuild(self, pages: Pages) -> int:
        """Fill a new index, put it in the place of the old one, and return its size."""
        ...

    async def write(self, changed: Sequence[Row]) -> None:
        """Take in documents, unless newer ones are here already."""
        ...


class SearchMirror:
    """An index as the mirror of the view."""

    def __init__(self, index: Index, conninfo: str) -> None:
        """Mirror the view that `conninfo` leads to."""
        self._index = index
        self._conninfo = conninfo

    async def fill(self) -> None:
        """Make the index hold the view, unless it does; raises `SearchUnavailable`."""
        await fill(self._index, self._conninfo)

    async def changed(
        self, connection: AsyncConnection[Any], after: int, limit: int
    ) -> Sequence[Row]:
        """Return the documents that changed after a position, oldest first."""
        cursor = connection.cursor(binary=True, row_factory=dict_row)
        return await (await cursor.execute(CHANGED, _bounds(after, limit))).fetchall()

    async def write(self, changed: Sequence[Row]) -> None:
        """Take in documents; raises `MirrorUnavailable`."""
        await self._index.write(changed)


async def fill(index: Index, conninfo: str) -> None:
    """Make the index hold the view, unless it does; several processes may want that at once.

    Raises `SearchUnavailable`; whoever comes next begins anew. A view of another shape is not
    mirrored.
    """
    async with _alone(conninfo) as connection:
        checkpoint = await checkpoints.read_mirror(connection, VIEW)
        if checkpoint.shape != VIEW.shape or await index.wants_rebuild():
            await _rebuild(index, conninfo, connection)


async def _rebuild(index: Index, conninfo: str, connection: AsyncConnection[Any]) -> None:
    # First: what is folded meanwhile may be missing in the index, and comes with the changes.
    view = await checkpoints.read(connection, VIEW)
    if view is None or view.shape != VIEW.shape:
        return
    await checkpoints.begin_filling(connection, VIEW)
    await index.rebuild(partial(pages, conninfo))
    await checkpoints.end_filling(connection, VIEW, view.position)


@asynccontextmanager
async def _alone(conninfo: str) -> AsyncIterator[AsyncConnection[Any]]:
    async with await connect(conninfo) as connection:
        await connection.execute(ALONE)
        yield connection


async def pages(conninfo: str, *, size: int = 1_000) -> AsyncIterator[list[Row]]:
    """Yield the documents in pages, in the order of their ids."""
    async with await connect(conninfo) as connection:
        cursor = connection.cursor(binary=True, row_factory=dict_row)
        last = UUID(int=0)
        while page := await (await cursor.execute(PAGE, _bounds(last, size))).fetchall():
            yield page
            last = page[-1]["id"]
