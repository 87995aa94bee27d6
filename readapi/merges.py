"""Records that are the same: whoever asks for one of them is shown what belongs to any of them.

A merged record keeps its row and what refers to it; `merged_into` names the one that stands in its
place, and that one is never merged itself.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam, func, select

from projections.view import View
from readapi.context import Context
from readapi.filters import Condition
from readapi.statements import Conditions, Shapes, Told

_SHAPES: Final = Shapes()


def can_be_merged(view: View) -> bool:
    """Tell whether the records of a view may be merged."""
    return "merged_into" in view.tables[0].c


async def same_as(ctx: Context, view: View, *ids: UUID) -> tuple[UUID, ...]:
    """Return these records and all that are the same, in the order of their ids."""
    found = await ctx.read((view.name,), *(_merged_with(view, id) for id in ids))
    merged = [row for rows in found for row in rows]
    same = {row["id"] for row in merged} | {row["merged_into"] for row in merged}
    return tuple(sorted({*ids, *same}))


def _merged_with(view: View, id: UUID) -> Told:
    # A list that is bounded by a customer asks this first, each time: of an index that is empty
    # where nothing was merged.
    def statement(_: Sequence[Condition]) -> Select[Any]:
        table, asked = view.tables[0], bindparam("id", type_=Uuid)
        one = table.alias("one")
        into = select(one.c.merged_into).where(one.c.id == asked).scalar_subquery()
        whole = func.coalesce(into, asked)
        return select(table.c.id, table.c.merged_into).where(table.c.merged_into == whole)

    return _SHAPES.told(view.name, Conditions(), statement, id=id)
