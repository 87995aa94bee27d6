"""How the fields of a document are made of a view's row, the same row from the view and the log."""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import Column, ColumnElement, Select, Table, func, select

from projections.view import View
from readapi.documents import is_for_staff
from readapi.merges import can_be_merged

Row = Mapping[str, Any]


class Misdeclared(Exception):
    """What is declared can not be read; the message says why."""


class Reference(msgspec.Struct, frozen=True):
    """A field that names another record: `{"id": …, "name": …}`, or null where there is none."""

    field: str
    view: View
    """The view whose first table has the other record."""
    column: str = ""
    """Which column has its id; `{field}_id` unless something else is said."""
    called: str = "name"
    """Which column of the other record is what it is called."""

    @property
    def by(self) -> str:
        """The column that has the other record's id."""
        return self.column or f"{self.field}_id"

    @property
    def label(self) -> str:
        """What the other record's name is called in a row; no column is called so."""
        return f"{self.field}.name"

    @property
    def id_label(self) -> str:
        """What its id is called in a row: of a merged one, the id of what stands in its place."""
        return f"{self.field}.id"


class Composed(msgspec.Struct, frozen=True):
    """A field that is made of columns."""

    field: str
    columns: tuple[Column[Any], ...]
    make: Callable[..., Any]
    """Takes the values of the columns."""


def customs(column: Column[Any]) -> Composed:
    """Return how a record's custom fields are shown: by key, from the view as from the log."""
    # Postgres keeps the keys of an object by their length, the log as they came.
    return Composed("custom", (column,), lambda values: dict(sorted(values.items())))


class Part(msgspec.Struct, frozen=True):
    """One field of a document."""

    columns: tuple[Column[Any], ...]
    """What it tells about."""
    of: Callable[[Row], Any]
    for_staff: bool


def parts_of(
    document: type[msgspec.Struct],
    table: Table,
    references: Sequence[Reference],
    composed: Sequence[Composed],
) -> dict[str, Part]:
    """Return how each field is made; raises `Misdeclared`."""
    made = {
        **{reference.field: _named(reference, table) for reference in references},
        **{one.field: (one.columns, _composed(one)) for one in composed},
    }
    parts = {}
    for field in msgspec.structs.fields(document):
        columns, of = made.get(field.name) or _plain(field.name, table)
        parts[field.name] = Part(columns, of, is_for_staff(field.type))
        if parts[field.name].for_staff:
            _require_nullable(document, field)
    if unknown := made.keys() - parts.keys():
        msg = f"{document.__name__} has no fields {sorted(unknown)}."
        raise Misdeclared(msg)
    return parts


def rows_of(
    table: Table, columns: Sequence[Column[Any]], references: Sequence[Reference]
) -> Select[Any]:
    """Return the statement for all rows: these columns, and the names of what they refer to."""
    shown = {column.name: column for column in columns}
    statement = select(*shown.values()).select_from(table)
    for reference in references:
        statement = _with_name(statement, table, reference)
    return statement


def _with_name(statement: Select[Any], table: Table, reference: Reference) -> Select[Any]:
    # Under a name of its own: several may lead to the same view, one of them to this one.
    other = reference.view.tables[0].alias(f"{reference.field}_referred")
    # Outer joins: the views move one by one, and a record may be ahead of what it names.
    statement = statement.outerjoin(other, other.c.id == table.c[reference.by])
    id: ColumnElement[Any] = table.c[reference.by]
    name: ColumnElement[Any] = other.c[reference.called]
    if can_be_merged(reference.view):
        whole = reference.view.tables[0].alias(f"{reference.field}_whole")
        statement = statement.outerjoin(whole, whole.c.id == other.c.merged_into)
        id, name = func.coalesce(whole.c.id, id), func.coalesce(whole.c[reference.called], name)
    return statement.add_columns(id.label(reference.id_label), name.label(reference.label))


def column_of(table: Table, name: str) -> Column[Any]:
    """Return a column of a view's table; raises `Misdeclared`."""
    if name not in table.c:
        msg = f"The table {table.name} has no column {name}, and nothing else is declared for it."
        raise Misdeclared(msg)
    return table.c[name]


def _plain(name: str, table: Table) -> tuple[tuple[Column[Any], ...], Callable[[Row], Any]]:
    return (column_of(table, name),), itemgetter(name)


def _composed(composed: Composed) -> Callable[[Row], Any]:
    make, names = composed.make, [column.name for column in composed.columns]
    return lambda row: make(*[row[name] for name in names])


def _named(
    reference: Reference, table: Table
) -> tuple[tuple[Column[Any], ...], Callable[[Row], Any]]:
    id, name = reference.id_label, reference.label

    def of(row: Row) -> Any:
        named = row[id]
        return None if named is None else {"id": named, "name": row[name]}

    return (column_of(table, reference.by),), of


def _require_nullable(document: type[msgspec.Struct], field: msgspec.structs.FieldInfo) -> None:
    try:
        msgspec.convert(None, field.type)
    except msgspec.ValidationError as error:
        msg = f"{document.__name__}.{field.name} is for staff: to all others it has to be null."
        raise Misdeclared(msg) from error
