"""What can be read, declared once for each kind of record.

From the declaration come the list, the record as it stands and stood, and the timeline. A field
of the document shows the column of its name, one of the query is a filter of equality on the
column of its name; what is otherwise is declared. What can not be right is refused when the
declaration is made, which is when the program starts.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, get_args, get_type_hints

import msgspec
from sqlalchemy import Column

from domain.actors import READERS, Actor, Role
from domain.errors import NotFound
from projections.view import View
from readapi.context import Context
from readapi.cursors import can_hold
from readapi.fields import (
    Composed,
    Misdeclared,
    Reference,
    Row,
    column_of,
    parts_of,
    rows_of,
)
from readapi.filters import Condition, Deleted, Filter, Merged, equals, present
from readapi.finds import found
from readapi.listings import Listing, Narrowed, Sort
from readapi.merges import can_be_merged, same_as
from readapi.pages import Paged, page_of
from readapi.rights import customers_of, not_deleted, require_open, within
from readapi.search import Kind

ORDERED: Final = frozenset({*Paged.__struct_fields__, "sort", "order"})
"""The parameters of every list; all others narrow it."""


class Naming(msgspec.Struct, frozen=True):
    """What else than its id names a record."""

    rows: Callable[[str], Condition]
    """Returns which rows a name means."""
    order: Column[Any]
    """Of several, the first in this order is meant."""
    description: str
    """What may be sent, for whoever asks."""


class Resource:
    """How one kind of record is read."""

    def __init__(
        self,
        *,
        kind: str,
        path: str,
        view: View,
        document: type[msgspec.Struct],
        query: type[Paged],
        missing: type[NotFound],
        may: Collection[Role],
        bound: Column[Any] | None,
        references: Sequence[Reference] = (),
        composed: Sequence[Composed] = (),
        filters: Mapping[str, Filter] | None = None,
        followed: Mapping[str, View] | None = None,
        sorts: Mapping[str, Sort] | None = None,
        named_by: Naming | None = None,
        deleted: Column[Any] | None = None,
        full_text: Kind | None = None,
    ) -> None:
        """Declare how a kind of record is read; raises `Misdeclared`.

        `kind` is the aggregate's topic; `missing` its refusal, for an id that names none. `bound`
        is the column with the customer whose people may see a row, or None where customers may
        not ask at all. `deleted` is the column that says when a record was deleted: only staff
        sees it then, and a list only when its parameter `deleted` asks for it; so does `merged` for
        records that can be merged. A filter in `followed` names a record of that view, and takes
        the ids of all that are the same, as one by a reference does. With `full_text`, the
        parameter `search` of the list goes to the search engine.
        """
        self.kind, self.path, self.view, self.may = kind, path, view, may
        self.document, self.query, self.missing = document, query, missing
        self.references, self.named_by = tuple(references), named_by
        self._bound, self._deleted, self._full_text = bound, deleted, full_text
        if bound is None and Role.CUSTOMER in may:
            msg = f"Customers may ask for a {kind}, but nothing bounds what they see."
            raise Misdeclared(msg)
        self._parts = parts_of(document, view.tables[0], references, composed)
        self._for_staff = [(name, part.of) for name, part in self._parts.items()]
        self._for_all = [
            (name, _nothing if part.for_staff else part.of) for name, part in self._parts.items()
        ]
        self.hidden: Final = frozenset(
            column for part in self._parts.values() if part.for_staff for column in part.columns
        )
        """The columns that customers' people do not see."""
        self._filters = self._filters_of(filters or {})
        # For whoever asks: rights are conditions apart, and what is hidden is refused each time.
        # Who asks for what belongs to a record means all that are the same.
        self._followed = {
            one.by: one.view
            for one in self.references
            if can_be_merged(one.view) and one.by not in (filters or {})
        } | dict(followed or {})
        if unknown := self._followed.keys() - self._filters.keys() - {r.by for r in references}:
            msg = f"{query.__name__} has no parameters {sorted(unknown)} to be followed."
            raise Misdeclared(msg)
        self.listing: Final = self._listing(sorts or {})
        """All rows, with the names of what they refer to."""
        self.page: Final = page_of(self.name, document)
        """One page of them."""

    @property
    def name(self) -> str:
        """The kind as one word in capitals: `ContractType`."""
        return "".join(part.capitalize() for part in self.kind.split("_"))

    async def visible(self, ctx: Context) -> list[Condition]:
        """Return the conditions that who asks may see a row."""
        conditions = [] if self._bound is None else [await within(ctx, self._bound)]
        if self._deleted is not None:
            conditions.append(not_deleted(ctx.actor, self._deleted))
        return conditions

    async def was_within(self, row: Row, ctx: Context) -> bool:
        """Tell whether a row of the past belonged to whom who asks may see."""
        seen = None if self._bound is None else await customers_of(ctx)
        return self._bound is None or seen is None or row[self._bound.name] in seen

    async def narrowed(self, query: Any, ctx: Context) -> Narrowed:
        """Return what a list is narrowed to.

        Raises `ParameterForbidden`, and `RoleForbidden` for who may not see what is deleted.
        """
        require_open(ctx.actor, "sort", self.listing.sorts[query.sort].column, self.hidden)
        visible = await self.visible(ctx)
        conditions: list[Condition] = []
        for name, condition in self._filters.items():
            if (value := getattr(query, name)) not in (None, ()):
                if view := self._followed.get(name):
                    value = await same_as(ctx, view, value)
                conditions.append(condition(value))
                require_open(ctx.actor, name, conditions[-1], self.hidden)
        if self._deleted is not None:
            if query.deleted is not Deleted.NO:
                ctx.actor.require(READERS)
            conditions += present(self._deleted, query.deleted)
        if can_be_merged(self.view):
            conditions += self._unmerged(query.merged, ctx.actor)
        if self._full_text and query.search is not None:
            conditions.append(await found(query.search, self._full_text, self.listing.key, ctx))
        return Narrowed(visible, conditions)

    def _unmerged(self, wish: Merged, actor: Actor) -> list[Condition]:
        merged_into = self.view.tables[0].c.merged_into
        # Without what is merged, a list tells nobody that anything is.
        if wish is not Merged.NO:
            require_open(actor, "merged", merged_into, self.hidden)
        return present(merged_into, wish)

    def shown(self, row: Row, actor: Actor) -> Any:
        """Return the document of a row as the actor may see it."""
        made = self._for_staff if actor.is_staff else self._for_all
        return msgspec.convert({name: of(row) for name, of in made}, self.document)

    def _filters_of(self, declared: Mapping[str, Filter]) -> dict[str, Filter]:
        table = self.view.tables[0]
        special = {"deleted"} if self._deleted is not None else set()
        special |= {"search"} if self._full_text else set()
        special |= {"merged"} if can_be_merged(self.view) else set()
        names = [name for name in self.query.__struct_fields__ if name not in ORDERED | special]
        if unknown := {*declared, *special}.difference(self.query.__struct_fields__):
            msg = f"{self.query.__name__} has no parameters {sorted(unknown)}."
            raise Misdeclared(msg)
        return {name: declared.get(name) or equals(column_of(table, name)) for name in names}

    def _listing(self, declared: Mapping[str, Sort]) -> Listing:
        table = self.view.tables[0]
        chosen = get_args(get_type_hints(self.query).get("sort"))
        sorts = {name: declared.get(name) or Sort(column_of(table, name)) for name in chosen}
        if not sorts or any(sort.column.nullable for sort in sorts.values()):
            # After a row without a value, nobody could say which rows come next.
            msg = f"{self.query.__name__}.sort names columns that are never null, one at least."
            raise Misdeclared(msg)
        if strange := [name for name, sort in sorts.items() if not can_hold(sort.column)]:
            msg = f"{self.query.__name__}.sort names {strange}, whose values no cursor can hold."
            raise Misdeclared(msg)
        columns = [table.c.id, *(one for part in self._parts.values() for one in part.columns)]
        columns += [sort.column for sort in sorts.values()]
        views = dict.fromkeys([self.view.name, *(one.view.name for one in self.references)])
        rows = rows_of(table, columns, self.references)
        return Listing(views=tuple(views), rows=rows, key=table.c.id, sorts=sorts)


def _nothing(_row: Row) -> None:
    return None
