"""The SQL that moves rows of a view between Postgres and memory, many at a time."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

import msgspec
from psycopg.sql import SQL, Composable, Composed, Identifier
from sqlalchemy import Table, Uuid

from domain.personal import text_of_erased

NUL: Final = b"\\u0000"
REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


def key_of(table: Table) -> str:
    """Return the name of the column by whose value a row is addressed."""
    (column,) = table.primary_key.columns
    return column.name


def keyed_by_aggregate(table: Table) -> bool:
    """Tell whether rows are about an aggregate, rather than about one event."""
    (column,) = table.primary_key.columns
    return isinstance(column.type, Uuid)


@cache
def columns_of(table: Table) -> tuple[str, ...]:
    """Return the columns that are written, rather than computed by Postgres."""
    return tuple(column.name for column in table.columns if column.computed is None)


@cache
def load(table: Table, schema: str) -> bytes:
    """Return the statement that fetches the rows with some keys."""
    names = _list(map(Identifier, columns_of(table)))
    statement = SQL("select {names} from {table} where {key} = any (%s)")
    return statement.format(names=names, **_place(table, schema)).as_bytes()


# All rows travel as one JSON text: encoding it costs half of what a COPY or arrays cost on our
# side, and the server spends its time on the indexes either way.


@cache
def insert(table: Table, schema: str) -> bytes:
    """Return the statement that adds whole rows, or replaces those with the same keys."""
    names = [Identifier(name) for name in columns_of(table)]
    statement = SQL(
        "insert into {table} ({names})"
        " select {names} from json_populate_recordset(null::{table}, %s)"
        " on conflict ({key}) do update set {changes}"
    )
    changes = _list(SQL("{0} = excluded.{0}").format(name) for name in names)
    place = _place(table, schema)
    return statement.format(names=_list(names), changes=changes, **place).as_bytes()


@cache
def update(table: Table, schema: str, names: frozenset[str]) -> bytes:
    """Return the statement that changes some columns of rows.

    The others are not written again: a description of 6 KB would cost four times as much as
    all indexes, at every change of the status.
    """
    statement = SQL(
        "update {table} as row set {changes}"
        " from json_populate_recordset(null::{table}, %s) as new where row.{key} = new.{key}"
    )
    changes = _list(SQL("{0} = new.{0}").format(Identifier(name)) for name in sorted(names))
    return statement.format(changes=changes, **_place(table, schema)).as_bytes()


@cache
def delete(table: Table, schema: str) -> bytes:
    """Return the statement that removes the rows with some keys."""
    statement = SQL("delete from {table} where {key} = any (%s)")
    return statement.format(**_place(table, schema)).as_bytes()


def encode(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows as the statements above take them."""
    text = msgspec.json.encode(rows, enc_hook=text_of_erased)
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


def _place(table: Table, schema: str) -> dict[str, Composable]:
    return {"table": Identifier(schema, table.name), "key": Identifier(key_of(table))}


def _list(parts: Iterable[Composable]) -> Composed:
    return SQL(", ").join(parts)
