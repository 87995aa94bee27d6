"""Tickets out of sight, and back in it."""

import pytest

from domain.desk.tickets import Ticket
from domain.desk.tickets.outcome import TicketNotDeleted
from domain.desk.tickets.state import TicketDeleted
from domain.errors import Invalid
from domain.rules import TextMissing, TextTooLong
from tests.domain.desk.tickets import EVERYTHING, OPEN_TICKETS, SETTLED_TICKETS, Call
from tests.given import T1, Fact, deleted, given, opened, recorded, restored


@pytest.mark.parametrize("history", (OPEN_TICKETS | SETTLED_TICKETS).values())
def test_a_ticket_is_deleted_with_a_reason(history: tuple[Fact, ...]) -> None:
    ticket = given(Ticket, *history)

    ticket.delete(reason=" Opened twice. ", at=T1)

    assert recorded(ticket) == [deleted(timestamp=T1)]
    assert ticket.deleted_at == T1


@pytest.mark.parametrize(("reason", "error"), [(" ", TextMissing), ("x" * 2001, TextTooLong)])
def test_a_ticket_is_not_deleted_without_a_finite_reason(reason: str, error: type[Invalid]) -> None:
    ticket = given(Ticket, opened)

    with pytest.raises(error):
        ticket.delete(reason=reason, at=T1)

    assert recorded(ticket) == []


@pytest.mark.parametrize("call", EVERYTHING.values(), ids=EVERYTHING)
def test_nothing_happens_to_a_deleted_ticket(call: Call) -> None:
    ticket = given(Ticket, opened, deleted)

    with pytest.raises(TicketDeleted):
        call(ticket)

    assert recorded(ticket) == []


def test_a_deleted_ticket_is_restored() -> None:
    ticket = given(Ticket, opened, deleted)

    ticket.restore(reason="It was not the same.", at=T1)

    assert recorded(ticket) == [restored(timestamp=T1)]
    assert ticket.deleted_at is None


@pytest.mark.parametrize("history", (OPEN_TICKETS | SETTLED_TICKETS).values())
def test_a_restored_ticket_is_as_it_was(history: tuple[Fact, ...]) -> None:
    before = given(Ticket, *history)
    ticket = given(Ticket, *history, deleted)

    ticket.restore(at=T1)

    assert (ticket.status, ticket.waiting_reason) == (before.status, before.waiting_reason)
    assert (ticket.resolved_at, ticket.closed_at) == (before.resolved_at, before.closed_at)


@pytest.mark.parametrize("history", [(opened,), (opened, deleted, restored)])
def test_a_ticket_that_is_there_can_not_be_restored(history: tuple[Fact, ...]) -> None:
    ticket = given(Ticket, *history)

    with pytest.raises(TicketNotDeleted):
        ticket.restore(at=T1)

    assert recorded(ticket) == []


def test_the_reason_of_a_restoration_is_not_endless() -> None:
    ticket = given(Ticket, opened, deleted)

    with pytest.raises(TextTooLong):
        ticket.restore(reason="x" * 2001, at=T1)

    assert recorded(ticket) == []
