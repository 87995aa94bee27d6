"""Tickets as they are read: one document, the same from the view and from the log."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import ColumnElement, and_, false, select

from domain.desk.priorities import Level, Priority
from domain.desk.statuses import Status, WaitingReason
from domain.desk.tickets import Source, TicketNotFound
from domain.values import ExternalReference, Requester
from eventstore.log import Log
from eventstore.replay import position_as_of
from projections.customers import customers
from projections.desk import groups, tickets
from projections.people import users
from readapi.asof import AsOf, name_as_of, row_as_of
from readapi.context import Context
from readapi.names import Named, instant, named
from readapi.rights import not_deleted, within

VIEWS: Final = ("tickets", "customers", "users", "groups")


class TicketDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket, as it stands or stood."""

    id: UUID
    ticket_number: Annotated[int, Meta(examples=[123])]
    number: Annotated[str, Meta(description="What people call it.", examples=["T-000123"])]
    title: str
    description: str
    customer: Named
    requester: Annotated[Requester, Meta(description="Who asked.")]
    category: str
    tags: list[str]
    source: Annotated[Source, Meta(description="How the ticket reached us.")]
    impact: Level
    urgency: Level
    priority: Annotated[Priority, Meta(description="Follows impact × urgency, or overrides it.")]
    status: Status
    waiting_reason: WaitingReason | None
    assignee: Annotated[Named | None, Meta(description="The person who has it.")]
    group: Annotated[Named | None, Meta(description="The group that has it.")]
    reassignment_count: int
    reopen_count: int
    external: Annotated[
        ExternalReference | None, Meta(description="The same ticket in another system.")
    ]
    first_response_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    version: Annotated[int, Meta(description="Send it as `If-Match` to decide on what you saw.")]


_t, _c, _u, _g = tickets.tickets.c, customers.customers.c, users.users.c, groups.groups.c

_JOINED = frozenset({"customer", "requester", "external", "assignee", "group", "number"})
_SHOWN = tuple(
    tickets.tickets.c[name]
    for name in (
        *(name for name in TicketDocument.__struct_fields__ if name not in _JOINED),
        *("customer_id", "requester", "external_system", "external_number"),
        *("assignee_id", "group_id", "priority_rank"),
    )
)
ROWS: Final = (
    select(
        *_SHOWN,
        _c.name.label("customer_name"),
        _u.name.label("assignee_name"),
        _g.name.label("group_name"),
    )
    .select_from(tickets.tickets)
    # Outer joins: the views move one by one, and a ticket may be ahead of its customer.
    .outerjoin(customers.customers, _c.id == _t.customer_id)
    .outerjoin(users.users, _u.id == _t.assignee_id)
    .outerjoin(groups.groups, _g.id == _t.group_id)
)


def document(row: Mapping[str, Any]) -> TicketDocument:
    """Return the document of a row of `ROWS`."""
    return TicketDocument(
        id=row["id"],
        ticket_number=row["ticket_number"],
        number=number_of(row["ticket_number"]),
        title=row["title"],
        description=row["description"],
        customer=Named(row["customer_id"], row["customer_name"]),
        requester=Requester(**row["requester"]),
        category=row["category"],
        tags=row["tags"],
        source=Source(row["source"]),
        impact=Level(row["impact"]),
        urgency=Level(row["urgency"]),
        priority=Priority(row["priority"]),
        status=Status(row["status"]),
        waiting_reason=WaitingReason(row["waiting_reason"]) if row["waiting_reason"] else None,
        assignee=named(row["assignee_id"], row["assignee_name"]),
        group=named(row["group_id"], row["group_name"]),
        reassignment_count=row["reassignment_count"],
        reopen_count=row["reopen_count"],
        external=_external(row),
        first_response_at=instant(row["first_response_at"]),
        resolved_at=instant(row["resolved_at"]),
        closed_at=instant(row["closed_at"]),
        created_at=row["created_at"].astimezone(UTC),
        updated_at=row["updated_at"].astimezone(UTC),
        deleted_at=instant(row["deleted_at"]),
        version=row["version"],
    )


def number_of(ticket_number: int) -> str:
    """Return what people call a ticket: `T-000123`."""
    return f"T-{ticket_number:06}"


async def read_ticket(query: AsOf, ctx: Context) -> TicketDocument:
    """Return one ticket.

    Raises `TicketNotFound`.
    """
    if not query.asked:
        return document(await find(ctx))
    ticket_id = _uuid(ctx.asked.id) if ctx.actor.is_staff else None
    if ticket_id is None:
        # Numbers are looked up in the view, and a customer's rights are today's.
        ticket_id = (await find(ctx))["id"]
    ctx.read_up_to(await position_as_of(ctx.log, query.as_of_position))
    found = await ticket_as_of(ctx.log, ticket_id, query.as_of, query.as_of_position)
    if found is None:
        raise TicketNotFound(id=ctx.asked.id)
    return found


async def ticket_as_of(
    log: Log, ticket_id: UUID, at: datetime | None, position: int | None
) -> TicketDocument | None:
    """Return a ticket as it was, names included, or None when it did not exist yet."""
    row = await row_as_of(log, tickets.VIEW, ticket_id, at, position)
    if row is None:
        return None
    return document(
        {
            **row,
            "customer_name": await name_as_of(
                log, customers.VIEW, row["customer_id"], at, position
            ),
            "assignee_name": await name_as_of(log, users.VIEW, row["assignee_id"], at, position),
            "group_name": await name_as_of(log, groups.VIEW, row["group_id"], at, position),
        }
    )


async def find(ctx: Context) -> Mapping[str, Any]:
    """Return the row that the path names, if the actor may see it; raises `TicketNotFound`."""
    statement = ROWS.where(
        _named(ctx.asked.id),
        within(ctx.actor, _t.customer_id),
        not_deleted(ctx.actor, _t.deleted_at),
    )
    (rows,) = await ctx.read(VIEWS, statement.order_by(_t.ticket_number).limit(1))
    if not rows:
        raise TicketNotFound(id=ctx.asked.id)
    return rows[0]


def external_is(name: str) -> ColumnElement[bool]:
    """Return the condition that another system calls a ticket so: `INC1` or `servicenow:INC1`."""
    system, colon, number = name.partition(":")
    if not colon:
        return _t.external_number == name
    return and_(_t.external_number == number, _t.external_system == system)


def _named(name: str) -> ColumnElement[bool]:
    ticket_id = _uuid(name)
    if ticket_id is not None:
        return _t.id == ticket_id
    if found := re.fullmatch(r"(?:T-)?(\d{1,18})", name, re.ASCII | re.IGNORECASE):
        return _t.ticket_number == int(found[1])
    # Postgres has no text with a NUL in it.
    return false() if "\0" in name else external_is(name)


def _uuid(name: str) -> UUID | None:
    try:
        return msgspec.convert(name, UUID)
    except msgspec.ValidationError:
        return None


def _external(row: Mapping[str, Any]) -> ExternalReference | None:
    if row["external_number"] is None:
        return None
    return ExternalReference(row["external_system"], row["external_number"])
