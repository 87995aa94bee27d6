"""One customer at a glance: their record, and what each slice knows of them, in one statement.

A slice adds its part in a module of its own, a field here, and a line in `PARTS`.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta
from sqlalchemy import Select, select

from domain.actors import EVERYONE, Actor
from readapi.at_once import AtOnce
from readapi.context import Context
from readapi.customers.customers import RESOURCE, CustomerDocument
from readapi.customers.overview import (
    contacts,
    figures,
    interactions,
    kin,
    locations,
    portal,
    tickets,
)
from readapi.customers.overview.parts import AT_MOST, Part
from readapi.customers.overview.subject import Subject, values
from readapi.documents import FOR_STAFF
from readapi.entries import Entry
from readapi.fields import Misdeclared
from readapi.parameters import Query


class Overview(Query, frozen=True):
    """An overview is always of now."""


class CustomerOverview(msgspec.Struct, frozen=True, kw_only=True):
    """A customer at a glance, with what belongs to all that were merged into it."""

    customer: CustomerDocument
    at: Annotated[
        datetime,
        Meta(
            description="When it was made; ages and periods end here.",
            examples=["2026-01-06T09:00:00Z"],
        ),
    ]
    kin: Annotated[kin.Kin | None, FOR_STAFF, Meta(description="Null to customers' people.")]
    contacts: contacts.Contacts
    locations: locations.Locations
    tickets: tickets.OpenTickets
    ticket_figures: figures.TicketFigures
    interactions: Annotated[
        list[interactions.LastInteraction] | None,
        FOR_STAFF,
        Meta(description="The latest ones, newest first; null to customers' people."),
    ]
    portal_users: portal.PortalUsers


PARTS: Final[dict[str, Part]] = {
    "kin": kin.PART,
    "contacts": contacts.PART,
    "locations": locations.PART,
    "tickets": tickets.PART,
    "ticket_figures": figures.PART,
    "interactions": interactions.PART,
    "portal_users": portal.PART,
}
"""The part of each field."""

if forgotten := {*CustomerOverview.__struct_fields__} ^ {"customer", "at", *PARTS}:
    msg = f"Each field of the overview has a part, and the other way round: {sorted(forgotten)}."
    raise Misdeclared(msg)

VIEWS: Final = tuple(
    dict.fromkeys(
        [*RESOURCE.listing.views, *(view.name for part in PARTS.values() for view in part.views)]
    )
)
"""The answer is as old as the oldest of them."""


def statement(*, staff: bool) -> Select[Any]:
    """Return the statement of one row: a customer's columns, and a JSON value for each part."""
    subject = Subject(bounded=not staff)
    asked = {name: part for name, part in PARTS.items() if staff or not part.for_staff}
    # No column of a view is called so.
    shown = [part.value(subject).label(f"part {name}") for name, part in asked.items()]
    return select(subject.row, *shown)


def _now() -> datetime:
    return datetime.now(UTC)


STATEMENTS: Final = {staff: AtOnce(statement(staff=staff)) for staff in (True, False)}
"""By whether who asks is staff."""


async def read_overview(
    query: Overview,  # noqa: ARG001 - it has no parameters
    ctx: Context,
    *,
    now: Callable[[], datetime] = _now,
) -> CustomerOverview:
    """Return the overview of the customer that the path names; raises `CustomerNotFound`."""
    at = now()
    asked = values(ctx.asked.id, ctx.actor, at)
    rows = await ctx.read_at_once(VIEWS, STATEMENTS[ctx.actor.is_staff], asked)
    if not rows:
        raise RESOURCE.missing(id=ctx.asked.id)
    parts = {name: _shown(part, rows[0], name, ctx.actor) for name, part in PARTS.items()}
    return CustomerOverview(customer=RESOURCE.shown(rows[0], ctx.actor), at=at, **parts)


def _shown(part: Part, row: Any, name: str, actor: Actor) -> Any:
    if part.for_staff and not actor.is_staff:
        return None
    return part.shown(row[f"part {name}"], actor)


def entry(now: Callable[[], datetime] = _now) -> Entry:
    """Return the overview's line in the table."""
    return Entry(
        "/customers/{id:str}/overview",
        "read customer overview",
        f"Return one customer at a glance, with at most {AT_MOST} records of each kind.\n\n"
        "Always of now: for how a customer stood, ask for the customer and the lists as of then. "
        "A merged customer's overview is that of the one that stands in its place. "
        "To customers' people, fields for staff are null.",
        partial(read_overview, now=now),
        Overview,
        CustomerOverview,
        EVERYONE,
        "The id, or the number: `10042`.",
    )
