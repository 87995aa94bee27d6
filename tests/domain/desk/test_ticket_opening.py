"""Tickets are opened: what a request needs, and what follows from it."""

import pytest

from domain.desk.priorities import Level, Priority
from domain.desk.statuses import Status
from domain.desk.tickets import Source, Ticket, TicketNumberInvalid
from domain.errors import Invalid
from domain.rules import TextMissing, TextTooLong
from domain.values import ExternalReference, Requester
from tests.given import CUSTOMER, T0, TICKET, given, opened, recorded


def test_a_ticket_is_opened() -> None:
    ticket = Ticket.open(
        TICKET,
        ticket_number=4711,
        title=" The printer on floor 3 jams ",
        description="Since this morning; it also smells.\n",
        customer_id=CUSTOMER,
        requester=Requester(" Ada Zürn", "ADA@acme.example", "+49 30 901820 "),
        category=" hardware",
        tags=["Printer", "floor-3", "printer "],
        source=Source.EMAIL,
        external=ExternalReference(" servicenow ", "INC0000047"),
        at=T0,
    )

    assert recorded(ticket) == [opened]


def test_a_ticket_needs_little_more_than_a_title() -> None:
    ticket = Ticket.open(TICKET, ticket_number=1, title="Help", customer_id=CUSTOMER, at=T0)

    assert recorded(ticket) == [
        opened(
            ticket_number=1,
            title="Help",
            description="",
            requester=Requester(),
            category="",
            tags=(),
            source=Source.API,
            external=None,
        )
    ]


def test_an_opened_ticket_is_new_and_nobodys() -> None:
    ticket = given(Ticket, opened)

    assert (ticket.status, ticket.group_id, ticket.assignee_id) == (Status.NEW, None, None)
    assert (ticket.reassignment_count, ticket.reopen_count) == (0, 0)
    assert ticket.first_response_at is None


def test_the_priority_of_a_ticket_follows_impact_and_urgency() -> None:
    ticket = Ticket.open(
        TICKET,
        ticket_number=1,
        title="Help",
        customer_id=CUSTOMER,
        impact=Level.HIGH,
        urgency=Level.MEDIUM,
        at=T0,
    )

    assert (ticket.priority, ticket.overridden) == (Priority.HIGH, False)


def test_the_priority_of_a_ticket_can_be_stated_when_it_is_opened() -> None:
    ticket = Ticket.open(
        TICKET,
        ticket_number=1,
        title="Help",
        customer_id=CUSTOMER,
        priority=Priority.CRITICAL,
        at=T0,
    )

    assert (ticket.priority, ticket.overridden) == (Priority.CRITICAL, True)


def test_a_ticket_has_a_title() -> None:
    with pytest.raises(TextMissing):
        Ticket.open(TICKET, ticket_number=1, title=" ", customer_id=CUSTOMER, at=T0)


def test_a_title_has_at_most_200_characters() -> None:
    with pytest.raises(TextTooLong):
        Ticket.open(TICKET, ticket_number=1, title="x" * 201, customer_id=CUSTOMER, at=T0)


@pytest.mark.parametrize(
    "requester",
    [Requester(name="x" * 201), Requester(phone="1" * 51), Requester(email="ada@acme")],
    ids=["name", "phone", "email"],
)
def test_a_ticket_is_not_opened_for_an_impossible_requester(requester: Requester) -> None:
    with pytest.raises(Invalid):
        Ticket.open(
            TICKET,
            ticket_number=1,
            title="Help",
            customer_id=CUSTOMER,
            requester=requester,
            at=T0,
        )


@pytest.mark.parametrize(
    "external",
    [
        ExternalReference("", "INC1"),
        ExternalReference("servicenow", " "),
        ExternalReference("x" * 51, "INC1"),
        ExternalReference("servicenow", "x" * 101),
    ],
)
def test_a_reference_names_a_system_and_a_number(external: ExternalReference) -> None:
    with pytest.raises(Invalid):
        Ticket.open(
            TICKET,
            ticket_number=1,
            title="Help",
            customer_id=CUSTOMER,
            external=external,
            at=T0,
        )


def test_a_blank_email_address_of_who_asks_is_none() -> None:
    ticket = Ticket.open(
        TICKET,
        ticket_number=1,
        title="Help",
        customer_id=CUSTOMER,
        requester=Requester("Bo", "\t"),
        at=T0,
    )

    assert ticket.requester == Requester("Bo")


@pytest.mark.parametrize("number", [0, -1])
def test_tickets_are_numbered_from_one(number: int) -> None:
    with pytest.raises(TicketNumberInvalid):
        Ticket.open(TICKET, ticket_number=number, title="Help", customer_id=CUSTOMER, at=T0)
