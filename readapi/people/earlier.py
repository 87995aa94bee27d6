"""What was told of a contact in records that name somebody else by now.

It is encrypted under their key and erased with them; what the records hold besides is of others.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, Text, literal, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from domain.people.erasures import SubjectKind
from projections.customers import contacts, customers, interactions
from projections.desk import tickets
from projections.timeline import timeline_entries
from readapi.context import Context
from readapi.fields import Row
from readapi.filters import Condition
from readapi.merges import same_as
from readapi.people.concerned import RECORDS, Circle
from readapi.statements import text_of

_e = timeline_entries.c


class _Naming(msgspec.Struct, frozen=True):
    """How a kind of record names contacts."""

    field: str
    customer_id: ColumnElement[Any]

    def names(self, ids: Collection[str]) -> Condition:
        """Return the condition that an entry tells of one of these contacts."""
        # Of a text and of a list alike.
        told: Condition = _e.changes[self.field].has_any(literal([*ids], ARRAY(Text)))
        return told

    def named(self, changes: Mapping[str, Any]) -> set[str] | None:
        """Return whom the record names after an entry; None where it does not say."""
        if self.field not in changes:
            return None
        value = changes[self.field] or []
        return {value} if isinstance(value, str) else set(value)


_NAMINGS: Final = {
    SubjectKind.INTERACTION: _Naming("contact_ids", interactions.VIEW.tables[0].c.customer_id),
    SubjectKind.TICKET: _Naming("contact_id", tickets.VIEW.tables[0].c.customer_id),
}


async def earlier_of(ctx: Context, circle: Circle) -> dict[SubjectKind, list[UUID]]:
    """Return the records that named a contact once, by their kind; none for other subjects."""
    if circle.kind is not SubjectKind.CONTACT:
        return {}
    _c = contacts.VIEW.tables[0].c
    (rows,) = await ctx.read(
        (contacts.VIEW.name,),
        text_of(select(_c.customer_id).where(circle.where(circle.kind)).distinct()),
    )
    whose = await same_as(ctx, customers.VIEW, *(row["customer_id"] for row in rows))
    told = [text_of(_once(kind, circle, whose)) for kind in _NAMINGS]
    found = await ctx.read(("timeline",), *told)
    return {
        kind: [row["record_id"] for row in rows]
        for kind, rows in zip(_NAMINGS, found, strict=True)
        if rows
    }


def _once(kind: SubjectKind, circle: Circle, whose: Collection[UUID]) -> Select[Any]:
    naming, table = _NAMINGS[kind], RECORDS[kind].table
    # Not "not": of a ticket that names nobody, nothing is true.
    others = circle.where(kind).is_not(true())
    theirs = select(table.c.id).where(naming.customer_id.in_([*whose]), others)
    return (
        select(_e.record_id)
        .distinct()
        .where(_e.record_id.in_(theirs), naming.names([str(id) for id in circle.same]))
        .order_by(_e.record_id)
    )


def while_named(kind: SubjectKind, circle: Circle, history: Collection[Row]) -> list[Row]:
    """Return those of a record's entries, oldest first, after which it named the contact."""
    same, named = {str(id) for id in circle.same}, set[str]()
    found: list[Row] = []
    for row in history:
        said = _NAMINGS[kind].named(row["changes"])
        named = named if said is None else said
        if named & same:
            found.append(row)
    return found
