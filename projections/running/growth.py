"""New tables for a view, folded from the log in a schema of their own, beside the live ones."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import aclosing
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.sql import SQL, Identifier

from eventstore.feed import Opening
from eventstore.log import scan
from eventstore.records import Recorded
from projections import ddl
from projections.folding import fold, relevant
from projections.rows import BatchRows
from projections.view import View

Progress = Callable[[int, int], None]
"""Takes the position that was reached, and the one to reach."""

HELD_ROWS: Final = 50_000
"""Rows kept in memory from page to page; one costs about 3 KB."""


class Growth:
    """The tables that will be the view, at some position of the log."""

    def __init__(
        self,
        view: View,
        conninfo: str,
        connection: AsyncConnection[Any],
        progress: Progress | None,
        vault: Opening | None = None,
    ) -> None:
        """Plan the tables; nobody else uses the connection."""
        self.view = view
        self.schema = f"rm_next_{view.name}"
        self.position = 0
        self._conninfo = conninfo
        self._connection = connection
        self._progress = progress
        self._vault = vault
        self._rows = BatchRows(view.tables, self.schema)

    async def begin(self) -> None:
        """Make empty tables without secondary indexes; what an earlier attempt left is dropped."""
        cursor = await self._connection.execute(ddl.OWNER)
        (owner,) = await cursor.fetchone() or ("",)
        names = {"schema": Identifier(self.schema), "owner": Identifier(owner)}
        for statement in (
            SQL("set role {owner}"),
            SQL("drop schema if exists {schema} cascade"),
            SQL("reset role"),
            SQL("create schema {schema} authorization {owner}"),
            SQL("set role {owner}"),
        ):
            await self._connection.execute(statement.format(**names))
        for table in ddl.table_statements(self.view.tables, self.schema):
            await self._connection.execute(table)

    async def fold_upto(self, goal: int) -> None:
        """Take in the events up to this position; raises `Unapplicable`."""
        async with aclosing(_pages(self._conninfo, self.position, goal)) as pages:
            async for page in pages:
                events = relevant(self.view, page)
                if self._vault is not None:
                    events = await self._vault.open(events)
                await self._rows.load(self._connection, events)
                fold(self.view, events, self._rows)
                await self._rows.flush(self._connection)
                self._rows.trim(HELD_ROWS)
                self.position = page[-1].position
                if self._progress:
                    self._progress(self.position, goal)

    async def index(self) -> None:
        """Make the secondary indexes, which would only have slowed the load down."""
        for statement in ddl.index_statements(self.view.tables, self.schema):
            await self._connection.execute(statement)
        for table in self.view.tables:
            name = Identifier(self.schema, table.name)
            await self._connection.execute(SQL("analyze {}").format(name))

    def fall_back(self, position: int) -> None:
        """Go on from an earlier position: what was folded since then has been rolled back."""
        self.position = position
        self._rows.trim(0)


async def _pages(conninfo: str, after: int, upto: int) -> AsyncGenerator[list[Recorded], None]:
    pages = scan(conninfo, after, upto)
    # The next page is read while this one is folded.
    upcoming = asyncio.create_task(asyncio.to_thread(next, pages, None))
    try:
        while (page := await upcoming) is not None:
            upcoming = asyncio.create_task(asyncio.to_thread(next, pages, None))
            yield page
    finally:
        await asyncio.wait([upcoming])
        if isinstance(pages, Generator):
            pages.close()
