"""The fixed moments and records of the facts."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from domain.customers.contacts import Contact
from domain.customers.customers import Customer
from domain.customers.locations import Location
from domain.desk.groups import Group
from domain.desk.tickets import Ticket
from domain.people.erasures import Erasure, ErasureId
from domain.people.users import User
from domain.reservations import Reservation
from domain.values import (
    ContactId,
    CustomerId,
    GroupId,
    LocationId,
    TicketId,
    UserId,
)

T0 = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""When every fact happened, unless it says otherwise: a Monday morning."""
T1 = T0 + timedelta(hours=1)
T2 = T0 + timedelta(hours=2)

TICKET = TicketId(UUID("71c4e700-0000-4000-8000-000000000001"))
CUSTOMER = CustomerId(UUID("c0570e00-0000-4000-8000-000000000001"))
OTHER_CUSTOMER = CustomerId(UUID("c0570e00-0000-4000-8000-000000000002"))
CONTACT = ContactId(UUID("c0274c70-0000-4000-8000-000000000001"))
OTHER_CONTACT = ContactId(UUID("c0274c70-0000-4000-8000-000000000002"))
LOCATION = LocationId(UUID("10ca0000-0000-4000-8000-000000000001"))
OTHER_LOCATION = LocationId(UUID("10ca0000-0000-4000-8000-000000000002"))
GROUP = GroupId(UUID("66000000-0000-4000-8000-000000000001"))
NIGHT_SHIFT = GroupId(UUID("66000000-0000-4000-8000-000000000002"))
USER = UserId(UUID("05e40000-0000-4000-8000-000000000001"))
OTHER_USER = UserId(UUID("05e40000-0000-4000-8000-000000000002"))
ERASURE = ErasureId(UUID("9b095fa9-82c7-5422-96ca-836d2620e31f"))
"""The stream of the contact's erasure; it may never change."""
COMMENT = UUID("c0000000-0000-4000-8000-000000000001")
RESERVATION = UUID("3e3079d0-c524-5f7e-a8ee-41f71f129653")
"""The stream of the e-mail address `ada@acme.example`; it may never change."""

_OTHERS = UUID("57ea0000-0000-4000-8000-000000000000")
STREAMS: Mapping[str, UUID] = {
    Ticket.TOPIC: TICKET,
    Contact.TOPIC: CONTACT,
    Customer.TOPIC: CUSTOMER,
    Erasure.TOPIC: ERASURE,
    Group.TOPIC: GROUP,
    Location.TOPIC: LOCATION,
    User.TOPIC: USER,
    Reservation.TOPIC: RESERVATION,
}
"""The stream of the facts of each kind of record that others name."""


def stream_of(topic: str) -> UUID:
    """Return the stream of the facts of a kind of record, always the same one."""
    return STREAMS.get(topic) or uuid5(_OTHERS, topic)
