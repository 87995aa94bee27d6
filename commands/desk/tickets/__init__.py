"""What may be asked about tickets, one module per concept, as in the domain."""

from commands.desk.tickets import outcome, request, work
from commands.desk.tickets.outcome import (
    CloseTicket,
    DeleteTicket,
    ReopenTicket,
    ResolveTicket,
    RestoreTicket,
)
from commands.desk.tickets.request import ChangeTicket, OpenTicket
from commands.desk.tickets.work import (
    AssignTicket,
    CommentTicket,
    PutTicketOnHold,
    StartTicket,
    UnassignTicket,
)

COMMANDS = (*request.COMMANDS, *work.COMMANDS, *outcome.COMMANDS)

__all__ = [
    "COMMANDS",
    "AssignTicket",
    "ChangeTicket",
    "CloseTicket",
    "CommentTicket",
    "DeleteTicket",
    "OpenTicket",
    "PutTicketOnHold",
    "ReopenTicket",
    "ResolveTicket",
    "RestoreTicket",
    "StartTicket",
    "UnassignTicket",
]
