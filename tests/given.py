"""Facts that tests begin with: `given(Ticket, opened, assigned(group_id=NIGHT_SHIFT))`.

Every fact has fixed values; calling it changes some of them. A fact equals the event that tells
the same, wherever it stands in its stream: `assert recorded(ticket) == [retitled(title="New")]`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from domain.actors import Role
from domain.base import AggregateRoot, Created, Event
from domain.customers.customers import Customer
from domain.desk.groups import Group
from domain.desk.priorities import Level, Priority
from domain.desk.statuses import Status, WaitingReason
from domain.desk.tickets import Source, Ticket
from domain.people.users import User
from domain.reservations import Reservation
from domain.values import (
    Address,
    CustomerId,
    ExternalReference,
    GroupId,
    Requester,
    TicketId,
    UserId,
)

TAggregate = TypeVar("TAggregate", bound=AggregateRoot)

T0 = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""When every fact happened, unless it says otherwise: a Monday morning."""
T1 = T0 + timedelta(hours=1)
T2 = T0 + timedelta(hours=2)

TICKET = TicketId(UUID("71c4e700-0000-4000-8000-000000000001"))
CUSTOMER = CustomerId(UUID("c0570e00-0000-4000-8000-000000000001"))
OTHER_CUSTOMER = CustomerId(UUID("c0570e00-0000-4000-8000-000000000002"))
GROUP = GroupId(UUID("66000000-0000-4000-8000-000000000001"))
NIGHT_SHIFT = GroupId(UUID("66000000-0000-4000-8000-000000000002"))
USER = UserId(UUID("05e40000-0000-4000-8000-000000000001"))
OTHER_USER = UserId(UUID("05e40000-0000-4000-8000-000000000002"))
COMMENT = UUID("c0000000-0000-4000-8000-000000000001")
RESERVATION = UUID("3e3079d0-c524-5f7e-a8ee-41f71f129653")
"""The stream of the e-mail address `ada@acme.example`; it may never change."""

_STREAMS: Mapping[str, UUID] = {
    Ticket.TOPIC: TICKET,
    Customer.TOPIC: CUSTOMER,
    Group.TOPIC: GROUP,
    User.TOPIC: USER,
    Reservation.TOPIC: RESERVATION,
}


class ExampleMissing(LookupError):
    """Nothing here tells how an event of this topic looks."""


@dataclass(frozen=True, eq=False)
class Fact:
    """What an event tells, without its place in a stream."""

    event_class: type[Event]
    values: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, **changes: Any) -> "Fact":
        """Return the same fact with other values; `timestamp` says when, `T0` by default."""
        return Fact(self.event_class, {**self.values, **changes})

    def event(self, version: int = 1) -> Event:
        """Return the event at this place of its fixed stream; raises `ExampleMissing`."""
        aggregate_topic = self.event_class.TOPIC.partition(".")[0]
        if aggregate_topic not in _STREAMS:
            msg = f"{aggregate_topic} has no stream; add a line to _STREAMS in tests/given.py"
            raise ExampleMissing(msg)
        values: dict[str, Any] = {"timestamp": T0, **self.values}
        if issubclass(self.event_class, Created):
            values["originator_topic"] = aggregate_topic
        return self.event_class(
            originator_id=_STREAMS[aggregate_topic], originator_version=version, **values
        )

    def __eq__(self, other: object) -> bool:
        """Tell whether the event says the same of the same record."""
        if not isinstance(other, Event):
            return NotImplemented
        return self.event(other.originator_version) == other

    __hash__ = None  # type: ignore[assignment]


def given(kind: type[TAggregate], *facts: Fact) -> TAggregate:
    """Return the aggregate that these facts make; nothing is pending."""
    aggregate: AggregateRoot | None = None
    for version, fact in enumerate(facts, start=1):
        aggregate = fact.event(version).mutate(aggregate)
    assert isinstance(aggregate, kind)
    return aggregate


def recorded(aggregate: AggregateRoot) -> list[Event]:
    """Return the events that were newly recorded, oldest first."""
    events = [event for event in aggregate.pending_events if isinstance(event, Event)]
    assert len(events) == len(aggregate.pending_events)
    return events


# Tickets have the short names: most tests are about them.

opened = Fact(
    Ticket.Opened,
    {
        "ticket_number": 4711,
        "title": "The printer on floor 3 jams",
        "description": "Since this morning; it also smells.",
        "customer_id": CUSTOMER,
        "requester": Requester("Ada Zürn", "ada@acme.example", "+49 30 901820"),
        "category": "hardware",
        "tags": ("floor-3", "printer"),
        "source": Source.EMAIL,
        "impact": Level.MEDIUM,
        "urgency": Level.MEDIUM,
        "priority": Priority.MEDIUM,
        "overridden": False,
        "external": ExternalReference("servicenow", "INC0000047"),
    },
)
retitled = Fact(Ticket.Retitled, {"title": "All printers jam"})
described = Fact(Ticket.Described, {"description": "It is on fire."})
categorized = Fact(Ticket.Categorized, {"category": "fire"})
tagged = Fact(Ticket.Tagged, {"tags": ("fire", "printer")})
requester_changed = Fact(
    Ticket.RequesterChanged, {"requester": Requester("Bo Li", "bo@acme.example", "112")}
)
prioritized = Fact(
    Ticket.Prioritized,
    {
        "impact": Level.HIGH,
        "urgency": Level.HIGH,
        "priority": Priority.CRITICAL,
        "overridden": False,
    },
)
assigned = Fact(
    Ticket.Assigned,
    {
        "group_id": GROUP,
        "assignee_id": USER,
        "status": Status.ASSIGNED,
        "reassignment_count": 0,
    },
)
unassigned = Fact(Ticket.Unassigned)
started = Fact(Ticket.Started)
put_on_hold = Fact(
    Ticket.PutOnHold,
    {"status": Status.WAITING_THIRD_PARTY, "reason": WaitingReason.VENDOR},
)
commented = Fact(
    Ticket.Commented,
    {
        "comment_id": COMMENT,
        "author": "Tess Technician",
        "body": "Have you tried turning it off?",
        "public": True,
        "first_response": True,
    },
)
resolved = Fact(
    Ticket.Resolved, {"resolution": "The roller was replaced.", "resolution_code": "fixed"}
)
closed = Fact(Ticket.Closed, {"resolution": "The customer agrees.", "resolution_code": "agreed"})
reopened = Fact(Ticket.Reopened, {"reason": "It jams again.", "reopen_count": 1})
deleted = Fact(Ticket.Deleted, {"reason": "Opened twice."})
restored = Fact(Ticket.Restored, {"reason": "It was not the same."})
external_update_recorded = Fact(
    Ticket.ExternalUpdateRecorded, {"attributes": {"made_sla": "true", "sys_mod_count": "7"}}
)

customer_registered = Fact(
    Customer.Registered,
    {
        "number": 10001,
        "name": "Acme Werke GmbH",
        "address": Address("Hauptstraße 1", "10115", "Berlin", "DE"),
        "email_domains": ("acme.example", "acme.test"),
    },
)
customer_renamed = Fact(Customer.Renamed, {"name": "Acme AG"})
customer_moved = Fact(
    Customer.Moved, {"address": Address("Bahnhofstrasse 2", "8001", "Zürich", "CH")}
)
email_domains_changed = Fact(Customer.EmailDomainsChanged, {"email_domains": ("acme.ch",)})
customer_archived = Fact(Customer.Archived)
customer_restored = Fact(Customer.Restored)

group_formed = Fact(Group.Formed, {"name": "First level", "description": "Takes every call first."})
group_renamed = Fact(Group.Renamed, {"name": "Service desk"})
group_described = Fact(Group.Described, {"description": "Monday to Friday."})
group_archived = Fact(Group.Archived)
group_restored = Fact(Group.Restored)

user_registered = Fact(
    User.Registered,
    {
        "name": "Ada Zürn",
        "email": "ada@acme.example",
        "role": Role.CUSTOMER,
        "customer_id": CUSTOMER,
    },
)
user_renamed = Fact(User.Renamed, {"name": "Ada Li"})
email_changed = Fact(User.EmailChanged, {"email": "ada.li@acme.example"})
role_changed = Fact(User.RoleChanged, {"role": Role.CUSTOMER, "customer_id": OTHER_CUSTOMER})
deactivated = Fact(User.Deactivated)
reactivated = Fact(User.Reactivated)

claimed = Fact(Reservation.Claimed, {"scope": "email", "key": "ada@acme.example", "holder": USER})
reclaimed = Fact(Reservation.Reclaimed, {"holder": OTHER_USER})
released = Fact(Reservation.Released)

EXAMPLES: tuple[Fact, ...] = tuple(fact for fact in globals().values() if isinstance(fact, Fact))
"""One fact of every event class, in the order above."""
