"""What may be asked about the request itself: to take it up, and to change it."""

from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from commands.context import Command, Context
from commands.customers.belonging import contact_of, location_of
from commands.desk.tickets.work import assign
from commands.dispatch import Entry
from commands.handlers import apply_changes, sent
from domain.actors import PARTIES, STAFF
from domain.customers.customers import Customer
from domain.desk.priorities import Level, Priority
from domain.desk.tickets import Source, Ticket
from domain.desk.tickets.request import TITLE_LIMIT
from domain.desk.tickets.state import TEXT_LIMIT
from domain.values import (
    ContactId,
    CustomerId,
    ExternalReference,
    GroupId,
    LocationId,
    Requester,
    TicketId,
    UserId,
)

Title = Annotated[
    str, Meta(min_length=1, max_length=TITLE_LIMIT, examples=["Drucker im 2. OG druckt nicht"])
]
Text = Annotated[str, Meta(max_length=TEXT_LIMIT, examples=["Seit heute früh, alle Schächte."])]
Category = Annotated[str, Meta(max_length=100, examples=["Hardware"])]
Tags = Annotated[list[str], Meta(max_length=20, examples=[["drucker", "vor-ort"]])]


class OpenTicket(Command, frozen=True):
    """Take up a customer's request; without a priority it follows from impact × urgency."""

    customer_id: CustomerId
    title: Title
    description: Text = ""
    requester: Annotated[
        Requester,
        Meta(description="Who asked; left out, it is taken from the contact as it is now."),
    ] = Requester()
    contact_id: ContactId | None = None
    location_id: LocationId | None = None
    category: Category = ""
    tags: Tags = []
    source: Source = Source.API
    impact: Level = Level.MEDIUM
    urgency: Level = Level.MEDIUM
    priority: Priority | None = None
    external: ExternalReference | None = None
    group_id: GroupId | None = None
    assignee_id: UserId | None = None


class ChangeTicket(Command, frozen=True):
    """Change plain attributes; what is not sent stays, `priority: null` ends an override.

    Another contact brings its name, address and number along as requester, unless one is sent;
    `contact_id: null` and `location_id: null` end what was known.
    """

    ticket_id: TicketId
    title: Title | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    category: Category | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    requester: Requester | UnsetType = UNSET
    contact_id: ContactId | UnsetType | None = UNSET
    location_id: LocationId | UnsetType | None = UNSET
    impact: Level | UnsetType = UNSET
    urgency: Level | UnsetType = UNSET
    priority: Priority | UnsetType | None = UNSET


async def open_ticket(cmd: OpenTicket, ctx: Context) -> None:
    # A portal user's customer is looked up first: another one does not exist for them.
    customer = await ctx.look(Customer, cmd.customer_id)
    customer.require_active()
    if cmd.priority is not None:
        ctx.actor.require(STAFF)  # a portal user says how bad it is; the matrix weighs it
    if cmd.external is not None:
        ctx.actor.require(STAFF)  # whether a number is taken tells of other customers' tickets
    facts = sent(cmd)
    group_id, assignee_id = facts.pop("group_id"), facts.pop("assignee_id")
    await _know(customer.id, facts, ctx)
    facts["source"] = cmd.source if ctx.actor.is_staff else Source.PORTAL
    number = await ctx.next_number("ticket")
    ticket = Ticket.open(
        TicketId(ctx.new_id("ticket")), ticket_number=number, **facts, at=ctx.now()
    )
    ctx.add(ticket)
    if group_id is not None or assignee_id is not None:
        await assign(ticket, group_id, assignee_id, ctx)


async def change_ticket(cmd: ChangeTicket, ctx: Context) -> None:
    ticket = await ctx.load(Ticket, cmd.ticket_id)
    facts = sent(cmd)
    await _know(ticket.customer_id, facts, ctx, before=ticket)
    apply_changes(ticket, PLAIN, facts, ctx)
    if facts.keys() & {"impact", "urgency", "priority"}:
        ticket.prioritize(
            impact=facts.get("impact", ticket.impact),
            urgency=facts.get("urgency", ticket.urgency),
            override=facts.get("priority", ticket.priority if ticket.overridden else None),
            at=ctx.now(),
        )


async def _know(
    customer_id: UUID, facts: dict[str, Any], ctx: Context, before: Ticket | None = None
) -> None:
    """See that the contact and the location that are news may be named, and who asks thereby."""
    known = (before.contact_id, before.location_id) if before else (None, None)
    contact_id, location_id = facts.get("contact_id"), facts.get("location_id")
    if contact_id not in (None, known[0]):
        contact = await contact_of(customer_id, contact_id, ctx)
        if "requester" not in facts or (before is None and facts["requester"] == NOBODY):
            facts["requester"] = contact.as_requester()
    if location_id not in (None, known[1]):
        await location_of(customer_id, location_id, ctx)


NOBODY = Requester()

PLAIN = (
    # First: what is told of the next contact is encrypted under that person's key.
    Ticket.ContactChanged,
    Ticket.Retitled,
    Ticket.Described,
    Ticket.Categorized,
    Ticket.Tagged,
    Ticket.RequesterChanged,
    Ticket.LocationChanged,
)
"""What is changed without further ado."""

COMMANDS = (
    Entry(OpenTicket, open_ticket, "POST /tickets", PARTIES),
    Entry(ChangeTicket, change_ticket, "PATCH /tickets/{id}", STAFF),
)
