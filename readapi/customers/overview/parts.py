"""What an overview is put together from: each slice's part, in a module of its own.

A part's value is one JSON value in the overview's one statement; how it is shown is up to it.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    ScalarSelect,
    Select,
    Table,
    UnaryExpression,
    any_,
    cast,
    extract,
    func,
    literal_column,
    select,
)
from sqlalchemy.sql import operators

from domain.actors import Actor
from projections.view import View
from readapi.customers.overview.subject import Subject
from readapi.fields import Composed, Reference, parts_of, rows_of

AT_MOST: Final = 10
"""How many records of a kind are shown; the lists show all of them."""


class Part(msgspec.Struct, frozen=True):
    """One field of the overview."""

    views: tuple[View, ...]
    """Which views have to have come far enough."""
    value: Callable[[Subject], ScalarSelect[Any]]
    """Returns the statement of one JSON value, never null."""
    shown: Callable[[Any, Actor], Any]
    """Makes of that value what the actor may see."""
    for_staff: bool = False
    """To customers' people it is null, and nothing is asked for."""


class Records:
    """Rows of one view, shown as documents like those of a list, only shorter."""

    def __init__(
        self,
        document: type[msgspec.Struct],
        table: Table,
        references: Sequence[Reference] = (),
        composed: Sequence[Composed] = (),
    ) -> None:
        """Declare which fields are shown; raises `Misdeclared`."""
        self._document, self._table = document, table
        self._parts = parts_of(document, table, references, composed)
        columns = [column for part in self._parts.values() for column in part.columns]
        self.rows: Final[Select[Any]] = rows_of(table, columns, references)
        """All rows, with the names of what they refer to."""

    def first(self, where: Sequence[ColumnElement[bool]], *order: Any) -> ColumnElement[Any]:
        """Return the first rows in this order as a JSON array."""
        keys: ColumnElement[Any] = func.array(self._keys(where, order).scalar_subquery())
        rows = self.rows.where(self._table.c.id == any_(keys)).order_by(*order)
        chosen = rows.limit(AT_MOST).subquery("chosen")
        of_chosen = select(func.json_agg(chosen.table_valued())).scalar_subquery()
        return func.coalesce(of_chosen, literal_column("'[]'::json"))

    def _keys(self, where: Sequence[ColumnElement[bool]], order: Sequence[Any]) -> Select[Any]:
        by = [_column(one).label(f"by {place}") for place, one in enumerate(order)]
        # The offset keeps Postgres from looking for a customer's rows among those of all, in the
        # order that is wanted: it takes the first ones for nearer than they are.
        keys = select(self._table.c.id.label("id"), *by).where(*where)
        found = keys.offset(literal_column("0")).subquery()
        ordered = (_like(one, found.c[column.name]) for one, column in zip(order, by, strict=True))
        return select(found.c.id).order_by(*ordered).limit(AT_MOST)

    def shown(self, rows: Sequence[Any], actor: Actor) -> Any:
        """Return the documents of these rows as the actor may see them."""
        return [msgspec.convert(self._values(row, actor), self._document) for row in rows]

    def _values(self, row: Any, actor: Actor) -> dict[str, Any]:
        return {
            name: None if part.for_staff and not actor.is_staff else part.of(row)
            for name, part in self._parts.items()
        }


def _column(ordered: Any) -> Any:
    """Return what is ordered by, whichever end comes first."""
    return ordered.element if isinstance(ordered, UnaryExpression) else ordered


def _like(ordered: Any, column: ColumnElement[Any]) -> ColumnElement[Any]:
    falls = isinstance(ordered, UnaryExpression) and ordered.modifier is operators.desc_op
    return column.desc() if falls else column.asc()


def as_json(**values: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return one JSON object of these values."""
    return func.json_build_object(
        *(part for name, value in values.items() for part in (literal_column(f"'{name}'"), value))
    )


def seconds(duration: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a duration in whole seconds, or null."""
    return cast(func.round(extract("epoch", duration)), BigInteger)


def count_by(column: Column[Any], *where: ColumnElement[bool]) -> ColumnElement[Any]:
    """Return a JSON object of how many rows have each value; what has none is not named."""
    counted = select(column.label("value"), func.count().label("rows"))
    groups = counted.where(*where).group_by(column).subquery("groups")
    counts = select(func.json_object_agg(groups.c.value, groups.c.rows)).scalar_subquery()
    return func.coalesce(counts, literal_column("'{}'::json"))
