"""What the activities of the Italian help desk mean for a ticket."""

from datetime import UTC, datetime

import pytest

from commands.imports.helpdesk import DONE, STATES, Helpdesk
from commands.imports.lifecycle import state_of
from commands.imports.source import StateUnknown
from domain.desk.statuses import Status
from domain.desk.tickets import Ticket
from tests.commands.imports.fakes import HELPDESK, Cells, after, decide, events_of, read
from tests.given import (
    OTHER_USER,
    assigned,
    external_update_recorded,
    recorded,
    reopened,
    resolved,
    started,
)

SOURCE = Helpdesk()
AT = datetime(2010, 1, 13, 12, 30, 37, tzinfo=UTC)


def row(activity: str, **changes: str) -> Cells:
    return HELPDESK | {"Activity": activity} | changes


def told(activity: str) -> object:
    return external_update_recorded(attributes={"activity": activity}, timestamp=AT)


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("name", STATES)
def test_every_state_can_follow_every_other_and_is_read_back(before: str, name: str) -> None:
    ticket = decide(SOURCE, after(SOURCE, row(before)), row(name))

    assert SOURCE.state_name(state_of(ticket)) == name


def test_no_two_states_are_mapped_to_the_same() -> None:
    assert len(set(STATES.values())) == len(STATES)


@pytest.mark.parametrize("activity", sorted(DONE))
@pytest.mark.parametrize("name", STATES)
def test_what_was_done_leaves_the_state_as_it_was(name: str, activity: str) -> None:
    events = events_of(SOURCE, after(SOURCE, row(name)), row(activity))

    assert events == [told(activity)]


@pytest.mark.parametrize("activity", sorted(DONE))
def test_a_case_may_begin_with_anything(activity: str) -> None:
    ticket = decide(SOURCE, None, row(activity))

    assert ticket.status is Status.NEW
    assert isinstance(recorded(ticket)[0], Ticket.Opened)
    assert recorded(ticket)[1:] == [told(activity)]


def test_who_takes_charge_has_the_ticket() -> None:
    events = events_of(
        SOURCE,
        after(SOURCE, row("Insert ticket")),
        row("Take in charge ticket", Resource="Value 5"),
    )

    assert events == [
        assigned(group_id=None, assignee_id=OTHER_USER, status=Status.NEW, timestamp=AT),
        started(timestamp=AT),
        told("Take in charge ticket"),
    ]


def test_the_same_activity_again_leaves_a_trace() -> None:
    ticket = after(SOURCE, row("Wait"))

    assert events_of(SOURCE, ticket, row("Wait")) == [
        external_update_recorded(attributes={}, timestamp=AT)
    ]


def test_a_resolved_ticket_that_waits_again_is_reopened() -> None:
    events = events_of(SOURCE, after(SOURCE, row("Resolve ticket")), row("Wait"))

    assert events[0] == reopened(reason="", timestamp=AT)


def test_a_ticket_is_resolved_with_a_code_that_names_the_activity() -> None:
    events = events_of(SOURCE, after(SOURCE, row("Wait")), row("Resolve ticket"))

    assert events == [
        resolved(resolution="", resolution_code="resolved", timestamp=AT),
        told("Resolve ticket"),
    ]


def test_an_unknown_activity_is_refused() -> None:
    with pytest.raises(StateUnknown, match="Dance"):
        decide(SOURCE, None, row("Dance"))


def test_the_source_keeps_no_totals() -> None:
    ticket = after(SOURCE, row("Wait"))

    assert SOURCE.disagreement(ticket, read(SOURCE, row("Wait"))) == ""
