"""Work on a ticket: begun, put on hold, and never done on a settled one."""

import pytest

from domain.desk.statuses import (
    Status,
    StatusForbids,
    StatusNotWaiting,
    WaitingReason,
    WaitingReasonInvalid,
)
from domain.desk.tickets import Ticket
from domain.desk.tickets.work import TicketAlreadyStarted, TicketAlreadyWaiting
from tests.domain.desk.tickets import OPEN_TICKETS, SETTLED_TICKETS, WORK, Call, waits_for_customer
from tests.given import T1, Fact, given, opened, put_on_hold, recorded, started


@pytest.mark.parametrize("status", sorted(OPEN_TICKETS.keys() - {"in_progress"}))
def test_work_begins_or_goes_on(status: str) -> None:
    ticket = given(Ticket, *OPEN_TICKETS[status])

    ticket.start(at=T1)

    assert recorded(ticket) == [started(timestamp=T1)]
    assert (ticket.status, ticket.waiting_reason) == (Status.IN_PROGRESS, None)


def test_work_does_not_begin_twice() -> None:
    ticket = given(Ticket, opened, started)

    with pytest.raises(TicketAlreadyStarted):
        ticket.start(at=T1)

    assert recorded(ticket) == []


@pytest.mark.parametrize("status", sorted(OPEN_TICKETS.keys() - {"waiting_third_party"}))
def test_work_waits_for_a_third_party(status: str) -> None:
    ticket = given(Ticket, *OPEN_TICKETS[status])

    ticket.put_on_hold(Status.WAITING_THIRD_PARTY, WaitingReason.VENDOR, at=T1)

    assert recorded(ticket) == [put_on_hold(timestamp=T1)]
    assert ticket.status is Status.WAITING_THIRD_PARTY
    assert ticket.waiting_reason is WaitingReason.VENDOR


@pytest.mark.parametrize("status", sorted(OPEN_TICKETS.keys() - {"waiting_customer"}))
def test_work_waits_for_the_customer(status: str) -> None:
    ticket = given(Ticket, *OPEN_TICKETS[status])

    ticket.put_on_hold(Status.WAITING_CUSTOMER, None, at=T1)

    assert recorded(ticket) == [waits_for_customer(timestamp=T1)]
    assert (ticket.status, ticket.waiting_reason) == (Status.WAITING_CUSTOMER, None)


def test_what_a_ticket_waits_for_changes() -> None:
    ticket = given(Ticket, opened, put_on_hold)

    ticket.put_on_hold(Status.WAITING_THIRD_PARTY, WaitingReason.PROBLEM, at=T1)

    assert recorded(ticket) == [put_on_hold(reason=WaitingReason.PROBLEM, timestamp=T1)]


def test_a_ticket_does_not_wait_twice_for_the_same() -> None:
    ticket = given(Ticket, opened, put_on_hold)

    with pytest.raises(TicketAlreadyWaiting):
        ticket.put_on_hold(Status.WAITING_THIRD_PARTY, WaitingReason.VENDOR, at=T1)

    assert recorded(ticket) == []


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (Status.WAITING_THIRD_PARTY, None),
        (Status.WAITING_THIRD_PARTY, WaitingReason.CUSTOMER),
        (Status.WAITING_CUSTOMER, WaitingReason.VENDOR),
    ],
)
def test_a_ticket_does_not_wait_without_a_fitting_reason(
    status: Status, reason: WaitingReason | None
) -> None:
    ticket = given(Ticket, opened)

    with pytest.raises(WaitingReasonInvalid):
        ticket.put_on_hold(status, reason, at=T1)

    assert recorded(ticket) == []


@pytest.mark.parametrize("status", [Status.NEW, Status.IN_PROGRESS, Status.CLOSED])
def test_a_ticket_waits_in_a_waiting_status_only(status: Status) -> None:
    ticket = given(Ticket, opened)

    with pytest.raises(StatusNotWaiting):
        ticket.put_on_hold(status, None, at=T1)

    assert recorded(ticket) == []


@pytest.mark.parametrize("settled", SETTLED_TICKETS.values(), ids=SETTLED_TICKETS)
@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
def test_no_work_is_done_on_a_settled_ticket(settled: tuple[Fact, ...], work: Call) -> None:
    ticket = given(Ticket, *settled)

    with pytest.raises(StatusForbids):
        work(ticket)

    assert recorded(ticket) == []
