"""Tickets as they are read; a portal user sees those of their customer that are not deleted."""

import re
from datetime import datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta
from sqlalchemy import and_, false

from domain.actors import EVERYONE
from domain.desk.priorities import Level, Priority
from domain.desk.statuses import Status, WaitingReason
from domain.desk.tickets import Source, TicketNotFound
from domain.values import ExternalReference, Requester
from projections.customers import contacts, customers, locations
from projections.desk import groups, tickets
from projections.people import users
from readapi.desk.ticket_list import TicketList
from readapi.documents import CreatedAt, Id, Named, UpdatedAt, Version
from readapi.fields import Composed, Reference
from readapi.filters import Condition, Since, Tagged, UpTo, equals
from readapi.listings import Sort
from readapi.resources import Naming, Resource
from readapi.search import Kind

_REQUESTER: Final = {"name": "Ada Zürn", "email": "ada@acme.example", "phone": "+49 30 901820"}
_CONTACT: Final = {"id": "7e2d9c40-1f6b-4a83-b5c7-0d4e8a9f3b61", "name": "Ada Zürn"}
_LOCATION: Final = {"id": "3b0c1f52-9a4e-4c57-8d21-6f0e5b7a9c14", "name": "Plant South"}
_ASSIGNEE: Final = {"id": "6a7f6f0e-52e7-4d09-a6a1-3d7b0d0c8f32", "name": "Anna Berger"}
_GROUP: Final = {"id": "f2c7b7b4-0c4e-4b8e-8d52-7e3c9a1b6d43", "name": "First level"}
_EXTERNAL: Final = {"system": "servicenow", "number": "INC0000047"}
_NOT_YET: Final = Meta(examples=[None])


class TicketDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket, as it stands or stood."""

    id: Id
    ticket_number: Annotated[int, Meta(examples=[123])]
    number: Annotated[str, Meta(description="What people call it.", examples=["T-000123"])]
    title: Annotated[str, Meta(examples=["The printer on floor 3 jams"])]
    description: Annotated[str, Meta(examples=["Since this morning; it also smells."])]
    customer: Named
    requester: Annotated[Requester, Meta(description="Who asked.", examples=[_REQUESTER])]
    contact: Annotated[
        Named | None,
        Meta(
            description="The contact whom it is about; of a merged one, who stands in its place.",
            examples=[_CONTACT],
        ),
    ]
    location: Annotated[Named | None, Meta(description="Where it is.", examples=[_LOCATION])]
    category: Annotated[str, Meta(examples=["hardware"])]
    tags: Annotated[list[str], Meta(examples=[["floor-3", "printer"]])]
    source: Annotated[Source, Meta(description="How the ticket reached us.", examples=["email"])]
    impact: Annotated[Level, Meta(examples=["medium"])]
    urgency: Annotated[Level, Meta(examples=["medium"])]
    priority: Annotated[
        Priority,
        Meta(description="Follows impact × urgency, or overrides it.", examples=["medium"]),
    ]
    status: Annotated[Status, Meta(examples=["assigned"])]
    waiting_reason: Annotated[WaitingReason | None, _NOT_YET]
    assignee: Annotated[
        Named | None, Meta(description="The person who has it.", examples=[_ASSIGNEE])
    ]
    group: Annotated[Named | None, Meta(description="The group that has it.", examples=[_GROUP])]
    reassignment_count: Annotated[int, Meta(examples=[0])]
    reopen_count: Annotated[int, Meta(examples=[0])]
    external: Annotated[
        ExternalReference | None,
        Meta(description="The same ticket in another system.", examples=[_EXTERNAL]),
    ]
    first_response_at: Annotated[datetime | None, _NOT_YET]
    resolved_at: Annotated[datetime | None, _NOT_YET]
    closed_at: Annotated[datetime | None, _NOT_YET]
    created_at: CreatedAt
    updated_at: UpdatedAt
    deleted_at: Annotated[datetime | None, _NOT_YET]
    version: Version


_t = tickets.VIEW.tables[0].c


def number_of(ticket_number: int) -> str:
    """Return what people call a ticket: `T-000123`."""
    return f"T-{ticket_number:06}"


def _external(system: str | None, number: str | None) -> ExternalReference | None:
    return None if system is None or number is None else ExternalReference(system, number)


def _external_is(name: str) -> Condition:
    """Return the condition that another system calls a ticket so: `INC1` or `servicenow:INC1`."""
    system, colon, number = name.partition(":")
    if not colon:
        return _t.external_number == name
    return and_(_t.external_number == number, _t.external_system == system)


def _called(name: str) -> Condition:
    if found := re.fullmatch(r"(?:T-)?(\d{1,18})", name, re.ASCII | re.IGNORECASE):
        return _t.ticket_number == int(found[1])
    # Postgres has no text with a NUL in it.
    return false() if "\0" in name else _external_is(name)


RESOURCE: Final = Resource(
    kind="ticket",
    path="/tickets",
    view=tickets.VIEW,
    document=TicketDocument,
    query=TicketList,
    missing=TicketNotFound,
    may=EVERYONE,
    bound=_t.customer_id,
    deleted=_t.deleted_at,
    full_text=Kind.TICKET,
    named_by=Naming(
        _called,
        _t.ticket_number,
        "The id, or a number: `T-000123`, `123`, `INC0000047`, `servicenow:INC0000047`.",
    ),
    references=(
        Reference("customer", customers.VIEW),
        Reference("contact", contacts.VIEW),
        Reference("location", locations.VIEW),
        Reference("assignee", users.VIEW),
        Reference("group", groups.VIEW),
    ),
    composed=(
        Composed("number", (_t.ticket_number,), number_of),
        Composed("external", (_t.external_system, _t.external_number), _external),
    ),
    filters={
        "priority": lambda some: equals(_t.priority_rank)(
            tuple(tickets.RANKS[one] for one in some)
        ),
        "assigned_to": equals(_t.assignee_id),
        "tag": Tagged(_t.tags),
        "external": _external_is,
        "created_from": Since(_t.created_at),
        "created_to": UpTo(_t.created_at),
        "updated_from": Since(_t.updated_at),
        "updated_to": UpTo(_t.updated_at),
    },
    sorts={"priority": Sort(_t.priority_rank, falling=True)},
)
