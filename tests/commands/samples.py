"""One case of every command: what was before, the command, and what it leads to."""

from dataclasses import dataclass

from commands.context import Command
from commands.customers.customers import (
    ArchiveCustomer,
    ChangeCustomer,
    RegisterCustomer,
    RestoreCustomer,
)
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
from commands.people.users import ChangeUser, DeactivateUser, ReactivateUser, RegisterUser
from domain.actors import Role
from domain.base import AggregateRoot, Created
from domain.catalogue import AGGREGATES
from domain.customers.customers import Customer
from domain.desk.groups import Group
from domain.desk.tickets import Ticket
from domain.people.users import User
from domain.values import Address, ExternalReference
from tests.given import (
    CUSTOMER,
    EXAMPLES,
    GROUP,
    TICKET,
    USER,
    Fact,
    assigned,
    closed,
    customer_archived,
    customer_registered,
    deactivated,
    deleted,
    group_archived,
    group_formed,
    opened,
    resolved,
    started,
    user_registered,
)


@dataclass(frozen=True)
class Sample:
    """A command that is accepted where these facts are given."""

    kind: type[AggregateRoot]
    """The kind of record that the command is about."""
    given: tuple[Fact, ...]
    command: Command
    topics: tuple[str, ...]
    """The events it leads to, the record's own first."""

    @property
    def creates(self) -> bool:
        """Tell whether the command makes a new record."""
        return self.topics[0] == FIRST[self.kind].event_class.TOPIC

    def __str__(self) -> str:
        return type(self.command).__name__


_TECHNICIAN = user_registered(role=Role.TECHNICIAN, customer_id=None)

SAMPLES = (
    Sample(
        Customer,
        (),
        RegisterCustomer(name="Acme", number=10_001, email_domains=["acme.example"]),
        ("customer.registered", "reservation.claimed", "reservation.claimed"),
    ),
    Sample(
        Customer,
        (customer_registered,),
        ChangeCustomer(
            customer_id=CUSTOMER,
            name="Acme AG",
            address=Address(city="Wien", country="AT"),
            email_domains=["acme.ch", "acme.test"],
        ),
        (
            "customer.renamed",
            "customer.moved",
            "customer.email_domains_changed",
            "reservation.claimed",
        ),
    ),
    Sample(
        Customer,
        (customer_registered,),
        ArchiveCustomer(customer_id=CUSTOMER),
        ("customer.archived",),
    ),
    Sample(
        Customer,
        (customer_registered, customer_archived),
        RestoreCustomer(customer_id=CUSTOMER),
        ("customer.restored",),
    ),
    Sample(
        User,
        (customer_registered,),
        RegisterUser(
            name="Ada", email="ada@acme.example", role=Role.CUSTOMER, customer_id=CUSTOMER
        ),
        ("user.registered", "reservation.claimed"),
    ),
    Sample(
        User,
        (customer_registered, user_registered),
        ChangeUser(user_id=USER, name="Ada Li", email="li@acme.example", role=Role.ADMIN),
        ("user.renamed", "user.email_changed", "user.role_changed", "reservation.claimed"),
    ),
    Sample(User, (user_registered,), DeactivateUser(user_id=USER), ("user.deactivated",)),
    Sample(
        User, (user_registered, deactivated), ReactivateUser(user_id=USER), ("user.reactivated",)
    ),
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
        (customer_registered, group_formed, _TECHNICIAN),
        OpenTicket(
            customer_id=CUSTOMER,
            title="The printer jams",
            external=ExternalReference("servicenow", "INC0000048"),
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
"""One sample of every line of the command table, in its order."""

FIRST = {
    kind: fact
    for kind in AGGREGATES
    for fact in EXAMPLES
    if fact.event_class in vars(kind).values() and issubclass(fact.event_class, Created)
}
"""How each kind of record begins."""

TARGETS = {kind: fact.event().originator_id for kind, fact in FIRST.items()}
"""The records of `tests.given` that the samples are about."""
