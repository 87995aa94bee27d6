"""A record's timeline: what happened to it, when, and by whom."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import Text, Uuid, case, cast, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from domain.actors import Actor
from eventstore.epochs import Epochs
from projections.people import users
from projections.timeline import timeline_entries
from readapi.context import Context
from readapi.filters import Condition
from readapi.listings import Listing, Narrowed, Sort
from readapi.pages import Order, Page, Paged, page_of, read_page
from readapi.records import find
from readapi.resources import Resource


class TimelineActor(msgspec.Struct, frozen=True):
    """Who did it."""

    id: Annotated[
        str,
        Meta(description="As the token said.", examples=["6a7f6f0e-52e7-4d09-a6a1-3d7b0d0c8f32"]),
    ]
    name: Annotated[
        str | None,
        Meta(description="Null for who is no user of the platform.", examples=["Anna Berger"]),
    ]


class Provenance(msgspec.Struct, frozen=True):
    """The fact behind an entry."""

    position: Annotated[int, Meta(description="Place in the log.", examples=[4711])]
    as_of_position: Annotated[
        str, Meta(description="The same, to be sent as `as_of_position`.", examples=["4711"])
    ]
    version: Annotated[int, Meta(description="The record's version after it.", examples=[2])]
    recorded_at: Annotated[
        datetime,
        Meta(description="When the log took it in.", examples=["2026-01-05T09:12:00.042000Z"]),
    ]
    command_id: Annotated[UUID, Meta(examples=["0c3b7f0a-2a3e-4d0e-9a62-5f6f3c2f7b54"])]
    correlation_id: Annotated[UUID, Meta(examples=["0c3b7f0a-2a3e-4d0e-9a62-5f6f3c2f7b54"])]
    causation_id: Annotated[UUID | None, Meta(examples=[None])]
    source: Annotated[
        dict[str, str | int] | None,
        Meta(description="Where an imported fact was found.", examples=[None]),
    ]


class TimelineEntry(msgspec.Struct, frozen=True):
    """One thing that happened to a record."""

    kind: Annotated[str, Meta(examples=["ticket.resolved"])]
    occurred_at: Annotated[datetime, Meta(examples=["2026-01-05T09:12:00Z"])]
    actor: TimelineActor
    public: Annotated[bool, Meta(description="Whether the customer may read it.", examples=[True])]
    changes: Annotated[
        dict[str, Any],
        Meta(
            description="What is different now.",
            examples=[{"resolution": "The roller was replaced.", "resolution_code": "fixed"}],
        ),
    ]
    provenance: Annotated[Provenance | None, Meta(description="Null for customers.")]


TimelinePage: Final = page_of("Timeline", TimelineEntry)


class Timeline(Paged, frozen=True, kw_only=True):
    """What part of a timeline is asked for."""

    sort: Literal["position"] = "position"
    order: Annotated[Order, Meta(description="`asc` begins with the oldest entry.")] = Order.ASC


_e, _u = timeline_entries.c, users.VIEW.tables[0].c

_UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
# A token's subject need not be a user's id; only what looks like one can be cast and looked up.
_USER_ID = case((_e.actor.regexp_match(_UUID), cast(_e.actor, Uuid)))

LISTING: Final = Listing(
    views=("timeline", "users"),
    rows=select(*_e, _u.name.label("actor_name")).outerjoin_from(
        timeline_entries, users.VIEW.tables[0], _u.id == _USER_ID
    ),
    key=_e.position,
    sorts={"position": Sort(_e.position)},
)


async def read_timeline(resource: Resource, query: Timeline, ctx: Context) -> Page[TimelineEntry]:
    """Return a page of the timeline of the record that the path names.

    Raises the resource's `missing`.
    """
    record = await find(resource, ctx)
    hidden = [] if ctx.actor.is_staff else sorted(column.name for column in resource.hidden)

    def entry(row: Mapping[str, Any]) -> TimelineEntry:
        return entry_of(row, hidden, provenance=ctx.epochs if ctx.actor.is_staff else None)

    narrowed = Narrowed(_readable(ctx.actor, hidden), [_e.record_id == record["id"]])
    return await read_page(TimelinePage, entry, ctx, LISTING, query=query, narrowed=narrowed)


def _readable(actor: Actor, hidden: list[str]) -> list[Condition]:
    if actor.is_staff:
        return []
    nothing = cast(literal("{}"), JSONB)
    # An entry that tells of hidden fields only would still tell that something is there.
    told = _e.changes.op("-", return_type=JSONB())(literal(hidden, ARRAY(Text)))
    return [_e.public, or_(_e.changes == nothing, told != nothing)]


def entry_of(
    row: Mapping[str, Any], hidden: Collection[str] = (), *, provenance: Epochs | None
) -> TimelineEntry:
    """Return the entry of a row, without the changes of hidden columns.

    `provenance` says how positions are told; None leaves out where the entry comes from.
    """
    # A column is called like the event's field that sets it.
    changes = {name: value for name, value in row["changes"].items() if name not in hidden}
    return TimelineEntry(
        kind=row["kind"],
        occurred_at=row["occurred_at"],
        actor=TimelineActor(row["actor"], row["actor_name"]),
        public=row["public"],
        changes=changes,
        provenance=None if provenance is None else _provenance(row, provenance),
    )


def _provenance(row: Mapping[str, Any], epochs: Epochs) -> Provenance:
    told = {**row, "as_of_position": epochs.write(row["position"])}
    return Provenance(**{name: told[name] for name in Provenance.__struct_fields__})
