"""How a ticket ends: resolved, closed, and taken up again."""

import pytest

from domain.desk.statuses import Status, StatusForbids
from domain.desk.tickets import Ticket
from domain.desk.tickets.outcome import ResolutionMissing, TicketNotReopenable
from domain.rules import TextTooLong
from tests.domain.desk.tickets import OPEN_TICKETS, SETTLED_TICKETS, Call
from tests.given import (
    GROUP,
    T1,
    T2,
    USER,
    Fact,
    assigned,
    closed,
    given,
    opened,
    recorded,
    reopened,
    resolved,
)


@pytest.mark.parametrize("history", OPEN_TICKETS.values(), ids=OPEN_TICKETS)
def test_an_open_ticket_is_resolved(history: tuple[Fact, ...]) -> None:
    ticket = given(Ticket, *history)

    ticket.resolve(resolution="The roller was replaced. ", resolution_code=" fixed", at=T1)

    assert recorded(ticket) == [resolved(timestamp=T1)]
    assert (ticket.status, ticket.waiting_reason) == (Status.RESOLVED, None)
    assert (ticket.resolved_at, ticket.closed_at) == (T1, None)


@pytest.mark.parametrize("history", OPEN_TICKETS.values(), ids=OPEN_TICKETS)
def test_an_open_ticket_is_closed_with_a_resolution(history: tuple[Fact, ...]) -> None:
    ticket = given(Ticket, *history)

    ticket.close(resolution="The customer agrees.", resolution_code="agreed", at=T1)

    assert recorded(ticket) == [closed(timestamp=T1)]
    assert (ticket.status, ticket.waiting_reason) == (Status.CLOSED, None)
    assert (ticket.resolved_at, ticket.closed_at) == (None, T1)


def test_a_code_is_resolution_enough() -> None:
    ticket = given(Ticket, opened)

    ticket.close(resolution_code="duplicate", at=T1)

    assert recorded(ticket) == [closed(resolution="", resolution_code="duplicate", timestamp=T1)]


def test_a_resolved_ticket_is_closed_without_another_resolution() -> None:
    ticket = given(Ticket, opened, resolved(timestamp=T1))

    ticket.close(at=T2)

    assert recorded(ticket) == [closed(resolution="", resolution_code="", timestamp=T2)]
    assert (ticket.resolved_at, ticket.closed_at) == (T1, T2)


@pytest.mark.parametrize("history", OPEN_TICKETS.values(), ids=OPEN_TICKETS)
def test_an_open_ticket_is_not_closed_without_a_resolution(history: tuple[Fact, ...]) -> None:
    ticket = given(Ticket, *history)

    with pytest.raises(ResolutionMissing):
        ticket.close(at=T1)

    assert recorded(ticket) == []


def test_a_reopened_ticket_needs_a_resolution_again() -> None:
    ticket = given(Ticket, opened, resolved, reopened)

    with pytest.raises(ResolutionMissing):
        ticket.close(at=T1)

    assert recorded(ticket) == []


@pytest.mark.parametrize(("resolution", "code"), [("  ", ""), ("", "\n"), (" ", " ")])
def test_blanks_are_no_resolution(resolution: str, code: str) -> None:
    ticket = given(Ticket, opened)

    with pytest.raises(ResolutionMissing):
        ticket.close(resolution=resolution, resolution_code=code, at=T1)

    assert recorded(ticket) == []


@pytest.mark.parametrize("history", [(opened, closed), (opened, resolved, closed)])
def test_a_closed_ticket_can_not_be_closed_again(history: tuple[Fact, ...]) -> None:
    ticket = given(Ticket, *history)

    with pytest.raises(StatusForbids) as refusal:
        ticket.close(resolution="Twice", at=T1)

    assert refusal.value.facts == {"status": "closed", "action": "closed"}
    assert recorded(ticket) == []


@pytest.mark.parametrize(
    "call",
    [
        lambda t: t.resolve(resolution="x" * 50_001, at=T1),
        lambda t: t.resolve(resolution="x", resolution_code="x" * 51, at=T1),
        lambda t: t.close(resolution="x" * 50_001, at=T1),
        lambda t: t.close(resolution="x", resolution_code="x" * 51, at=T1),
    ],
)
def test_a_resolution_is_not_endless(call: Call) -> None:
    ticket = given(Ticket, opened)

    with pytest.raises(TextTooLong):
        call(ticket)

    assert recorded(ticket) == []


def test_a_ticket_keeps_the_code_it_was_resolved_with() -> None:
    ticket = given(Ticket, opened)

    ticket.resolve(resolution="The roller was replaced.", resolution_code=" fixed", at=T1)

    assert ticket.resolution_code == "fixed"


@pytest.mark.parametrize(("code", "kept"), [("", "fixed"), (" ", "fixed"), ("agreed", "agreed")])
def test_who_closes_without_a_code_leaves_the_one_before(code: str, kept: str) -> None:
    ticket = given(Ticket, opened, resolved)

    ticket.close(resolution_code=code, at=T1)

    assert recorded(ticket) == [closed(resolution="", resolution_code=code.strip(), timestamp=T1)]
    assert ticket.resolution_code == kept


@pytest.mark.parametrize("settled", SETTLED_TICKETS.values(), ids=SETTLED_TICKETS)
def test_a_reopened_ticket_has_no_resolution_code(settled: tuple[Fact, ...]) -> None:
    ticket = given(Ticket, *settled)

    ticket.reopen(reason="It jams again.", at=T1)

    assert ticket.resolution_code == ""


@pytest.mark.parametrize("settled", SETTLED_TICKETS.values(), ids=SETTLED_TICKETS)
def test_a_settled_ticket_is_reopened(settled: tuple[Fact, ...]) -> None:
    ticket = given(Ticket, *settled)

    ticket.reopen(reason=" It jams again.", at=T1)

    assert recorded(ticket) == [reopened(timestamp=T1)]
    assert (ticket.status, ticket.waiting_reason) == (Status.IN_PROGRESS, None)
    assert (ticket.resolved_at, ticket.closed_at) == (None, None)


def test_every_reopening_counts() -> None:
    ticket = given(Ticket, opened, resolved, reopened, resolved)

    ticket.reopen(reason="", at=T1)

    assert recorded(ticket) == [reopened(reason="", reopen_count=2, timestamp=T1)]
    assert ticket.reopen_count == 2


def test_a_reopened_ticket_keeps_its_group_and_its_assignee() -> None:
    ticket = given(Ticket, opened, assigned, closed)

    ticket.reopen(reason="It jams again.", at=T1)

    assert (ticket.group_id, ticket.assignee_id) == (GROUP, USER)


@pytest.mark.parametrize("history", OPEN_TICKETS.values(), ids=OPEN_TICKETS)
def test_an_open_ticket_can_not_be_reopened(history: tuple[Fact, ...]) -> None:
    ticket = given(Ticket, *history)

    with pytest.raises(TicketNotReopenable):
        ticket.reopen(reason="It jams again.", at=T1)

    assert recorded(ticket) == []


def test_the_reason_of_a_reopening_is_not_endless() -> None:
    ticket = given(Ticket, opened, closed)

    with pytest.raises(TextTooLong):
        ticket.reopen(reason="x" * 2001, at=T1)

    assert recorded(ticket) == []
