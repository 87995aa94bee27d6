"""Who has a ticket: given, moved, handed back, and as another system says."""

import pytest

from domain.desk.statuses import Status
from domain.desk.tickets import Ticket
from domain.desk.tickets.work import (
    REASSIGNMENT_LIMIT,
    AssignmentMissing,
    ReassignmentCountFalls,
    ReassignmentCountTooHigh,
)
from tests.domain.desk.tickets import OPEN_TICKETS, SETTLED_TICKETS, grouped, queued
from tests.given import (
    GROUP,
    NIGHT_SHIFT,
    OTHER_USER,
    T1,
    USER,
    Fact,
    assigned,
    given,
    opened,
    put_on_hold,
    recorded,
    started,
    unassigned,
)


def test_a_new_ticket_that_is_assigned_is_not_new_any_more() -> None:
    ticket = given(Ticket, opened)

    ticket.assign(group_id=GROUP, assignee_id=USER, at=T1)

    assert recorded(ticket) == [assigned(timestamp=T1)]
    assert (ticket.status, ticket.group_id, ticket.assignee_id) == ("assigned", GROUP, USER)


def test_a_new_ticket_that_is_only_queued_stays_new() -> None:
    ticket = given(Ticket, opened)

    ticket.assign(group_id=GROUP, assignee_id=None, queued=True, at=T1)

    assert recorded(ticket) == [queued(timestamp=T1)]
    assert ticket.status is Status.NEW


def test_a_queued_ticket_is_taken_up_by_somebody_of_the_group() -> None:
    ticket = given(Ticket, opened, queued)

    ticket.assign(group_id=GROUP, assignee_id=USER, at=T1)

    assert recorded(ticket) == [assigned(timestamp=T1)]


def test_queueing_does_not_make_an_assigned_ticket_new() -> None:
    ticket = given(Ticket, opened, assigned)

    ticket.assign(group_id=GROUP, assignee_id=None, queued=True, at=T1)

    assert recorded(ticket) == [grouped(timestamp=T1)]


def test_a_ticket_can_be_given_to_a_person_without_a_group() -> None:
    ticket = given(Ticket, opened)

    ticket.assign(group_id=None, assignee_id=USER, at=T1)

    assert recorded(ticket) == [assigned(group_id=None, timestamp=T1)]


@pytest.mark.parametrize("status", ["in_progress", "waiting_customer", "waiting_third_party"])
def test_assigning_does_not_interrupt_the_work(status: str) -> None:
    ticket = given(Ticket, *OPEN_TICKETS[status])
    reason = ticket.waiting_reason

    ticket.assign(group_id=GROUP, assignee_id=OTHER_USER, at=T1)

    assert (ticket.status, ticket.waiting_reason) == (status, reason)


def test_an_assignment_names_a_group_or_a_person() -> None:
    ticket = given(Ticket, opened)

    with pytest.raises(AssignmentMissing):
        ticket.assign(group_id=None, assignee_id=None, at=T1)

    assert recorded(ticket) == []


def test_the_same_assignment_again_is_ignored() -> None:
    ticket = given(Ticket, opened, assigned)

    ticket.assign(group_id=GROUP, assignee_id=USER, at=T1)

    assert recorded(ticket) == []


def test_moving_to_another_group_counts_as_a_reassignment() -> None:
    ticket = given(Ticket, opened, assigned)

    ticket.assign(group_id=NIGHT_SHIFT, assignee_id=None, at=T1)

    assert recorded(ticket) == [grouped(group_id=NIGHT_SHIFT, reassignment_count=1, timestamp=T1)]
    assert ticket.reassignment_count == 1


def test_moving_back_counts_again() -> None:
    ticket = given(Ticket, opened, assigned, assigned(group_id=NIGHT_SHIFT, reassignment_count=1))

    ticket.assign(group_id=GROUP, assignee_id=USER, at=T1)

    assert ticket.reassignment_count == 2


def test_the_first_group_is_no_reassignment() -> None:
    ticket = given(Ticket, opened, assigned(group_id=None))

    ticket.assign(group_id=GROUP, assignee_id=USER, at=T1)

    assert ticket.reassignment_count == 0


def test_another_person_of_the_same_group_is_no_reassignment() -> None:
    ticket = given(Ticket, opened, assigned)

    ticket.assign(group_id=GROUP, assignee_id=OTHER_USER, at=T1)

    assert recorded(ticket) == [assigned(assignee_id=OTHER_USER, timestamp=T1)]


def test_leaving_the_group_for_a_person_is_no_move_to_another_group() -> None:
    ticket = given(Ticket, opened, assigned)

    ticket.assign(group_id=None, assignee_id=OTHER_USER, at=T1)

    assert recorded(ticket) == [assigned(group_id=None, assignee_id=OTHER_USER, timestamp=T1)]


def test_the_total_of_the_source_system_takes_precedence() -> None:
    ticket = given(Ticket, opened, assigned)

    ticket.assign(group_id=NIGHT_SHIFT, assignee_id=None, reassignment_count=5, at=T1)

    assert ticket.reassignment_count == 5


def test_a_total_may_change_alone() -> None:
    ticket = given(Ticket, opened, assigned)

    ticket.assign(group_id=GROUP, assignee_id=USER, reassignment_count=1, at=T1)

    assert recorded(ticket) == [assigned(reassignment_count=1, timestamp=T1)]


def test_we_count_on_from_the_total_of_the_source_system() -> None:
    ticket = given(Ticket, opened, assigned(reassignment_count=5))

    ticket.assign(group_id=NIGHT_SHIFT, assignee_id=None, at=T1)

    assert ticket.reassignment_count == 6


@pytest.mark.parametrize("total", [2, 0, -1])
@pytest.mark.parametrize("method", ["assign", "record_assignment"])
def test_a_total_never_falls(method: str, total: int) -> None:
    ticket = given(Ticket, opened, assigned(reassignment_count=3))

    with pytest.raises(ReassignmentCountFalls) as refusal:
        getattr(ticket, method)(
            group_id=NIGHT_SHIFT, assignee_id=USER, reassignment_count=total, at=T1
        )

    assert refusal.value.facts == {"known": 3, "total": total}
    assert recorded(ticket) == []


@pytest.mark.parametrize("method", ["assign", "record_assignment"])
def test_a_total_is_not_negative(method: str) -> None:
    ticket = given(Ticket, opened)

    with pytest.raises(ReassignmentCountFalls):
        getattr(ticket, method)(group_id=GROUP, assignee_id=USER, reassignment_count=-1, at=T1)

    assert recorded(ticket) == []


@pytest.mark.parametrize("method", ["assign", "record_assignment"])
def test_a_total_beyond_belief_is_refused(method: str) -> None:
    ticket = given(Ticket, opened)

    with pytest.raises(ReassignmentCountTooHigh) as refusal:
        getattr(ticket, method)(
            group_id=GROUP, assignee_id=USER, reassignment_count=REASSIGNMENT_LIMIT + 1, at=T1
        )

    assert refusal.value.facts == {"limit": 1_000_000, "total": 1_000_001}
    assert recorded(ticket) == []


def test_a_ticket_is_handed_back_to_the_queue_of_its_group() -> None:
    ticket = given(Ticket, opened, assigned, put_on_hold)

    ticket.unassign(at=T1)

    assert recorded(ticket) == [unassigned(timestamp=T1)]
    assert (ticket.status, ticket.waiting_reason) == (Status.NEW, None)
    assert (ticket.group_id, ticket.assignee_id) == (GROUP, None)


def test_a_ticket_that_nobody_has_can_be_handed_back_from_work() -> None:
    ticket = given(Ticket, opened, queued, started)

    ticket.unassign(at=T1)

    assert recorded(ticket) == [unassigned(timestamp=T1)]


@pytest.mark.parametrize("history", [(opened,), (opened, queued), (opened, assigned, unassigned)])
def test_handing_back_what_is_in_the_queue_is_ignored(history: tuple[Fact, ...]) -> None:
    ticket = given(Ticket, *history)

    ticket.unassign(at=T1)

    assert recorded(ticket) == []


def test_coming_back_to_the_same_group_is_no_reassignment() -> None:
    ticket = given(Ticket, opened, assigned, unassigned)

    ticket.assign(group_id=GROUP, assignee_id=OTHER_USER, at=T1)

    assert recorded(ticket) == [assigned(assignee_id=OTHER_USER, timestamp=T1)]


# As another system says


@pytest.mark.parametrize("history", (OPEN_TICKETS | SETTLED_TICKETS).values())
def test_what_another_system_says_of_hands_leaves_the_status(history: tuple[Fact, ...]) -> None:
    ticket = given(Ticket, *history)
    status, reason = ticket.status, ticket.waiting_reason

    ticket.record_assignment(group_id=NIGHT_SHIFT, assignee_id=OTHER_USER, at=T1)

    assert recorded(ticket) == [
        assigned(group_id=NIGHT_SHIFT, assignee_id=OTHER_USER, status=status, timestamp=T1)
    ]
    assert (ticket.status, ticket.waiting_reason) == (status, reason)


def test_another_system_may_leave_a_ticket_to_nobody() -> None:
    ticket = given(Ticket, opened, assigned)

    ticket.record_assignment(group_id=None, assignee_id=None, at=T1)

    assert recorded(ticket) == [assigned(group_id=None, assignee_id=None, timestamp=T1)]


def test_moves_in_another_system_are_not_counted_here() -> None:
    ticket = given(Ticket, opened, assigned(reassignment_count=2))

    ticket.record_assignment(group_id=NIGHT_SHIFT, assignee_id=USER, at=T1)

    assert ticket.reassignment_count == 2


def test_the_total_of_another_system_is_kept_with_its_hands() -> None:
    ticket = given(Ticket, opened, assigned)

    ticket.record_assignment(group_id=GROUP, assignee_id=USER, reassignment_count=4, at=T1)

    assert recorded(ticket) == [assigned(reassignment_count=4, timestamp=T1)]


@pytest.mark.parametrize("total", [None, 2])
def test_the_same_hands_in_another_system_again_are_ignored(total: int | None) -> None:
    ticket = given(Ticket, opened, assigned(reassignment_count=2))

    ticket.record_assignment(group_id=GROUP, assignee_id=USER, reassignment_count=total, at=T1)

    assert recorded(ticket) == []
