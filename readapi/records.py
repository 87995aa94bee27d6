"""The answers that every resource gives: a list in pages, and one record as it stands or stood."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Executable

from eventstore.log import Log
from eventstore.replay import position_as_of
from readapi.asof import AsOf, referred_as_of, row_as_of
from readapi.context import Context
from readapi.fields import Row
from readapi.filters import Condition
from readapi.pages import Page, read_page
from readapi.resources import Resource
from readapi.statements import Conditions


async def read_list(resource: Resource, query: Any, ctx: Context) -> Page[Any]:
    """Return a page of records; raises what `Resource.narrowed` and `read_page` raise."""

    def render(row: Mapping[str, Any]) -> Any:
        return resource.shown(row, ctx.actor)

    narrowed = await resource.narrowed(query, ctx)
    return await read_page(
        resource.page, render, ctx, resource.listing, query=query, narrowed=narrowed
    )


async def read_record(resource: Resource, query: AsOf, ctx: Context) -> Any:
    """Return the document of the record that the path names; raises the resource's `missing`."""
    if not query.asked:
        return resource.shown(await find(resource, ctx), ctx.actor)
    named = await identify(resource, ctx)
    head, position = await position_as_of(ctx.log, None), None
    if query.as_of_position is not None:
        position = ctx.epochs.read(query.as_of_position, "as_of_position")
    ctx.read_up_to(head if position is None else min(position, head))
    row = await record_as_of(resource, ctx.log, named, query.as_of, position)
    if row is None or not await resource.was_within(row, ctx):
        raise resource.missing(id=ctx.asked.id)
    return resource.shown(row, ctx.actor)


async def record_as_of(
    resource: Resource, log: Log, id: UUID, at: datetime | None, position: int | None
) -> Row | None:
    """Return a row as it was, with the names of then, or None when there was none yet."""
    row = await row_as_of(log, resource.view, id, at, position)
    if row is None:
        return None
    names: dict[str, Any] = {}
    for one in resource.references:
        other = await referred_as_of(log, one.view, row[one.by], at, position)
        names[one.id_label] = row[one.by] if other is None else other["id"]
        names[one.label] = None if other is None else other[one.called]
    return {**row, **names}


async def identify(resource: Resource, ctx: Context) -> UUID:
    """Return the id of the record that the path names; raises the resource's `missing`.

    Names are looked up in the view, and so are a customer's rights: both are today's.
    """
    given = uuid_of(ctx.asked.id) if ctx.actor.is_staff else None
    return given or (await find(resource, ctx))["id"]


async def find(resource: Resource, ctx: Context) -> Row:
    """Return the row that the path names, if the actor may see it; else raises `missing`."""
    listing = resource.listing
    order = listing.key
    if (given := uuid_of(ctx.asked.id)) is not None:
        named = listing.key == given
    elif naming := resource.named_by:
        named, order = naming.rows(ctx.asked.id), naming.order
    else:
        raise resource.missing(id=ctx.asked.id)

    def statement(conditions: Sequence[Condition]) -> Executable:
        return listing.rows.where(*conditions).order_by(order).limit(1)

    conditions = Conditions([*await resource.visible(ctx), named])
    told = listing.shapes.told(("record", order.name), conditions, statement)
    (rows,) = await ctx.read(listing.views, told)
    if not rows:
        raise resource.missing(id=ctx.asked.id)
    return rows[0]


def uuid_of(name: str) -> UUID | None:
    """Return the id that a path names, or None where it names something else."""
    try:
        return msgspec.convert(name, UUID)
    except msgspec.ValidationError:
        return None
