"""A small service desk: two customers, their people, and forty-two tickets of every kind."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import msgspec
import psycopg

from domain.actors import Actor, Role
from domain.base import AggregateRoot, Event
from domain.customers.customers import Customer
from domain.desk.groups import Group
from domain.desk.priorities import Level
from domain.desk.statuses import Status, WaitingReason
from domain.desk.tickets import Source, Ticket
from domain.people.users import User
from domain.values import (
    Address,
    CustomerId,
    ExternalReference,
    GroupId,
    Requester,
    TicketId,
    UserId,
)
from eventstore import mapper
from eventstore.records import Append, Metadata
from tests.eventstore.given import append

NAMESPACE = UUID("0e5d0000-0000-4000-8000-000000000000")
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def named(name: str) -> UUID:
    """Return the id that a name stands for in every run."""
    return uuid5(NAMESPACE, name)


ACME, BOLT = CustomerId(named("acme")), CustomerId(named("bolt"))
FIRST_LEVEL, NETWORK = GroupId(named("first level")), GroupId(named("network"))
TESS, NOAH, ADA = UserId(named("tess")), UserId(named("noah")), UserId(named("ada"))
LIFE = TicketId(named("ticket 1"))
"""The ticket of Acme that everything has happened to."""
COUNT = 42

STAFF = Actor(str(TESS), "Tess Technician", Role.TECHNICIAN)
AUDITOR = Actor("auditor", "Otto Auditor", Role.AUDITOR)
OF_ACME = Actor(str(ADA), "Ada Zürn", Role.CUSTOMER, ACME)
OF_BOLT = Actor("bo", "Bo Li", Role.CUSTOMER, BOLT)
OF_NOBODY = Actor("nobody", "Nobody", Role.CUSTOMER)


def moment(minutes: int) -> datetime:
    """Return the instant so many minutes after the desk opened."""
    return START + timedelta(minutes=minutes)


def customers() -> Iterator[AggregateRoot]:
    """Yield the customers; Acme is renamed on the second day."""
    acme = Customer.begin(
        ACME,
        Customer.Registered,
        moment(0),
        number=10001,
        name="Acme Werke GmbH",
        address=Address("Hauptstraße 1", "10115", "Berlin", "DE"),
        email_domains=("acme.example",),
    )
    acme.change(Customer.Renamed, moment(1440), name="Acme AG")
    yield acme
    bolt = Customer.begin(
        BOLT,
        Customer.Registered,
        moment(1),
        number=10002,
        name="Bolt 100% KG",
        address=Address(),
        email_domains=(),
    )
    bolt.archive(at=moment(2000))
    yield bolt


def people() -> Iterator[AggregateRoot]:
    """Yield groups and users."""
    yield Group.begin(
        FIRST_LEVEL, Group.Formed, moment(0), name="First level", description="Takes calls."
    )
    network = Group.begin(NETWORK, Group.Formed, moment(0), name="Network", description="")
    network.archive(at=moment(3000))
    yield network
    tess = _user(TESS, "Tess Technician", Role.TECHNICIAN)
    tess.change(User.Renamed, moment(1500), name="Tess Lead")
    yield tess
    noah = _user(NOAH, "Noah Network", Role.TECHNICIAN)
    noah.deactivate(at=moment(2500))
    yield noah
    yield _user(ADA, "Ada Zürn", Role.CUSTOMER, ACME)


def tickets() -> Iterator[AggregateRoot]:
    """Yield the tickets: the one with a life, then a mixed lot."""
    yield life()
    for number in range(2, COUNT + 1):
        yield _mixed(number)


def life() -> Ticket:
    """Return the ticket that everything has happened to, one event each ten minutes."""
    times = (moment(1000 + 10 * n) for n in range(100))
    ticket = Ticket.open(
        LIFE,
        ticket_number=1,
        title="The printer on floor 3 jams",
        description="Since this morning; it also smells.",
        customer_id=ACME,
        requester=Requester("Ada Zürn", "ada@acme.example", "+49 30 901820"),
        category="hardware",
        tags=["printer", "floor-3"],
        source=Source.EMAIL,
        external=ExternalReference("servicenow", "INC0000047"),
        at=next(times),
    )
    ticket.change(Ticket.Retitled, next(times), title="All printers jam")
    ticket.change(Ticket.Described, next(times), description="It is on fire.")
    ticket.change(Ticket.Categorized, next(times), category="fire")
    ticket.change(Ticket.Tagged, next(times), tags=("fire", "printer"))
    ticket.change(Ticket.RequesterChanged, next(times), requester=Requester("Bo Li"))
    ticket.prioritize(impact=Level.HIGH, urgency=Level.HIGH, at=next(times))
    ticket.assign(group_id=FIRST_LEVEL, assignee_id=TESS, at=next(times))
    ticket.assign(group_id=NETWORK, assignee_id=NOAH, at=next(times))
    ticket.start(at=next(times))
    _comment(ticket, "Internal: what a mess.", at=next(times), public=False)
    _comment(ticket, "We are on our way.", at=next(times), public=True)
    ticket.put_on_hold(Status.WAITING_THIRD_PARTY, WaitingReason.VENDOR, at=next(times))
    ticket.start(at=next(times))
    ticket.resolve(resolution="The fire is out.", at=next(times))
    ticket.close(at=next(times))
    ticket.reopen(reason="It burns again.", at=next(times))
    ticket.unassign(at=next(times))
    ticket.assign(group_id=FIRST_LEVEL, assignee_id=TESS, at=next(times))
    ticket.record_external_update({"made_sla": "true"}, at=next(times))
    ticket.delete(reason="By mistake.", at=next(times))
    ticket.restore(at=next(times))
    return ticket


def write(connection: psycopg.Connection, *aggregates: AggregateRoot, actor: str = "") -> None:
    """Append what the aggregates have decided, one command each."""
    for aggregate in aggregates:
        events = [event for event in aggregate.collect_events() if isinstance(event, Event)]
        command_id = uuid5(aggregate.id, str(events[0].originator_version))
        metadata = Metadata(
            command_id=command_id, actor=actor or STAFF.id, correlation_id=command_id
        )
        command = Append(
            command_id=command_id,
            request_hash=b"",
            metadata=msgspec.json.encode(metadata),
            events=[mapper.encode(event) for event in events],
        )
        for outcome in append(connection, command):
            assert not isinstance(outcome, Exception), outcome
    connection.commit()


def _user(id: UserId, name: str, role: Role, customer_id: CustomerId | None = None) -> User:
    email = f"{name.split(maxsplit=1)[0].lower()}@msp.example"
    return User.register(
        id, name=name, email=email, role=role, customer_id=customer_id, at=moment(0)
    )


def _comment(ticket: Ticket, body: str, *, at: datetime, public: bool) -> None:
    ticket.comment(
        uuid5(ticket.id, body), body, author=STAFF.id, public=public, by_staff=True, at=at
    )


def _mixed(number: int) -> Ticket:
    # Three opened at once, so that orders need their tie-break.
    at = moment(2000 + 60 * (number // 3))
    levels = list(Level)
    options: dict[str, Any] = {
        "category": ("network", "software", "")[number % 3],
        "tags": [["vpn"], ["vpn", "vip"], []][number % 3],
        "source": list(Source)[number % 6],
        "impact": levels[number % 3],
        "urgency": levels[number // 3 % 3],
    }
    if number % 7 == 0:
        system = "servicenow" if number % 2 else "jira"
        options["external"] = ExternalReference(system, f"INC{number:07}")
    ticket = Ticket.open(
        TicketId(named(f"ticket {number}")),
        ticket_number=number,
        title=f"Case {number}",
        customer_id=ACME if number % 2 else BOLT,
        at=at,
        **options,
    )
    if number % 4 == 0:
        ticket.assign(group_id=NETWORK, assignee_id=NOAH if number % 8 else None, at=moment(9000))
    if number % 5 == 0:
        ticket.resolve(resolution="Done.", at=moment(9000 + number))
    if number % 10 == 0:
        ticket.close(at=moment(9500))
    if number % 13 == 0:
        ticket.delete(reason="Opened twice.", at=moment(9600))
    return ticket
