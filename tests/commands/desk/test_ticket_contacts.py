"""Whom a ticket is about, and where: a contact and a location of the ticket's customer."""

import pytest

from commands.context import Command
from commands.desk.tickets import ChangeTicket, OpenTicket
from domain.customers.contacts import ContactArchived, ContactElsewhere, ContactNotFound
from domain.customers.locations import LocationArchived, LocationElsewhere, LocationNotFound
from domain.desk.tickets import Ticket
from domain.errors import Invalid
from domain.merging import MergedAway
from domain.values import Requester
from tests.commands.office import PORTAL, TECHNICIAN, Office
from tests.given import (
    CONTACT,
    CUSTOMER,
    LOCATION,
    OTHER_CONTACT,
    OTHER_CUSTOMER,
    OTHER_LOCATION,
    T2,
    TICKET,
    Fact,
    contact_added,
    contact_archived,
    contact_merged,
    customer_merged,
    customer_registered,
    customer_taken_in,
    location_archived,
    location_registered,
    opened,
    requester_changed,
    ticket_contact_changed,
    ticket_location_changed,
)

FOREIGN_CONTACT = contact_added(originator_id=OTHER_CONTACT, customer_id=OTHER_CUSTOMER)
FOREIGN_LOCATION = location_registered(originator_id=OTHER_LOCATION, customer_id=OTHER_CUSTOMER)
ADA = Requester("Ada Zürn", "ada@acme.example", "+4930901820")


def asking(**whom: object) -> tuple[Command, Command]:
    """Return the two commands that name a contact or a location."""
    return (
        OpenTicket(customer_id=CUSTOMER, title="It jams", **whom),  # type: ignore[arg-type] # by name
        ChangeTicket(ticket_id=TICKET, **whom),  # type: ignore[arg-type] # by name
    )


def opening(office: Office) -> Ticket.Opened:
    (event,) = office.told()
    assert isinstance(event, Ticket.Opened)
    return event


async def test_who_asks_is_taken_from_the_contact() -> None:
    office = Office(customer_registered, contact_added)

    await office.ask(OpenTicket(customer_id=CUSTOMER, title="It jams", contact_id=CONTACT))

    assert opening(office).contact_id == CONTACT
    assert opening(office).requester == ADA


async def test_who_asks_may_be_somebody_else() -> None:
    office = Office(customer_registered, contact_added)
    bo = Requester("Bo Li")

    await office.ask(
        OpenTicket(customer_id=CUSTOMER, title="It jams", contact_id=CONTACT, requester=bo)
    )

    assert opening(office).requester == bo


async def test_another_contact_is_who_asks_from_then_on() -> None:
    office = Office(opened, contact_added)

    await office.ask(ChangeTicket(ticket_id=TICKET, contact_id=CONTACT))

    assert office.told() == [
        ticket_contact_changed(timestamp=T2),
        requester_changed(requester=ADA, timestamp=T2),
    ]


async def test_another_contact_leaves_a_requester_that_is_sent_with_it() -> None:
    office = Office(opened, contact_added)

    await office.ask(ChangeTicket(ticket_id=TICKET, contact_id=CONTACT, requester=Requester()))

    assert office.told() == [
        ticket_contact_changed(timestamp=T2),
        requester_changed(requester=Requester(), timestamp=T2),
    ]


async def test_what_the_contact_is_called_later_does_not_change_who_asked() -> None:
    office = Office(opened, contact_added(name="Ada Li"), ticket_contact_changed)

    await office.ask(ChangeTicket(ticket_id=TICKET, contact_id=CONTACT))

    assert office.told() == []


async def test_null_ends_what_was_known() -> None:
    office = Office(opened, ticket_contact_changed, ticket_location_changed)

    await office.ask(ChangeTicket(ticket_id=TICKET, contact_id=None, location_id=None))

    assert office.told() == [
        ticket_contact_changed(contact_id=None, timestamp=T2),
        ticket_location_changed(location_id=None, timestamp=T2),
    ]


async def test_what_is_not_sent_stays() -> None:
    office = Office(opened, ticket_contact_changed, ticket_location_changed)

    await office.ask(ChangeTicket(ticket_id=TICKET, title="Other"))

    assert office.topics() == ["ticket.retitled"]


@pytest.mark.parametrize(
    ("before", "whom", "refusal", "field"),
    [
        ((FOREIGN_CONTACT,), {"contact_id": OTHER_CONTACT}, ContactElsewhere, "contact_id"),
        ((FOREIGN_LOCATION,), {"location_id": OTHER_LOCATION}, LocationElsewhere, "location_id"),
    ],
    ids=["contact", "location"],
)
async def test_what_belongs_to_another_customer_is_refused_by_field(
    before: tuple[Fact, ...], whom: dict[str, object], refusal: type[Invalid], field: str
) -> None:
    office = Office(customer_registered, opened, *before)

    for command in asking(**whom):
        with pytest.raises(refusal, match="belongs to another customer") as refused:
            await office.ask(command, by=TECHNICIAN)
        assert refused.value.field == field

    assert office.told() == []


@pytest.mark.parametrize(
    ("before", "whom", "refusal"),
    [
        ((), {"contact_id": CONTACT}, ContactNotFound),
        ((contact_added, contact_archived), {"contact_id": CONTACT}, ContactArchived),
        ((contact_added, contact_merged), {"contact_id": CONTACT}, MergedAway),
        ((), {"location_id": LOCATION}, LocationNotFound),
        ((location_registered, location_archived), {"location_id": LOCATION}, LocationArchived),
    ],
    ids=["no contact", "archived contact", "merged contact", "no location", "archived location"],
)
async def test_what_is_not_there_or_not_in_use_is_refused(
    before: tuple[Fact, ...], whom: dict[str, object], refusal: type[Exception]
) -> None:
    office = Office(customer_registered, opened, *before)

    for command in asking(**whom):
        with pytest.raises(refusal):
            await office.ask(command)

    assert office.told() == []


@pytest.mark.parametrize(
    ("whom", "missing"),
    [
        ({"contact_id": OTHER_CONTACT}, ContactNotFound),
        ({"location_id": OTHER_LOCATION}, LocationNotFound),
    ],
    ids=["contact", "location"],
)
async def test_a_portal_user_does_not_learn_what_other_customers_have(
    whom: dict[str, object], missing: type[Exception]
) -> None:
    office = Office(customer_registered, FOREIGN_CONTACT, FOREIGN_LOCATION)
    command, _ = asking(**whom)

    with pytest.raises(missing):
        await office.ask(command, by=PORTAL)

    assert office.told() == []


async def test_merged_customers_share_their_contacts() -> None:
    office = Office(
        customer_registered,
        customer_merged,
        customer_registered(originator_id=OTHER_CUSTOMER),
        customer_taken_in(originator_id=OTHER_CUSTOMER, other=CUSTOMER),
        contact_added,
    )

    await office.ask(OpenTicket(customer_id=OTHER_CUSTOMER, title="It jams", contact_id=CONTACT))

    assert opening(office).contact_id == CONTACT
