"""Tickets: what may happen to a request, from first contact to agreed resolution."""

from collections.abc import Callable
from contextlib import suppress

import pytest

from domain.base import TimeRunsBackwards
from domain.errors import Invalid, Refused
from domain.priorities import Level, Priority
from domain.rules import TextMissing, TextTooLong
from domain.statuses import Status, StatusForbids, WaitingReason, WaitingReasonInvalid
from domain.tickets import (
    AssignmentMissing,
    ResolutionMissing,
    Source,
    Ticket,
    TicketAlreadyStarted,
    TicketAlreadyWaiting,
    TicketDeleted,
    TicketNotDeleted,
    TicketNotReopenable,
    TooManyTags,
)
from domain.values import ExternalReference, Requester
from tests.domain.defects import wrong_today
from tests.given import (
    COMMENT,
    CUSTOMER,
    GROUP,
    NIGHT_SHIFT,
    OTHER_USER,
    T0,
    T1,
    T2,
    TICKET,
    USER,
    Fact,
    assigned,
    categorized,
    closed,
    commented,
    deleted,
    described,
    external_update_recorded,
    given,
    opened,
    prioritized,
    put_on_hold,
    recorded,
    reopened,
    requester_changed,
    resolved,
    restored,
    retitled,
    started,
    tagged,
    unassigned,
)

waits_for_customer = put_on_hold(status=Status.WAITING_CUSTOMER, reason=None)
queued = assigned(assignee_id=None, status=Status.NEW)
grouped = assigned(assignee_id=None)

OPEN_TICKETS: dict[str, tuple[Fact, ...]] = {
    "new": (opened,),
    "assigned": (opened, assigned),
    "in_progress": (opened, assigned, started),
    "waiting_customer": (opened, assigned, waits_for_customer),
    "waiting_third_party": (opened, assigned, put_on_hold),
}
SETTLED_TICKETS: dict[str, tuple[Fact, ...]] = {
    "resolved": (opened, resolved),
    "closed": (opened, resolved, closed),
    "closed without resolving": (opened, closed),
}

Call = Callable[[Ticket], None]

WORK: dict[str, Call] = {
    "assign": lambda t: t.assign(group_id=GROUP, assignee_id=USER, at=T1),
    "unassign": lambda t: t.unassign(at=T1),
    "start": lambda t: t.start(at=T1),
    "put_on_hold": lambda t: t.put_on_hold(Status.WAITING_CUSTOMER, None, at=T1),
    "resolve": lambda t: t.resolve(resolution="Done.", at=T1),
}
"""What is done to open tickets only."""
EVERYTHING: dict[str, Call] = WORK | {
    "retitle": lambda t: t.retitle("New", at=T1),
    "describe": lambda t: t.describe("New", at=T1),
    "categorize": lambda t: t.categorize("new", at=T1),
    "tag": lambda t: t.tag(["new"], at=T1),
    "change_requester": lambda t: t.change_requester(Requester("Bo"), at=T1),
    "prioritize": lambda t: t.prioritize(impact=Level.LOW, urgency=Level.LOW, at=T1),
    "comment": lambda t: t.comment(
        COMMENT, "Hello", author="Tess", public=True, by_staff=True, at=T1
    ),
    "close": lambda t: t.close(resolution="Done.", at=T1),
    "reopen": lambda t: t.reopen(reason="Again.", at=T1),
    "delete": lambda t: t.delete(reason="Twice.", at=T1),
    "record_external_update": lambda t: t.record_external_update({"a": "b"}, at=T1),
}


# Opened


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

    assert (ticket.priority, ticket.priority_overridden) == (Priority.HIGH, False)


def test_the_priority_of_a_ticket_can_be_stated_when_it_is_opened() -> None:
    ticket = Ticket.open(
        TICKET,
        ticket_number=1,
        title="Help",
        customer_id=CUSTOMER,
        priority=Priority.CRITICAL,
        at=T0,
    )

    assert (ticket.priority, ticket.priority_overridden) == (Priority.CRITICAL, True)


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


@wrong_today("D8: a customer's number is checked, a ticket's is not")
@pytest.mark.parametrize("number", [0, -1])
def test_tickets_are_numbered_from_one(number: int) -> None:
    with pytest.raises(Invalid):
        Ticket.open(TICKET, ticket_number=number, title="Help", customer_id=CUSTOMER, at=T0)


# Described


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        (lambda t: t.retitle(" All printers jam ", at=T1), retitled),
        (lambda t: t.describe("It is on fire. ", at=T1), described),
        (lambda t: t.categorize(" fire", at=T1), categorized),
        (lambda t: t.tag(["Printer", "fire", "FIRE "], at=T1), tagged),
        (
            lambda t: t.change_requester(Requester("Bo Li ", "Bo@acme.example", "112"), at=T1),
            requester_changed,
        ),
    ],
    ids=["title", "description", "category", "tags", "requester"],
)
def test_what_a_ticket_says_of_itself_changes(change: Call, fact: Fact) -> None:
    ticket = given(Ticket, opened)

    change(ticket)

    assert recorded(ticket) == [fact(timestamp=T1)]
    assert all(getattr(ticket, name) == value for name, value in fact.values.items())


@pytest.mark.parametrize(
    "repeat",
    [
        lambda t: t.retitle("The printer on floor 3 jams ", at=T1),
        lambda t: t.describe(" Since this morning; it also smells.", at=T1),
        lambda t: t.categorize("hardware ", at=T1),
        lambda t: t.tag(["PRINTER", " floor-3"], at=T1),
        lambda t: t.change_requester(
            Requester("Ada Zürn ", " Ada@acme.example", "+49 30 901820"), at=T1
        ),
        lambda t: t.prioritize(impact=Level.MEDIUM, urgency=Level.MEDIUM, at=T1),
    ],
    ids=["title", "description", "category", "tags", "requester", "priority"],
)
def test_saying_the_same_of_a_ticket_again_is_ignored(repeat: Call) -> None:
    ticket = given(Ticket, opened)

    repeat(ticket)

    assert recorded(ticket) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.retitle("\n", at=T1),
        lambda t: t.retitle("x" * 201, at=T1),
        lambda t: t.describe("x" * 50_001, at=T1),
        lambda t: t.categorize("x" * 101, at=T1),
        lambda t: t.tag(["ok", " "], at=T1),
        lambda t: t.tag(["x" * 51], at=T1),
        lambda t: t.change_requester(Requester(email="bo"), at=T1),
    ],
    ids=["no title", "title", "description", "category", "no tag", "tag", "requester"],
)
def test_an_impossible_value_changes_nothing(change: Call) -> None:
    ticket = given(Ticket, opened)

    with pytest.raises(Invalid):
        change(ticket)

    assert recorded(ticket) == []


def test_a_ticket_may_lose_its_description_category_tags_and_requester() -> None:
    ticket = given(Ticket, opened)

    ticket.describe("", at=T1)
    ticket.categorize("", at=T1)
    ticket.tag([], at=T1)
    ticket.change_requester(Requester(), at=T1)

    assert recorded(ticket) == [
        described(description="", timestamp=T1),
        categorized(category="", timestamp=T1),
        tagged(tags=(), timestamp=T1),
        requester_changed(requester=Requester(), timestamp=T1),
    ]


def test_a_ticket_has_up_to_20_tags() -> None:
    ticket = given(Ticket, opened)

    ticket.tag([f"tag-{n:02}" for n in range(20)] + ["TAG-00"], at=T1)

    assert len(ticket.tags) == 20


def test_a_ticket_has_no_more_than_20_tags() -> None:
    ticket = given(Ticket, opened)

    with pytest.raises(TooManyTags):
        ticket.tag([f"tag-{n}" for n in range(21)], at=T1)

    assert recorded(ticket) == []


@wrong_today("D14: a blank address is taken for a wrong one, '' for none")
def test_a_blank_email_address_of_the_requester_is_none() -> None:
    ticket = given(Ticket, opened)

    ticket.change_requester(Requester("Bo", " ", ""), at=T1)

    assert ticket.requester == Requester("Bo")


# Prioritized


def test_a_ticket_is_weighed_anew() -> None:
    ticket = given(Ticket, opened)

    ticket.prioritize(impact=Level.HIGH, urgency=Level.HIGH, at=T1)

    assert recorded(ticket) == [prioritized(timestamp=T1)]
    assert (ticket.impact, ticket.urgency) == (Level.HIGH, Level.HIGH)
    assert ticket.priority is Priority.CRITICAL


def test_a_priority_can_be_overridden() -> None:
    ticket = given(Ticket, opened)

    ticket.prioritize(impact=Level.LOW, urgency=Level.LOW, override=Priority.CRITICAL, at=T1)

    assert (ticket.priority, ticket.priority_overridden) == (Priority.CRITICAL, True)


def test_an_override_ends_when_the_ticket_is_weighed_without_one() -> None:
    ticket = given(Ticket, opened(priority=Priority.CRITICAL, overridden=True))

    ticket.prioritize(impact=Level.MEDIUM, urgency=Level.MEDIUM, at=T1)

    assert (ticket.priority, ticket.priority_overridden) == (Priority.MEDIUM, False)


def test_an_override_that_says_what_the_matrix_says_is_an_override() -> None:
    ticket = given(Ticket, opened)

    ticket.prioritize(impact=Level.MEDIUM, urgency=Level.MEDIUM, override=Priority.MEDIUM, at=T1)

    assert ticket.priority_overridden


# Assigned


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


@wrong_today("D3: leaving a group without joining another one is counted")
def test_leaving_the_group_for_a_person_is_no_move_to_another_group() -> None:
    ticket = given(Ticket, opened, assigned)

    ticket.assign(group_id=None, assignee_id=OTHER_USER, at=T1)

    assert ticket.reassignment_count == 0


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


@wrong_today("D2: any total is taken as it is, even a lower or a negative one")
@pytest.mark.parametrize("total", [2, -1])
def test_a_total_never_decreases(total: int) -> None:
    ticket = given(Ticket, opened, assigned(reassignment_count=3))

    with suppress(Refused):
        ticket.assign(group_id=GROUP, assignee_id=USER, reassignment_count=total, at=T1)

    assert ticket.reassignment_count == 3


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


# Worked on


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
        (Status.NEW, None),
        (Status.RESOLVED, None),
        (Status.CLOSED, None),
    ],
)
def test_a_ticket_does_not_wait_without_a_fitting_reason(
    status: Status, reason: WaitingReason | None
) -> None:
    ticket = given(Ticket, opened)

    with pytest.raises(WaitingReasonInvalid):
        ticket.put_on_hold(status, reason, at=T1)

    assert recorded(ticket) == []


@pytest.mark.parametrize("settled", SETTLED_TICKETS.values(), ids=SETTLED_TICKETS)
@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
def test_no_work_is_done_on_a_settled_ticket(settled: tuple[Fact, ...], work: Call) -> None:
    ticket = given(Ticket, *settled)

    with pytest.raises(StatusForbids):
        work(ticket)

    assert recorded(ticket) == []


# Commented


def test_somebody_writes_on_a_ticket() -> None:
    ticket = given(Ticket, opened)

    ticket.comment(
        COMMENT,
        " Have you tried turning it off? ",
        author="Tess Technician",
        public=True,
        by_staff=True,
        at=T1,
    )

    assert recorded(ticket) == [commented(timestamp=T1)]


def test_the_first_public_word_of_staff_is_the_first_response() -> None:
    ticket = given(Ticket, opened)

    ticket.comment(COMMENT, "Hello", author="Tess", public=True, by_staff=True, at=T1)

    assert ticket.first_response_at == T1


@pytest.mark.parametrize(("public", "by_staff"), [(False, True), (True, False), (False, False)])
def test_an_internal_note_or_a_word_of_the_customer_is_no_first_response(
    *, public: bool, by_staff: bool
) -> None:
    ticket = given(Ticket, opened)

    ticket.comment(COMMENT, "Hello", author="Ada", public=public, by_staff=by_staff, at=T1)

    assert recorded(ticket) == [
        commented(author="Ada", body="Hello", public=public, first_response=False, timestamp=T1)
    ]
    assert ticket.first_response_at is None


def test_there_is_only_one_first_response() -> None:
    ticket = given(Ticket, opened, commented(timestamp=T1))

    ticket.comment(COMMENT, "Hello again", author="Tess", public=True, by_staff=True, at=T2)

    assert recorded(ticket) == [
        commented(author="Tess", body="Hello again", first_response=False, timestamp=T2)
    ]
    assert ticket.first_response_at == T1


def test_the_first_response_outlives_a_reopening() -> None:
    ticket = given(Ticket, opened, commented, resolved, reopened)

    assert ticket.first_response_at == T0


@pytest.mark.parametrize("settled", SETTLED_TICKETS.values(), ids=SETTLED_TICKETS)
def test_a_settled_ticket_can_be_commented(settled: tuple[Fact, ...]) -> None:
    ticket = given(Ticket, *settled)

    ticket.comment(COMMENT, "Thank you!", author="Ada", public=True, by_staff=False, at=T1)

    assert len(recorded(ticket)) == 1


@pytest.mark.parametrize(("body", "error"), [(" ", TextMissing), ("x" * 50_001, TextTooLong)])
def test_a_comment_says_something_of_finite_length(body: str, error: type[Invalid]) -> None:
    ticket = given(Ticket, opened)

    with pytest.raises(error):
        ticket.comment(COMMENT, body, author="Tess", public=True, by_staff=True, at=T1)

    assert recorded(ticket) == []
    assert ticket.first_response_at is None


@wrong_today("D10: the author is the one text that nobody checks")
@pytest.mark.parametrize("author", ["", " ", "x" * 10_000])
def test_a_comment_has_an_author(author: str) -> None:
    ticket = given(Ticket, opened)

    with pytest.raises(Invalid):
        ticket.comment(COMMENT, "Hello", author=author, public=True, by_staff=True, at=T1)

    assert recorded(ticket) == []


# Settled


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


@wrong_today("D1: blanks are tested before they are stripped")
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


# Deleted


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


# Kept for the other system


def test_what_the_other_system_says_is_kept() -> None:
    ticket = given(Ticket, opened)

    ticket.record_external_update({"made_sla": "true", "sys_mod_count": "7"}, at=T1)

    assert recorded(ticket) == [external_update_recorded(timestamp=T1)]
    assert ticket.external_attributes == {"made_sla": "true", "sys_mod_count": "7"}


def test_only_changed_attributes_are_named() -> None:
    ticket = given(Ticket, opened, external_update_recorded)

    ticket.record_external_update({"made_sla": "true", "sys_mod_count": "8"}, at=T1)

    assert recorded(ticket) == [
        external_update_recorded(attributes={"sys_mod_count": "8"}, timestamp=T1)
    ]
    assert ticket.external_attributes == {"made_sla": "true", "sys_mod_count": "8"}


def test_an_attribute_may_become_empty() -> None:
    ticket = given(Ticket, opened, external_update_recorded)

    ticket.record_external_update({"made_sla": ""}, at=T1)

    assert ticket.external_attributes == {"made_sla": "", "sys_mod_count": "7"}


@wrong_today("D4: an event is recorded although nothing changed")
@pytest.mark.parametrize("attributes", [{}, {"made_sla": "true"}, {"unheard_of": ""}])
def test_the_same_external_attributes_again_are_ignored(attributes: dict[str, str]) -> None:
    ticket = given(Ticket, opened, external_update_recorded)

    ticket.record_external_update(attributes, at=T1)

    assert recorded(ticket) == []


@wrong_today("D11: names and values have no limit and no check")
@pytest.mark.parametrize("attributes", [{"": "x"}, {"x" * 10_000: "x"}, {"x": "x" * 1_000_000}])
def test_an_external_attribute_has_a_name_and_an_end(attributes: dict[str, str]) -> None:
    ticket = given(Ticket, opened)

    with pytest.raises(Invalid):
        ticket.record_external_update(attributes, at=T1)

    assert recorded(ticket) == []


def test_a_recorded_update_does_not_change_with_the_callers_dictionary() -> None:
    ticket = given(Ticket, opened)
    attributes = {"made_sla": "true", "sys_mod_count": "7"}

    ticket.record_external_update(attributes, at=T1)
    attributes["made_sla"] = "false"

    assert recorded(ticket) == [external_update_recorded(timestamp=T1)]


# Always


@pytest.mark.parametrize(
    "call", [call for name, call in EVERYTHING.items() if name not in {"reopen", "unassign"}]
)
def test_nothing_happens_to_a_ticket_before_what_is_known_of_it(call: Call) -> None:
    ticket = given(Ticket, opened(timestamp=T2))

    with pytest.raises(TimeRunsBackwards):
        call(ticket)

    assert recorded(ticket) == []
