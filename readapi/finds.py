"""Searching across records, within the rights of who asks."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import Column, ColumnElement, Uuid, any_, literal
from sqlalchemy.dialects.postgresql import ARRAY

from readapi.context import Context
from readapi.parameters import Query, Words
from readapi.rights import customers_of
from readapi.search import Hit, Kind


class Find(Query, frozen=True, kw_only=True):
    """What is searched for."""

    q: Annotated[Words, Meta(description="Words, parts of words, or a number.")]
    kind: Annotated[
        tuple[Kind, ...], Meta(max_length=10, description="Every kind, unless some are named.")
    ] = ()
    limit: Annotated[int, Meta(ge=1, le=100, description="How many matches at most.")] = 20


class Found(msgspec.Struct, frozen=True):
    """The best matches, best first."""

    data: list[Hit]


async def search(query: Find, ctx: Context) -> Found:
    """Return the best matches among what the actor may see."""
    await ctx.read(("search",))
    seen = await customers_of(ctx)
    if seen == ():
        return Found([])
    hits = await ctx.search.find(
        query.q,
        kinds=query.kind,
        customer_ids=seen,
        include_internal=ctx.actor.is_staff,
        limit=query.limit,
    )
    return Found(hits)


async def found(words: str, kind: Kind, key: Column[Any], ctx: Context) -> ColumnElement[bool]:
    """Return the condition that a row is among the best matches that the actor may see."""
    await ctx.read(("search",))
    ids: list[UUID] = []
    if (seen := await customers_of(ctx)) != ():
        ids = await ctx.search.ids(
            words, kind=kind, customer_ids=seen, include_internal=ctx.actor.is_staff
        )
    return key == any_(literal(ids, ARRAY(Uuid)))
