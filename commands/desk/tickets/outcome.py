"""What may be asked at a ticket's end."""

from typing import Annotated

from msgspec import Meta

from commands.context import Command
from commands.dispatch import Entry
from commands.handlers import on
from domain.actors import ADMINS, PARTIES, STAFF
from domain.desk.tickets import Ticket
from domain.desk.tickets.state import TEXT_LIMIT
from domain.values import (
    TicketId,
)

Text = Annotated[str, Meta(max_length=TEXT_LIMIT, examples=["Die Walze wurde getauscht."])]
Reason = Annotated[str, Meta(max_length=2000, examples=["Fehler trat wieder auf"])]
Code = Annotated[str, Meta(max_length=50, examples=["fixed"])]


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


COMMANDS = (
    Entry(ResolveTicket, on(Ticket, Ticket.resolve), "POST /tickets/{id}/resolve", STAFF),
    Entry(CloseTicket, on(Ticket, Ticket.close), "POST /tickets/{id}/close", STAFF),
    Entry(ReopenTicket, on(Ticket, Ticket.reopen), "POST /tickets/{id}/reopen", PARTIES),
    Entry(DeleteTicket, on(Ticket, Ticket.delete), "DELETE /tickets/{id}", ADMINS),
    Entry(RestoreTicket, on(Ticket, Ticket.restore), "POST /tickets/{id}/restore", ADMINS),
)
