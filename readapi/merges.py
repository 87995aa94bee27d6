"""Records that are the same: whoever asks for one of them is shown what belongs to any of them.

A merged record keeps its row and what refers to it; `merged_into` names the one that stands in its
place, and that one is never merged itself.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, func, select

from projections.view import View
from readapi.context import Context


def can_be_merged(view: View) -> bool:
    """Tell whether the records of a view may be merged."""
    return "merged_into" in view.tables[0].c


async def same_as(ctx: Context, view: View, *ids: UUID) -> tuple[UUID, ...]:
    """Return these records and all that are the same, in the order of their ids."""
    found = await ctx.read((view.name,), *(_same(view.tables[0], id) for id in ids))
    return tuple(sorted({*ids, *(row["id"] for rows in found for row in rows)}))


def _same(table: Table, id: UUID) -> Select[Any]:
    # Both halves by an index: a list that is bounded by a customer asks this first, each time.
    one = table.alias("one")
    whole = select(_whole(one)).where(one.c.id == id).scalar_subquery()
    return select(table.c.id).where(_whole(table) == whole)


def _whole(table: Any) -> ColumnElement[Any]:
    return func.coalesce(table.c.merged_into, table.c.id)
