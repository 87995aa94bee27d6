"""Views of plain records: a row for each, whose columns are called like the fields that set them.

`Created` and `Change` events set the columns of the same names; `also` says what an event means
beyond that. A column's default is what a new record has.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, Column, DateTime, Index, Table, Uuid, text
from sqlalchemy.schema import ColumnDefault, SchemaItem

from domain.archiving import Archivable, WasArchived, WasRestored
from domain.base import AggregateRoot, Change, Created, Event
from domain.customizing import WasCustomized
from domain.merging import WasMerged, WasUnmerged
from domain.personal import text_of_erased
from eventstore.records import Recorded
from projections.view import Row, Rows, View, metadata

Also = Callable[[Event, Row], Row]
"""Takes an event and the row as it stands; returns the columns that change besides."""


def record_table(name: str, *items: SchemaItem, beside: Sequence[str] = ()) -> Table:
    """Return the table of a kind of record: `id`, its own columns, and what all records have.

    `beside` names the columns that every list asks about besides, such as `deleted_at`: they stand
    in the indexes that rows are read in the order of, so that rows which are only passed or counted
    need not be looked at.
    """
    return Table(
        name,
        metadata,
        Column("id", Uuid, primary_key=True),
        *(item for item in items if isinstance(item, Column)),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("updated_at", DateTime(timezone=True), nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("position", BigInteger, nullable=False),
        # An index names columns that have to be there.
        *(item for item in items if not isinstance(item, Column)),
        Index(f"{name}_by_creation", "created_at", "id", postgresql_include=beside),
        Index(f"{name}_by_update", "updated_at", "id", postgresql_include=beside),
    )


def parts_index(name: str, *texts: str) -> Index:
    """Return the index that finds parts of texts; each is a column, or SQL in parentheses.

    A list that looks for a part in one of several texts has to find all of them here: else all
    rows are read for the one that is missing.
    """
    # By SQL, since what is no column has no name that an operator class could be given to.
    return Index(name, *(text(f"{one} gin_trgm_ops") for one in texts), postgresql_using="gin")


def record_view(
    table: Table,
    kind: type[AggregateRoot],
    also: Also | None = None,
    *,
    shape: int = 1,
    alone: bool = False,
) -> View:
    """Return the view of a kind of record; it is called like its table."""
    return View(
        name=str(table.name),
        tables=(table,),
        topics=(kind.TOPIC,),
        apply=_folding(table, also or (standing if issubclass(kind, Archivable) else _nothing)),
        shape=shape,
        alone=alone,
    )


def _folding(table: Table, also: Also) -> Callable[[Event, Recorded, Rows], None]:
    """Return what folds the events of one kind of record into its row."""
    # Plain texts: SQLAlchemy's own kind of name is none for an encoder.
    columns = frozenset(str(column.name) for column in table.columns)
    new = {
        str(column.name): column.default.arg
        for column in table.columns
        if isinstance(column.default, ColumnDefault)
    }

    @cache
    def shared(event_class: type[Event]) -> tuple[str, ...]:
        """Return the fields of an event that are columns."""
        if not issubclass(event_class, Created | Change):
            return ()
        return tuple(name for name in event_class.__dataclass_fields__ if name in columns)

    def apply(event: Event, recorded: Recorded, rows: Rows) -> None:
        key = event.originator_id
        names = shared(type(event))
        facts = event.facts() if names else {}
        row: Row = {name: plain(facts[name]) for name in names if name in facts}
        if isinstance(event, Created):
            rows.insert(table, key, **new | row, created_at=event.timestamp)
        row |= also(event, rows.get(table, key) or {})
        rows.update(
            table,
            key,
            **row,
            updated_at=event.timestamp,
            version=event.originator_version,
            position=recorded.position,
        )

    return apply


def standing(event: Event, _: Row) -> Row:
    """Return whether an archivable record is in use."""
    match event:
        case WasArchived():
            return {"status": "archived"}
        case WasRestored():
            return {"status": "active"}
        case _:
            return {}


def customized(event: Event, row: Row) -> Row:
    """Return the values of custom fields after the event; what has none is not named."""
    if not isinstance(event, WasCustomized):
        return {}
    after = row["custom"] | event.values
    return {"custom": {key: value for key, value in after.items() if value is not None}}


def merged(event: Event, _: Row) -> Row:
    """Return which record stands in the place of this one."""
    match event:
        case WasMerged(into=into):
            return {"merged_into": into}
        case WasUnmerged():
            return {"merged_into": None}
        case _:
            return {}


def _nothing(_: Event, __: Row) -> Row:
    return {}


def plain(value: Any) -> Any:
    """Return a value of the domain as a row holds it.

    Ids, times and exact numbers stay what they are, alone or in a list; an enumeration becomes
    text, and a value object what JSON makes of it, all the way down.
    """
    match value:
        case UUID() | datetime() | date() | Decimal():
            return value
        case tuple() | list():
            return [plain(item) for item in value]
        case _:
            return _listed(msgspec.to_builtins(value, enc_hook=text_of_erased))


def _listed(value: Any) -> Any:
    match value:
        case tuple() | list():
            return [_listed(item) for item in value]
        case dict():
            return {name: _listed(item) for name, item in value.items()}
        case _:
            return value
