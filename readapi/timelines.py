"""A ticket's timeline: what happened to it, when, and by whom."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import Uuid, case, cast, select, true

from projections.people.users import users
from projections.timeline import ticket_timeline
from readapi.context import Context
from readapi.desk.tickets import find
from readapi.pages import Listing, Order, Page, Paged, Sort, read_page


class TimelineActor(msgspec.Struct, frozen=True):
    """Who did it."""

    id: Annotated[str, Meta(description="As the token said.")]
    name: Annotated[str | None, Meta(description="Null for who is no user of the platform.")]


class Provenance(msgspec.Struct, frozen=True):
    """The fact behind an entry."""

    position: Annotated[int, Meta(description="Place in the log.")]
    version: Annotated[int, Meta(description="The ticket's version after it.")]
    recorded_at: Annotated[datetime, Meta(description="When the log took it in.")]
    command_id: UUID
    correlation_id: UUID
    causation_id: UUID | None
    source: Annotated[
        dict[str, str | int] | None, Meta(description="Where an imported fact was found.")
    ]


class TimelineEntry(msgspec.Struct, frozen=True):
    """One thing that happened to a ticket."""

    kind: Annotated[str, Meta(examples=["ticket.commented"])]
    occurred_at: datetime
    actor: TimelineActor
    public: Annotated[bool, Meta(description="Whether the customer may read it.")]
    changes: Annotated[dict[str, Any], Meta(description="What is different now.")]
    provenance: Annotated[Provenance | None, Meta(description="Null for customers.")]


class TimelineSort(StrEnum):
    """The one order of a timeline."""

    POSITION = "position"


class TimelinePage(Page[TimelineEntry], frozen=True):
    """One page of a ticket's timeline."""


class Timeline(Paged, frozen=True, kw_only=True):
    """What part of a timeline is asked for."""

    sort: TimelineSort = TimelineSort.POSITION
    order: Annotated[Order, Meta(description="`asc` begins with the oldest entry.")] = Order.ASC


_e = ticket_timeline.c

_UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
# A token's subject need not be a user's id; only what looks like one can be cast and looked up.
_USER_ID = case((_e.actor.regexp_match(_UUID), cast(_e.actor, Uuid)))

LISTING: Final = Listing(
    views=("timeline", "users"),
    rows=select(*_e, users.c.name.label("actor_name")).outerjoin(users, users.c.id == _USER_ID),
    key=_e.position,
    sorts={TimelineSort.POSITION: Sort(_e.position)},
)


async def read_timeline(query: Timeline, ctx: Context) -> TimelinePage:
    """Return a page of a ticket's timeline.

    Raises `TicketNotFound`.
    """
    ticket = await find(ctx)
    staff = ctx.actor.is_staff
    conditions = [_e.ticket_id == ticket["id"], true() if staff else _e.public]

    def entry(row: Mapping[str, Any]) -> TimelineEntry:
        return _entry(row, provenance=staff)

    return await read_page(TimelinePage, entry, ctx, LISTING, query=query, where=conditions)


def _entry(row: Mapping[str, Any], *, provenance: bool) -> TimelineEntry:
    return TimelineEntry(
        kind=row["kind"],
        occurred_at=row["occurred_at"],
        actor=TimelineActor(row["actor"], row["actor_name"]),
        public=row["public"],
        changes=row["changes"],
        provenance=_provenance(row) if provenance else None,
    )


def _provenance(row: Mapping[str, Any]) -> Provenance:
    return Provenance(**{name: row[name] for name in Provenance.__struct_fields__})
