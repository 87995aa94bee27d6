"""What the rows of Volvo IT's incident log mean for a ticket."""

from datetime import UTC, datetime

import pytest

from commands.imports.lifecycle import state_of, state_told_by
from commands.imports.source import StateUnknown, ValueUnknown
from commands.imports.volvo import STATES, Volvo
from domain.desk.statuses import Status
from domain.desk.tickets import Source
from domain.values import Requester
from tests.commands.imports.fakes import VOLVO, Cells, after, decide, events_of, read
from tests.given import (
    OTHER_USER,
    USER,
    assigned,
    closed,
    external_update_recorded,
    opened,
    recorded,
    reopened,
    resolved,
    started,
    unassigned,
)

SOURCE = Volvo()
AT = datetime(2010, 3, 31, 14, 59, 42, tzinfo=UTC)


def row(name: str = "Accepted/In Progress", **changes: str) -> Cells:
    status, _, sub_status = name.partition("/")
    return VOLVO | {"status": status, "sub_status": sub_status} | changes


def test_the_first_row_opens_the_ticket_and_gives_it_to_its_owner() -> None:
    ticket = decide(SOURCE, None, row())

    assert recorded(ticket) == [
        opened(
            title="Incident 1-364285768",
            description="",
            requester=Requester(),
            category="",
            tags=(),
            source=Source.IMPORT,
            timestamp=AT,
            external=ticket.external,
        ),
        assigned(group_id=None, status=Status.NEW, timestamp=AT),
        started(timestamp=AT),
    ]
    assert (ticket.external and ticket.external.number) == "1-364285768"


@pytest.mark.parametrize("name", STATES)
def test_a_case_may_begin_in_any_state(name: str) -> None:
    ticket = decide(SOURCE, None, row(name))

    assert SOURCE.state_name(state_of(ticket)) == name


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("name", STATES)
def test_every_state_can_follow_every_other(before: str, name: str) -> None:
    ticket = decide(SOURCE, after(SOURCE, row(before)), row(name))

    assert SOURCE.state_name(state_of(ticket)) == name


def test_no_two_states_are_mapped_to_the_same() -> None:
    assert len(set(STATES.values())) == len(STATES)


@pytest.mark.parametrize("name", STATES)
def test_the_state_is_read_back_from_the_projected_row(name: str) -> None:
    status, reason = STATES[name]
    waits = status in {Status.WAITING_CUSTOMER, Status.WAITING_THIRD_PARTY}

    told = state_told_by(status.value, reason or None if waits else None, None if waits else reason)

    assert SOURCE.state_name(told) == name


def test_an_incident_that_is_queued_again_belongs_to_nobody() -> None:
    events = events_of(SOURCE, after(SOURCE, row()), row("Queued/Awaiting Assignment"))

    assert events == [unassigned(timestamp=AT)]


def test_work_that_is_given_out_again_is_handed_back_first() -> None:
    events = events_of(
        SOURCE, after(SOURCE, row()), row("Accepted/Assigned", resource="Anne Claire")
    )

    assert events == [
        unassigned(timestamp=AT),
        assigned(group_id=None, assignee_id=OTHER_USER, timestamp=AT),
    ]


def test_another_owner_takes_over() -> None:
    events = events_of(SOURCE, after(SOURCE, row()), row(resource="Anne Claire"))

    assert events == [
        assigned(group_id=None, assignee_id=OTHER_USER, status=Status.IN_PROGRESS, timestamp=AT)
    ]


def test_the_owner_of_a_completed_incident_stays_the_one_who_had_it() -> None:
    ticket = decide(SOURCE, after(SOURCE, row()), row("Completed/In Call", resource="Anne Claire"))

    assert ticket.assignee_id == USER
    assert recorded(ticket) == [resolved(resolution="", resolution_code="in_call", timestamp=AT)]


def test_a_resolved_incident_is_closed_without_being_reopened() -> None:
    events = events_of(SOURCE, after(SOURCE, row("Completed/Resolved")), row("Completed/Closed"))

    assert events == [closed(resolution="", resolution_code="closed", timestamp=AT)]


@pytest.mark.parametrize("name", [name for name in STATES if name.startswith("Completed")])
def test_work_that_goes_on_after_completion_reopens_the_ticket(name: str) -> None:
    events = events_of(SOURCE, after(SOURCE, row(name)), row())

    assert events[0] == reopened(reason="", timestamp=AT)


def test_the_same_state_again_leaves_a_trace() -> None:
    events = events_of(SOURCE, after(SOURCE, row()), row())

    assert events == [external_update_recorded(attributes={}, timestamp=AT)]


def test_an_unknown_state_is_refused() -> None:
    with pytest.raises(StateUnknown, match="Accepted/Lost"):
        decide(SOURCE, None, row("Accepted/Lost"))


def test_a_time_that_is_none_is_refused() -> None:
    with pytest.raises(ValueUnknown, match="timestamp_utc"):
        decide(SOURCE, None, row(timestamp_utc="yesterday"))


def test_the_source_keeps_no_totals() -> None:
    ticket = after(SOURCE, row())

    assert SOURCE.disagreement(ticket, read(SOURCE, row())) == ""
