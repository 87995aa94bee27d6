"""The rows that a batch of events changes: loaded at once, folded in memory, written at once."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier
from sqlalchemy import Table, Uuid

from eventstore.records import Recorded
from projections.view import Key, Row

AT_ONCE: Final = 1_000
"""Rows per statement: Postgres takes a gigabyte, and texts may be long."""
NUL: Final = b"\\u0000"
REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


class MemoryRows:
    """Rows that live in memory only: for a replay as of some moment, and for tests."""

    def __init__(self, tables: Iterable[Table]) -> None:
        """Begin with empty tables."""
        self._tables = {table: _Held(table) for table in tables}

    def insert(self, table: Table, key: Key, **values: Any) -> None:
        """Add a row, or replace the one with this key; columns left out are null."""
        held = self._tables[table]
        held.rows[key] = {**held.blank, held.key: key, **values}
        held.changed.add(key)

    def update(self, table: Table, key: Key, **values: Any) -> None:
        """Change some columns of a row; one that does not exist is left alone."""
        held = self._tables[table]
        row = held.rows.get(key)
        if row is not None:
            row.update(values)
            held.changed.add(key)

    def get(self, table: Table, key: Key) -> Row | None:
        """Return a row as it stands now, or None; it is not to be changed in place."""
        return self._tables[table].rows.get(key)

    def delete(self, table: Table, key: Key) -> None:
        """Remove a row."""
        held = self._tables[table]
        held.rows.pop(key, None)
        held.changed.add(key)

    def all(self, table: Table) -> list[Row]:
        """Return every row of a table, in the order in which they came to be."""
        return list(self._tables[table].rows.values())

    def changed(self, table: Table) -> list[Row]:
        """Return the rows that were added or changed since they were loaded."""
        held = self._tables[table]
        return [held.rows[key] for key in held.changed if key in held.rows]


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
            wanted = [key for key in ids if key not in held.rows]
            if wanted and _keyed_by_aggregate(table):
                cursor = connection.cursor(binary=True, row_factory=dict_row)
                await cursor.execute(_statements(table, self._schema).load, [wanted])
                held.rows.update({row[held.key]: row for row in await cursor.fetchall()})

    async def flush(self, connection: AsyncConnection[Any]) -> None:
        """Write what has changed, with one statement per table or two."""
        for table, held in self._tables.items():
            statements = _statements(table, self._schema)
            rows = self.changed(table)
            for start in range(0, len(rows), AT_ONCE):
                part = _encode(rows[start : start + AT_ONCE])
                await connection.execute(statements.write, [part])
            if gone := [key for key in held.changed if key not in held.rows]:
                await connection.execute(statements.delete, [gone])
            held.changed.clear()

    def trim(self, most: int) -> None:
        """Forget the rows of a table, to be loaded when they matter, once there are more."""
        for table, held in self._tables.items():
            if len(held.rows) > most or not _keyed_by_aggregate(table):
                held.rows.clear()


class _Held:
    """What is known of one table."""

    __slots__ = ("blank", "changed", "key", "rows")

    def __init__(self, table: Table) -> None:
        self.key = _key(table)
        self.blank = dict.fromkeys(_columns(table))
        self.rows: dict[Key, Row] = {}
        self.changed: set[Key] = set()


class _Statements(msgspec.Struct, frozen=True):
    load: bytes
    write: bytes
    delete: bytes


@cache
def _statements(table: Table, schema: str) -> _Statements:
    key = Identifier(_key(table))
    names = [Identifier(name) for name in _columns(table)]
    values = {
        "table": Identifier(schema, table.name),
        "key": key,
        "names": SQL(", ").join(names),
        "changes": SQL(", ").join(
            SQL("{0} = excluded.{0}").format(name) for name in names if name != key
        ),
    }
    return _Statements(
        load=SQL("select {names} from {table} where {key} = any (%s)").format(**values).as_bytes(),
        # One JSON text for all rows: encoding it costs a third of a COPY on our side, and the
        # server spends its time on the indexes either way (tests/bench/project.py).
        write=SQL(
            "insert into {table} ({names})"
            " select {names} from json_populate_recordset(null::{table}, %s)"
            " on conflict ({key}) do update set {changes}"
        )
        .format(**values)
        .as_bytes(),
        delete=SQL("delete from {table} where {key} = any (%s)").format(**values).as_bytes(),
    )


def _encode(rows: Sequence[Mapping[str, Any]]) -> str:
    text = msgspec.json.encode(rows)
    if NUL in text:
        # Postgres has no such character, and one comment must not stop a view.
        text = msgspec.json.encode(_without_nul(msgspec.json.decode(text)))
    return text.decode()


def _without_nul(value: Any) -> Any:
    match value:
        case str():
            return value.replace("\0", REPLACEMENT)
        case dict():
            return {_without_nul(key): _without_nul(item) for key, item in value.items()}
        case list():
            return [_without_nul(item) for item in value]
        case _:
            return value


def _key(table: Table) -> str:
    (column,) = table.primary_key.columns
    return column.name


def _columns(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.computed is None]


def _keyed_by_aggregate(table: Table) -> bool:
    (column,) = table.primary_key.columns
    return isinstance(column.type, Uuid)
