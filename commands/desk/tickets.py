"""What may be asked about tickets."""

from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from commands.context import Command, Context
from commands.customers.belonging import contact_of, location_of
from commands.dispatch import Entry
from commands.handlers import apply_changes, look_up, news, on, sent
from domain.actors import ADMINS, PARTIES, STAFF
from domain.customers.customers import Customer
from domain.desk.groups import Group
from domain.desk.priorities import Level, Priority
from domain.desk.statuses import Status, WaitingReason
from domain.desk.tickets import Source, Ticket
from domain.desk.tickets.request import TITLE_LIMIT
from domain.desk.tickets.state import TEXT_LIMIT
from domain.people.users import User
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
Reason = Annotated[str, Meta(max_length=2000, examples=["Fehler trat wieder auf"])]
Code = Annotated[str, Meta(max_length=50, examples=["fixed"])]


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


class AssignTicket(Command, frozen=True):
    """Give a ticket to a group, a person, or both; a group not sent stays, a person does not."""

    ticket_id: TicketId
    group_id: GroupId | None = None
    assignee_id: UserId | None = None


class UnassignTicket(Command, frozen=True):
    """Hand a ticket back to its group's queue."""

    ticket_id: TicketId


class StartTicket(Command, frozen=True):
    """Begin or resume work."""

    ticket_id: TicketId


class PutTicketOnHold(Command, frozen=True):
    """Let the work wait; waiting for a third party takes a reason."""

    ticket_id: TicketId
    status: Literal["waiting_customer", "waiting_third_party"] = "waiting_customer"
    reason: WaitingReason | None = None


class CommentTicket(Command, frozen=True):
    """Write on a ticket; customers never see internal comments, and their own are always public."""

    ticket_id: TicketId
    body: Annotated[str, Meta(min_length=1, max_length=TEXT_LIMIT, examples=["Ich schaue nach."])]
    public: bool = True


class ResolveTicket(Command, frozen=True):
    """Declare the request settled."""

    ticket_id: TicketId
    resolution: Text
    resolution_code: Code = ""


class CloseTicket(Command, frozen=True):
    """End the matter; one that was never resolved takes a resolution that says why."""

    ticket_id: TicketId
    resolution: Text = ""
    resolution_code: Code = ""


class ReopenTicket(Command, frozen=True):
    """Take a resolved or closed ticket up again."""

    ticket_id: TicketId
    reason: Reason = ""


class DeleteTicket(Command, frozen=True):
    """Take a ticket out of sight; it can be restored, nothing is erased."""

    ticket_id: TicketId
    reason: Annotated[str, Meta(min_length=1, max_length=2000, examples=["Doppelt erfasst"])]


class RestoreTicket(Command, frozen=True):
    """Bring a deleted ticket back."""

    ticket_id: TicketId
    reason: Reason = ""


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
        await _assign(ticket, group_id, assignee_id, ctx)


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


async def assign_ticket(cmd: AssignTicket, ctx: Context) -> None:
    ticket = await ctx.load(Ticket, cmd.ticket_id)
    group_id = cmd.group_id
    if group_id is None and cmd.assignee_id is not None:
        group_id = ticket.group_id
    await _assign(ticket, group_id, cmd.assignee_id, ctx)


async def put_ticket_on_hold(cmd: PutTicketOnHold, ctx: Context) -> None:
    ticket = await ctx.load(Ticket, cmd.ticket_id)
    ticket.put_on_hold(Status(cmd.status), cmd.reason, at=ctx.now())


async def comment_ticket(cmd: CommentTicket, ctx: Context) -> None:
    ticket = await ctx.load(Ticket, cmd.ticket_id)
    ticket.comment(
        ctx.new_id("comment"),
        cmd.body,
        author=ctx.actor.id,
        # A portal user sees no internal comments, so they can not write one either.
        public=cmd.public or not ctx.actor.is_staff,
        by_staff=ctx.actor.is_staff,
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


async def _assign(
    ticket: Ticket, group_id: GroupId | None, assignee_id: UserId | None, ctx: Context
) -> None:
    # Also where a portal user opens a ticket: to assign it is for staff.
    ctx.actor.require(STAFF)
    named = news(ticket, {"group_id": group_id, "assignee_id": assignee_id})
    await look_up(ctx, named, {"group_id": Group, "assignee_id": User})
    ticket.assign(group_id=group_id, assignee_id=assignee_id, at=ctx.now())


NOBODY = Requester()

PLAIN = (
    Ticket.Retitled,
    Ticket.Described,
    Ticket.Categorized,
    Ticket.Tagged,
    Ticket.RequesterChanged,
    Ticket.ContactChanged,
    Ticket.LocationChanged,
)
"""What is changed without further ado."""

COMMANDS = (
    Entry(OpenTicket, open_ticket, "POST /tickets", PARTIES),
    Entry(ChangeTicket, change_ticket, "PATCH /tickets/{id}", STAFF),
    Entry(AssignTicket, assign_ticket, "POST /tickets/{id}/assign", STAFF),
    Entry(UnassignTicket, on(Ticket, Ticket.unassign), "POST /tickets/{id}/unassign", STAFF),
    Entry(StartTicket, on(Ticket, Ticket.start), "POST /tickets/{id}/start", STAFF),
    Entry(PutTicketOnHold, put_ticket_on_hold, "POST /tickets/{id}/wait", STAFF),
    Entry(CommentTicket, comment_ticket, "POST /tickets/{id}/comments", PARTIES),
    Entry(ResolveTicket, on(Ticket, Ticket.resolve), "POST /tickets/{id}/resolve", STAFF),
    Entry(CloseTicket, on(Ticket, Ticket.close), "POST /tickets/{id}/close", STAFF),
    Entry(ReopenTicket, on(Ticket, Ticket.reopen), "POST /tickets/{id}/reopen", PARTIES),
    Entry(DeleteTicket, on(Ticket, Ticket.delete), "DELETE /tickets/{id}", ADMINS),
    Entry(RestoreTicket, on(Ticket, Ticket.restore), "POST /tickets/{id}/restore", ADMINS),
)
