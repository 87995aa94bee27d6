"""The rows that a batch of events changes: loaded at once, folded in memory, written at once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from sqlalchemy import Table

from eventstore.records import Recorded
from projections import statements
from projections.view import Key, Row

AT_ONCE: Final = 1_000
"""Rows per statement: Postgres takes a gigabyte, and texts may be long."""


class MemoryRows:
    """Rows that live in memory only: for a replay as of some moment, and for tests."""

    def __init__(self, tables: Iterable[Table]) -> None:
        """Begin with empty tables."""
        self._tables = {table: _Held(table) for table in tables}

    def insert(self, table: Table, key: Key, /, **values: Any) -> None:
        """Add a row, or replace the one with this key; columns left out are null."""
        held = self._tables[table]
        held.replace(key, {**held.blank, held.key: key, **values})

    def update(self, table: Table, key: Key, /, **values: Any) -> None:
        """Change some columns of a row; one that does not exist is left alone."""
        held = self._tables[table]
        entry = held.entries.get(key)
        if entry is not None and entry.row is not None:
            entry.row.update(values)
            entry.names.update(values)
            held.touch(entry)

    def get(self, table: Table, key: Key) -> Row | None:
        """Return a row as it stands now, or None; it is not to be changed in place."""
        entry = self._tables[table].entries.get(key)
        return None if entry is None else entry.row

    def delete(self, table: Table, key: Key) -> None:
        """Remove a row."""
        self._tables[table].replace(key, None)

    def all(self, table: Table) -> list[Row]:
        """Return every row of a table, in the order in which they came to be."""
        entries = self._tables[table].entries.values()
        return [entry.row for entry in entries if entry.row is not None]

    def changed(self, table: Table) -> list[Row]:
        """Return the rows that were added or changed since they were loaded."""
        return [entry.row for entry in self._tables[table].touched if entry.row is not None]


class BatchRows(MemoryRows):
    """The rows of one batch, within the transaction that also moves the checkpoint."""

    def __init__(self, tables: Iterable[Table], schema: str = "rm") -> None:
        """Begin with nothing loaded; `schema` says whose tables are read and written."""
        super().__init__(tables)
        self._schema = schema

    async def load(self, connection: AsyncConnection[Any], events: Sequence[Recorded]) -> None:
        """Fetch the rows of the aggregates that these events are about."""
        # A stream that begins in this batch has no row yet.
        begun = {event.stream_id for event in events if event.version == 1}
        ids = {event.stream_id for event in events} - begun
        for table, held in self._tables.items():
            wanted = list(ids.difference(held.entries))
            if wanted and statements.keyed_by_aggregate(table):
                cursor = connection.cursor(binary=True, row_factory=dict_row)
                await cursor.execute(statements.load(table, self._schema), [wanted])
                held.take_in(await cursor.fetchall())

    async def flush(self, connection: AsyncConnection[Any]) -> None:
        """Write what has changed, with few statements: new rows, and each kind of change."""
        for table, held in self._tables.items():
            await self._write(connection, statements.insert(table, self._schema), held.new())
            for names, rows in held.updates().items():
                statement = statements.update(table, self._schema, names)
                await self._write(connection, statement, rows)
            if gone := held.gone():
                await connection.execute(statements.delete(table, self._schema), [gone])
            held.settle()

    def trim(self, most: int) -> None:
        """Forget the rows of a table, to be loaded when they matter, once there are more."""
        for table, held in self._tables.items():
            if len(held.entries) > most or not statements.keyed_by_aggregate(table):
                held.entries.clear()

    async def _write(
        self, connection: AsyncConnection[Any], statement: bytes, rows: Sequence[Row]
    ) -> None:
        for start in range(0, len(rows), AT_ONCE):
            part = statements.encode(rows[start : start + AT_ONCE])
            await connection.execute(statement, [part])


class _Entry:
    """One row, and what of it is not written yet."""

    __slots__ = ("key", "names", "row", "touched", "whole")

    def __init__(self, key: Key, row: Row | None) -> None:
        self.key = key
        self.row = row
        self.names: set[str] = set()
        self.whole = False
        self.touched = False


class _Held:
    """What is known of one table."""

    def __init__(self, table: Table) -> None:
        self.key = statements.key_of(table)
        self.blank = dict.fromkeys(statements.columns_of(table))
        self.entries: dict[Key, _Entry] = {}
        self.touched: list[_Entry] = []

    def take_in(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self.entries[row[self.key]] = _Entry(row[self.key], row)

    def replace(self, key: Key, row: Row | None) -> None:
        entry = self.entries.get(key)
        if entry is None:
            entry = self.entries[key] = _Entry(key, row)
        entry.row = row
        entry.whole = True
        self.touch(entry)

    def touch(self, entry: _Entry) -> None:
        if not entry.touched:
            entry.touched = True
            self.touched.append(entry)

    def new(self) -> list[Row]:
        return [entry.row for entry in self.touched if entry.whole and entry.row is not None]

    def updates(self) -> dict[frozenset[str], list[Row]]:
        """Return the keys and new values of rows that change in the same columns."""
        groups: dict[frozenset[str], list[Row]] = defaultdict(list)
        for entry in self.touched:
            if entry.row is not None and not entry.whole:
                row: Row = {name: entry.row[name] for name in entry.names}
                row[self.key] = entry.key
                groups[frozenset(entry.names)].append(row)
        return groups

    def gone(self) -> list[Key]:
        return [entry.key for entry in self.touched if entry.row is None]

    def settle(self) -> None:
        """Note that everything is written."""
        for entry in self.touched:
            entry.names.clear()
            entry.whole = entry.touched = False
        self.touched.clear()
