"""What may be asked about the work on a ticket."""

from typing import Annotated, Literal

from msgspec import Meta

from commands.context import Command, Context
from commands.dispatch import Entry
from commands.handlers import look_up, news, on
from commands.people.staff import look_up_staff
from domain.actors import PARTIES, STAFF
from domain.desk.groups import Group
from domain.desk.statuses import Status, WaitingReason
from domain.desk.tickets import Ticket
from domain.desk.tickets.state import TEXT_LIMIT
from domain.values import (
    GroupId,
    TicketId,
    UserId,
)


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


async def assign_ticket(cmd: AssignTicket, ctx: Context) -> None:
    ticket = await ctx.load(Ticket, cmd.ticket_id)
    group_id = cmd.group_id
    if group_id is None and cmd.assignee_id is not None:
        group_id = ticket.group_id
    await assign(ticket, group_id, cmd.assignee_id, ctx)


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


async def assign(
    ticket: Ticket, group_id: GroupId | None, assignee_id: UserId | None, ctx: Context
) -> None:
    """Give a ticket to a group, a person, or both; raises what refuses either."""
    # Also where a portal user opens a ticket: to assign it is for staff.
    ctx.actor.require(STAFF)
    named = news(ticket, {"group_id": group_id, "assignee_id": assignee_id})
    await look_up(ctx, named, {"group_id": Group})
    await look_up_staff(ctx, named, "assignee_id")
    ticket.assign(group_id=group_id, assignee_id=assignee_id, at=ctx.now())


COMMANDS = (
    Entry(AssignTicket, assign_ticket, "POST /tickets/{id}/assign", STAFF),
    Entry(UnassignTicket, on(Ticket, Ticket.unassign), "POST /tickets/{id}/unassign", STAFF),
    Entry(StartTicket, on(Ticket, Ticket.start), "POST /tickets/{id}/start", STAFF),
    Entry(PutTicketOnHold, put_ticket_on_hold, "POST /tickets/{id}/wait", STAFF),
    Entry(CommentTicket, comment_ticket, "POST /tickets/{id}/comments", PARTIES),
)
