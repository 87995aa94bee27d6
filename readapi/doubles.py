"""Records that may be the same: proposed, scored and explained; nothing is ever merged by it.

The views find candidates, each sign by an index of its own; what they have in common is weighed
here. Merged records are proposed no more.
"""

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    Uuid,
    any_,
    literal,
    literal_column,
    select,
    union,
)
from sqlalchemy.dialects.postgresql import ARRAY

from readapi.context import Context
from readapi.documents import Named
from readapi.fields import Row
from readapi.filters import Condition
from readapi.parameters import Query
from readapi.records import find
from readapi.resources import Resource
from readapi.statements import text_of

CANDIDATES: Final = 2_000
"""How many pairs each way of finding them brings at most: those with the lowest ids."""

Pairing = Callable[[Any, Any], Condition]
"""Takes the columns of two records; returns the condition under which they are looked at."""


Weight = Callable[[Row, Row], float]
"""Takes two rows; returns how likely they are the same, from 0.0 (it does not apply) to 1.0."""


class Sign(msgspec.Struct, frozen=True):
    """Something that tells that two records may be the same."""

    reason: str
    pairings: Sequence[Pairing]
    """The ways to find pairs; an index answers each.

    Together they find a pair in either order: all pairs of a kind are looked at in one of them.
    """
    weight: Weight


class Doubles(msgspec.Struct, frozen=True):
    """How doubles of one kind of record are found."""

    resource: Resource
    columns: tuple[Column[Any], ...]
    """What the weights look at; `name` is among them."""
    signs: tuple[Sign, ...]


class Because(msgspec.Struct, frozen=True):
    """What two records have in common."""

    reason: Annotated[str, Meta(examples=["same_vat_id"])]


class Duplicate(msgspec.Struct, frozen=True):
    """Two records that may be the same."""

    kind: Annotated[str, Meta(examples=["customer"])]
    one: Named
    other: Named
    score: Annotated[
        float, Meta(description="From 0 to 1: how likely they are the same.", examples=[0.97])
    ]
    reasons: list[Because]


class Duplicates(msgspec.Struct, frozen=True):
    """Pairs that may be the same, the most likely ones first."""

    data: list[Duplicate]


class Likely(Query, frozen=True, kw_only=True):
    """How many doubles are asked for."""

    limit: Annotated[int, Meta(ge=1, le=100, description="How many pairs at most.")] = 20


async def duplicates_of_one(doubles: Doubles, query: Likely, ctx: Context) -> Duplicates:
    """Return what may be the same as the record that the path names.

    Raises the resource's `missing`.
    """
    record = await find(doubles.resource, ctx)
    return await _likeliest(doubles, query.limit, ctx, record["id"])


async def duplicates_of_all(doubles: Doubles, limit: int, ctx: Context) -> Duplicates:
    """Return the likeliest pairs of a whole kind.

    They are chosen from the first `CANDIDATES` pairs, by their ids, that each way of finding them
    brings.
    """
    return await _likeliest(doubles, limit, ctx, None)


async def _likeliest(doubles: Doubles, limit: int, ctx: Context, id: UUID | None) -> Duplicates:
    views, columns = (doubles.resource.view.name,), doubles.columns
    (found,) = await ctx.read(views, text_of(_candidates(doubles, id)))
    pairs = {(row["one"], row["other"]) for row in found}
    key = doubles.resource.listing.key
    ids = sorted({one for pair in pairs for one in pair})
    paired = select(key, *columns).where(key == any_(literal(ids, ARRAY(Uuid))))
    (rows,) = await ctx.read(views, text_of(paired))
    known = {row["id"]: row for row in rows}
    weighed = [
        _weighed(doubles, known[one], known[other])
        for one, other in sorted(pairs)
        if one in known and other in known
    ]
    likely = [pair for pair in weighed if pair.reasons]
    likely.sort(key=lambda pair: (-pair.score, pair.one.name or "", pair.other.name or ""))
    return Duplicates(likely[:limit])


def _candidates(doubles: Doubles, id: UUID | None) -> Any:
    pairings = [pairing for sign in doubles.signs for pairing in sign.pairings]
    found = [_found(doubles, pairing, id).subquery() for pairing in pairings]
    return union(*(select(one) for one in found))


def _found(doubles: Doubles, pairing: Pairing, id: UUID | None) -> Select[Any]:
    table = doubles.resource.view.tables[0]
    one, other = table.alias("one"), table.alias("other")
    statement = select(one.c.id.label("one"), other.c.id.label("other")).where(
        pairing(one.c, other.c),
        one.c.id < other.c.id if id is None else one.c.id != other.c.id,
        one.c.merged_into.is_(None),
        other.c.merged_into.is_(None),
    )
    if id is not None:
        statement = statement.where(one.c.id == id)
    # Ordered, the same pairs come each time. The limit is no bound value: a prepared statement
    # would get a plan for any limit in the end, which looks up all records one by one.
    limit: ColumnElement[int] = literal_column(str(CANDIDATES))
    return statement.order_by(one.c.id, other.c.id).limit(limit)


def _weighed(doubles: Doubles, one: Mapping[str, Any], other: Mapping[str, Any]) -> Duplicate:
    weights = {sign.reason: sign.weight(one, other) for sign in doubles.signs}
    told = {reason: weight for reason, weight in weights.items() if weight}
    return Duplicate(
        kind=doubles.resource.kind,
        one=Named(one["id"], one["name"]),
        other=Named(other["id"], other["name"]),
        # The signs are independent of each other: each leaves less doubt.
        score=round(1 - prod(1 - weight for weight in told.values()), 4),
        reasons=[Because(reason) for reason in sorted(told, key=lambda one: -told[one])],
    )
