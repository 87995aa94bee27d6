"""Lists as Postgres reads them: the keys of one page first, then the rows that have these keys.

What rows are narrowed to wants a plan of its own for each value, which has to be cheap to make: it
concerns one table. What rows refer to is looked up for one page and not for all, by a statement
that is planned once.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

import msgspec
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    FromClause,
    Select,
    and_,
    any_,
    bindparam,
    func,
    literal,
    select,
    true,
)

from readapi.counts import FEW
from readapi.cursors import Place, beyond
from readapi.filters import Condition
from readapi.statements import Conditions, Shapes, Told

VISIBLE: Final = "may be seen"
"""What the column is called that no view has."""

Columns = tuple[ColumnElement[Any], ColumnElement[Any]]


class Sort(msgspec.Struct, frozen=True):
    """A column to sort by."""

    column: Column[Any]
    falling: bool = False
    """The column's values fall where what they stand for rises: rank 1 is the highest priority."""


class Listing(msgspec.Struct, frozen=True):
    """Rows that can be read in pages."""

    views: tuple[str, ...]
    """What is read; the first view's table is the one that is filtered and counted."""
    rows: Select[Any]
    key: Column[Any]
    """Makes every order unambiguous."""
    sorts: Mapping[str, Sort]
    shapes: Shapes = msgspec.field(default_factory=Shapes)

    @property
    def table(self) -> FromClause:
        """What is filtered and counted."""
        return self.key.table


class Narrowed:
    """Which rows of a listing are meant."""

    def __init__(self, visible: Sequence[Condition], asked: Sequence[Condition]) -> None:
        """Take what holds for rows that who asks may see, and for those that are asked for."""
        self.visible: Final = Conditions(visible)
        self.all: Final = Conditions([*visible, *asked])
        """Both together, rights first."""


class Wanted(msgspec.Struct, frozen=True):
    """One page of a listing."""

    listing: Listing
    narrowed: Narrowed
    sort: str
    down: bool
    """Whether the end of the order comes first."""
    limit: int
    offset: int
    after: Place | None
    """The page begins after this row."""

    def keys(self, *, few: bool) -> Told:
        """Return the statement for what the page's rows are sorted by and for their keys.

        There is one more where another page follows. `few` tells that the rows of all pages are
        no more than `FEW`.
        """
        place = {} if self.after is None else {"value": self.after.value, "key": self.after.key}
        return self.listing.shapes.told(
            ("keys", self.sort, self.down, few, self.after is None),
            self.narrowed.all,
            partial(self._keys, few),
            rows=self.limit + 1,
            skipped=self.offset,
            **place,
        )

    def _keys(self, few: bool, where: Sequence[Condition]) -> Select[Any]:
        sort, key = self.listing.sorts[self.sort], self.listing.key
        down = self.down != sort.falling
        columns: Columns = (sort.column, key)
        keys = select(sort.column.label("value"), key.label("key")).where(*where)
        if few:
            # In one piece: Postgres does not know how few they are, and would look for them among
            # all rows in the order of the page.
            found = keys.cte("found").prefix_with("materialized")
            columns = (found.c.value, found.c.key)
            keys = select(*columns)
        if self.after is not None:
            keys = keys.where(beyond(columns, down=down))
        ordered = [column.desc() if down else column.asc() for column in columns]
        skipped = bindparam("skipped", type_=BigInteger)
        return keys.order_by(*ordered).limit(bindparam("rows", type_=BigInteger)).offset(skipped)

    def rows(self, keys: Sequence[Any]) -> Told:
        """Return the statement for the rows with these keys, in no order.

        Its column `VISIBLE` tells whether who asks may see a row still; what else it was found by
        may have changed since.
        """
        listing, visible = self.listing, self.narrowed.visible

        def statement(visible: Sequence[Condition]) -> Select[Any]:
            these = bindparam("keys", type_=ARRAY(listing.key.type))
            # Told, not asked for: planned once for all customers, the rows of a large one would be
            # looked for by the customer instead of by their keys.
            seen = and_(true(), *visible).label(VISIBLE)
            return listing.rows.add_columns(seen).where(listing.key == any_(these))

        return listing.shapes.told("rows", visible, statement, keys=list(keys))

    def count_few(self) -> Told:
        """Return the statement that counts the rows of all pages, up to one more than `FEW`."""

        def statement(where: Sequence[Condition]) -> Select[Any]:
            some = select(literal(1)).select_from(self.listing.table).where(*where)
            return select(func.count()).select_from(some.limit(FEW + 1).subquery())

        return self.listing.shapes.told("few", self.narrowed.all, statement)

    def count_all(self) -> Told:
        """Return the statement that counts the rows of all pages."""

        def statement(where: Sequence[Condition]) -> Select[Any]:
            return select(func.count()).select_from(self.listing.table).where(*where)

        return self.listing.shapes.told("all", self.narrowed.all, statement)


class FoundPage(msgspec.Struct, frozen=True):
    """What was found of a page."""

    position: int
    """Up to where it shows the log at least."""
    keys: Sequence[tuple[Any, Any]]
    """What each row is sorted by, and its key; one more where another page follows."""
    rows: Sequence[Mapping[str, Any]]
    """In the order of the keys."""
    total: int
    """How many rows all pages have together."""
