"""One sample of every command about the service desk."""

from commands.desk.groups import ArchiveGroup, ChangeGroup, FormGroup, RestoreGroup
from commands.desk.tickets import (
    AssignTicket,
    ChangeTicket,
    CloseTicket,
    CommentTicket,
    DeleteTicket,
    OpenTicket,
    PutTicketOnHold,
    ReopenTicket,
    ResolveTicket,
    RestoreTicket,
    StartTicket,
    UnassignTicket,
)
from domain.actors import Role
from domain.desk.groups import Group
from domain.desk.tickets import Ticket
from domain.values import ExternalReference
from tests.commands.samples.sample import Sample
from tests.given import (
    CONTACT,
    CUSTOMER,
    GROUP,
    LOCATION,
    TICKET,
    USER,
    assigned,
    closed,
    contact_added,
    customer_registered,
    deleted,
    group_archived,
    group_formed,
    location_registered,
    opened,
    resolved,
    started,
    user_registered,
)

_TECHNICIAN = user_registered(role=Role.TECHNICIAN, customer_id=None)

SAMPLES = (
    Sample(
        Group,
        (),
        FormGroup(name="First level", description="Takes every call."),
        ("group.formed", "reservation.claimed"),
    ),
    Sample(
        Group,
        (group_formed,),
        ChangeGroup(group_id=GROUP, name="Service desk", description="Monday to Friday."),
        ("group.renamed", "group.described", "reservation.claimed"),
    ),
    Sample(Group, (group_formed,), ArchiveGroup(group_id=GROUP), ("group.archived",)),
    Sample(
        Group, (group_formed, group_archived), RestoreGroup(group_id=GROUP), ("group.restored",)
    ),
    Sample(
        Ticket,
        (customer_registered, group_formed, _TECHNICIAN, contact_added, location_registered),
        OpenTicket(
            customer_id=CUSTOMER,
            title="The printer jams",
            external=ExternalReference("servicenow", "INC0000048"),
            contact_id=CONTACT,
            location_id=LOCATION,
            group_id=GROUP,
            assignee_id=USER,
        ),
        ("ticket.opened", "ticket.assigned", "reservation.claimed"),
    ),
    Sample(
        Ticket,
        (opened,),
        ChangeTicket(ticket_id=TICKET, title="All printers jam", tags=["fire"], category="fire"),
        ("ticket.retitled", "ticket.categorized", "ticket.tagged"),
    ),
    Sample(
        Ticket,
        (opened, group_formed, _TECHNICIAN),
        AssignTicket(ticket_id=TICKET, group_id=GROUP, assignee_id=USER),
        ("ticket.assigned",),
    ),
    Sample(Ticket, (opened, assigned), UnassignTicket(ticket_id=TICKET), ("ticket.unassigned",)),
    Sample(Ticket, (opened,), StartTicket(ticket_id=TICKET), ("ticket.started",)),
    Sample(Ticket, (opened, started), PutTicketOnHold(ticket_id=TICKET), ("ticket.put_on_hold",)),
    Sample(
        Ticket,
        (opened,),
        CommentTicket(ticket_id=TICKET, body="Have you tried turning it off?"),
        ("ticket.commented",),
    ),
    Sample(
        Ticket,
        (opened, started),
        ResolveTicket(ticket_id=TICKET, resolution="Replaced the roller."),
        ("ticket.resolved",),
    ),
    Sample(Ticket, (opened, resolved), CloseTicket(ticket_id=TICKET), ("ticket.closed",)),
    Sample(
        Ticket,
        (opened, resolved, closed),
        ReopenTicket(ticket_id=TICKET, reason="It jams again."),
        ("ticket.reopened",),
    ),
    Sample(
        Ticket,
        (opened,),
        DeleteTicket(ticket_id=TICKET, reason="Opened twice."),
        ("ticket.deleted",),
    ),
    Sample(
        Ticket,
        (opened, deleted),
        RestoreTicket(ticket_id=TICKET, reason="It was not."),
        ("ticket.restored",),
    ),
)
