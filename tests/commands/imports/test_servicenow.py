"""What the rows of ServiceNow's audit log mean for a ticket."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from commands.imports.lifecycle import State, state_of, state_told_by
from commands.imports.servicenow import STATES, ServiceNow
from commands.imports.source import StateUnknown, ValueUnknown
from domain.base import TimeRunsBackwards
from domain.desk.priorities import Level, Priority
from domain.desk.statuses import Status, WaitingReason
from domain.desk.tickets import Source
from domain.desk.tickets.outcome import ResolutionMissing
from domain.values import Requester
from tests.commands.imports.fakes import SERVICENOW, Cells, after, decide, events_of, read
from tests.given import (
    GROUP,
    NIGHT_SHIFT,
    OTHER_USER,
    USER,
    assigned,
    categorized,
    closed,
    external_update_recorded,
    opened,
    prioritized,
    put_on_hold,
    recorded,
    reopened,
    requester_changed,
    resolved,
    retitled,
    started,
)

SOURCE = ServiceNow()
AT = datetime(2016, 2, 29, 4, 57, tzinfo=UTC)
RESOLVED_AT = {"sys_updated_at": "1/3/2016 09:52"}
CLOSED_AT = {"sys_updated_at": "6/3/2016 10:00"}


def row(**changes: str) -> Cells:
    return SERVICENOW | changes


def test_the_first_row_opens_the_ticket_with_all_it_tells() -> None:
    ticket = decide(SOURCE, None, row())

    assert recorded(ticket)[0] == opened(
        title="Category 40 / Subcategory 215 · Symptom 471",
        description="",
        requester=Requester("Caller 2403"),
        category="Category 40",
        tags=(),
        source=Source.PHONE,
        timestamp=AT,
    )
    assert set(ticket.external_attributes) == {
        "active",
        "made_sla",
        "opened_by",
        "opened_at",
        "sys_created_by",
        "sys_created_at",
        "contact_type",
        "location",
        "subcategory",
        "u_symptom",
        "knowledge",
        "u_priority_confirmation",
        "notify",
    }


@pytest.mark.parametrize("name", STATES)
def test_a_case_may_begin_in_any_state(name: str) -> None:
    ticket = decide(SOURCE, None, row(incident_state=name))

    assert SOURCE.state_name(state_of(ticket)) == name


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("name", STATES)
def test_every_state_can_follow_every_other(before: str, name: str) -> None:
    ticket = after(SOURCE, row(incident_state=before))

    decide(SOURCE, ticket, row(incident_state=name))

    assert SOURCE.state_name(state_of(ticket)) == name


def test_no_two_states_are_mapped_to_the_same() -> None:
    assert len(set(STATES.values())) == len(STATES)


@pytest.mark.parametrize(
    ("status", "waiting_reason", "code", "name"),
    [
        ("new", None, None, "New"),
        ("in_progress", None, None, "Active"),
        ("waiting_customer", None, None, "Awaiting User Info"),
        ("waiting_third_party", "vendor", None, "Awaiting Vendor"),
        ("waiting_third_party", "problem", None, "Awaiting Problem"),
        ("waiting_third_party", "evidence", None, "Awaiting Evidence"),
        ("resolved", None, None, "Resolved"),
        ("closed", None, "code 5", "Closed"),
    ],
)
def test_the_state_is_read_back_from_the_projected_row(
    status: str, waiting_reason: str | None, code: str | None, name: str
) -> None:
    assert SOURCE.state_name(state_told_by(status, waiting_reason, code)) == name


def test_a_state_that_only_we_have_has_no_name_there() -> None:
    assert SOURCE.state_name(State(Status.ASSIGNED)) == ""


def test_an_unknown_state_is_refused() -> None:
    with pytest.raises(StateUnknown, match="`-100` is no state"):
        decide(SOURCE, after(SOURCE, row()), row(incident_state="-100"))


def test_an_older_row_than_the_one_before_is_refused() -> None:
    with pytest.raises(TimeRunsBackwards):
        decide(SOURCE, after(SOURCE, row()), row(sys_updated_at="29/2/2016 04:56"))


def test_a_row_that_changes_nothing_still_leaves_a_trace() -> None:
    ticket = after(SOURCE, row())

    events = events_of(SOURCE, ticket, row(sys_mod_count="1"))

    assert events == [external_update_recorded(attributes={}, timestamp=AT)]


def test_only_changed_attributes_are_kept_and_a_missing_one_is_emptied() -> None:
    ticket = after(SOURCE, row(rfc="CHG0001398"))

    events = events_of(SOURCE, ticket, row(rfc="?", location="Location 9"))

    assert events == [
        external_update_recorded(attributes={"location": "Location 9", "rfc": ""}, timestamp=AT)
    ]


def test_a_new_incident_may_be_in_somebodys_hands_and_stays_new() -> None:
    ticket = after(SOURCE, row())

    events = events_of(SOURCE, ticket, row(assignment_group="Group 70", assigned_to="Resolver 89"))

    assert events == [assigned(status=Status.NEW, timestamp=AT)]


def test_the_sources_total_is_taken_over() -> None:
    ticket = after(SOURCE, row(incident_state="Active", assignment_group="Group 70"))

    events = events_of(
        SOURCE,
        ticket,
        row(incident_state="Active", assignment_group="Group 24", reassignment_count="3"),
    )

    assert events == [
        assigned(
            group_id=NIGHT_SHIFT,
            assignee_id=None,
            status=Status.IN_PROGRESS,
            reassignment_count=3,
            timestamp=AT,
        )
    ]


def test_a_total_that_rises_for_no_visible_reason_is_an_assignment() -> None:
    held = row(assignment_group="Group 70", assigned_to="Resolver 89")
    ticket = after(SOURCE, held)

    events = events_of(SOURCE, ticket, held | {"reassignment_count": "1"})

    assert events == [assigned(status=Status.NEW, reassignment_count=1, timestamp=AT)]


def test_a_person_may_stay_when_the_group_is_taken_away() -> None:
    ticket = after(SOURCE, row(assignment_group="Group 70", assigned_to="Resolver 89"))

    decide(SOURCE, ticket, row(assigned_to="Resolver 89", reassignment_count="1"))

    assert (ticket.group_id, ticket.assignee_id) == (None, USER)


def test_both_may_be_taken_away_and_the_work_goes_on() -> None:
    ticket = after(
        SOURCE,
        row(incident_state="Active", assignment_group="Group 70", assigned_to="Resolver 89"),
    )

    events = events_of(SOURCE, ticket, row(incident_state="Active", reassignment_count="1"))

    assert events == [
        assigned(
            group_id=None,
            assignee_id=None,
            status=Status.IN_PROGRESS,
            reassignment_count=1,
            timestamp=AT,
        )
    ]


def test_a_resolved_incident_may_change_hands_and_stays_resolved() -> None:
    held = row(incident_state="Resolved", assignment_group="Group 70")
    ticket = after(SOURCE, held)

    decide(SOURCE, ticket, held | {"assignment_group": "Group 24", "assigned_to": "Resolver 31"})

    assert (ticket.group_id, ticket.assignee_id) == (NIGHT_SHIFT, OTHER_USER)
    assert ticket.status is Status.RESOLVED


def test_who_resolves_has_it_from_the_same_row_on() -> None:
    ticket = after(SOURCE, row(assignment_group="Group 70"))

    events = events_of(
        SOURCE,
        ticket,
        row(incident_state="Resolved", assignment_group="Group 70", assigned_to="Resolver 89"),
    )

    assert events == [
        assigned(group_id=GROUP, status=Status.NEW, timestamp=AT),
        resolved(resolution="", resolution_code="", timestamp=AT),
    ]


@pytest.mark.parametrize("settled", ["Resolved", "Closed"])
def test_work_that_goes_on_reopens_the_ticket(settled: str) -> None:
    ticket = after(SOURCE, row(incident_state=settled))

    events = events_of(SOURCE, ticket, row(incident_state="Active", reopen_count="1"))

    assert events == [reopened(reason="", timestamp=AT)]


def test_a_resolved_incident_that_waits_again_is_reopened_first() -> None:
    ticket = after(SOURCE, row(incident_state="Resolved"))

    events = events_of(SOURCE, ticket, row(incident_state="Awaiting User Info"))

    assert events == [
        reopened(reason="", timestamp=AT),
        put_on_hold(status=Status.WAITING_CUSTOMER, reason=None, timestamp=AT),
    ]


def test_work_that_begins_or_waits_is_told_as_such() -> None:
    ticket = after(SOURCE, row())

    begun = events_of(SOURCE, ticket, row(incident_state="Active"))
    waits = events_of(
        SOURCE,
        after(SOURCE, row(), row(incident_state="Active")),
        row(incident_state="Awaiting Problem"),
    )

    assert begun == [started(timestamp=AT)]
    assert waits == [put_on_hold(reason=WaitingReason.PROBLEM, timestamp=AT)]


def test_final_values_are_not_told_before_they_are_true() -> None:
    too_early = row(incident_state="Resolved")

    ticket = after(SOURCE, row(), too_early, row(incident_state="Active", **CLOSED_AT))

    assert not {"resolved_at", "resolved_by", "closed_at", "closed_code"} & set(
        ticket.external_attributes
    )


def test_who_resolved_is_told_when_that_time_has_come() -> None:
    ticket = after(SOURCE, row(), row(incident_state="Resolved"))

    events = events_of(SOURCE, ticket, row(incident_state="Resolved", **RESOLVED_AT))

    assert events == [
        external_update_recorded(
            attributes={"resolved_by": "Resolved by 81", "resolved_at": "1/3/2016 09:52"},
            timestamp=datetime(2016, 3, 1, 9, 52, tzinfo=UTC),
        )
    ]


def test_the_last_closing_tells_its_code() -> None:
    ticket = after(SOURCE, row(), row(incident_state="Resolved", **RESOLVED_AT))

    events = events_of(SOURCE, ticket, row(incident_state="Closed", active="false", **CLOSED_AT))

    at = datetime(2016, 3, 6, 10, 0, tzinfo=UTC)
    assert events == [
        closed(resolution="", resolution_code="code 5", timestamp=at),
        external_update_recorded(
            attributes={"active": "false", "closed_code": "code 5", "closed_at": "6/3/2016 10:00"},
            timestamp=at,
        ),
    ]


def test_an_earlier_closing_does_not_know_the_final_code() -> None:
    ticket = after(SOURCE, row(), row(incident_state="Resolved"))

    events = events_of(SOURCE, ticket, row(incident_state="Closed"))

    assert events == [closed(resolution="", resolution_code="", timestamp=AT)]


def test_open_work_is_closed_with_the_code_that_the_row_has() -> None:
    ticket = after(SOURCE, row())

    events = events_of(SOURCE, ticket, row(incident_state="Closed"))

    assert events == [closed(resolution="", resolution_code="code 5", timestamp=AT)]


def test_open_work_is_not_closed_without_a_reason() -> None:
    with pytest.raises(ResolutionMissing):
        decide(SOURCE, after(SOURCE, row()), row(incident_state="Closed", closed_code="?"))


def test_impact_and_urgency_give_the_priority() -> None:
    ticket = after(SOURCE, row())

    events = events_of(
        SOURCE, ticket, row(impact="1 - High", urgency="1 - High", priority="1 - Critical")
    )

    assert events == [prioritized(timestamp=AT)]


def test_another_priority_than_they_give_is_an_override() -> None:
    ticket = decide(SOURCE, None, row(priority="1 - Critical"))

    assert (ticket.priority, ticket.overridden) == (Priority.CRITICAL, True)
    assert (ticket.impact, ticket.urgency) == (Level.MEDIUM, Level.MEDIUM)


def test_the_title_follows_what_it_is_made_of() -> None:
    ticket = after(SOURCE, row())

    events = events_of(SOURCE, ticket, row(category="Category 9", u_symptom="?"))

    assert events == [
        retitled(title="Category 9 / Subcategory 215", timestamp=AT),
        categorized(category="Category 9", timestamp=AT),
        external_update_recorded(attributes={"u_symptom": ""}, timestamp=AT),
    ]


def test_an_incident_of_which_nothing_is_told_is_titled_with_its_number() -> None:
    ticket = decide(SOURCE, None, row(category="?", subcategory="?", u_symptom="?"))

    assert ticket.title == "INC0000047"


def test_another_caller_is_another_requester() -> None:
    events = events_of(SOURCE, after(SOURCE, row()), row(caller_id="Caller 1"))

    assert events == [requester_changed(requester=Requester("Caller 1"), timestamp=AT)]


@pytest.mark.parametrize(
    ("contact", "source"),
    [
        ("Phone", Source.PHONE),
        ("Email", Source.EMAIL),
        ("Self service", Source.PORTAL),
        ("IVR", Source.IMPORT),
        ("Direct opening", Source.IMPORT),
    ],
)
def test_the_contact_type_is_the_source(contact: str, source: Source) -> None:
    assert decide(SOURCE, None, row(contact_type=contact)).source is source


def test_a_time_without_a_zone_is_one_of_the_given_zone() -> None:
    read_row = read(SOURCE, row(), ZoneInfo("Europe/Rome"))

    assert read_row.at == AT - timedelta(hours=1)
    assert read_row.at.tzinfo is UTC


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("sys_updated_at", "2016-02-29"),
        ("sys_updated_at", "31/2/2016 04:57"),
        ("impact", "?"),
        ("urgency", "4 - None"),
        ("priority", "5 - Planning"),
        ("sys_updated_at", "1/1/99999999999999999999 00:30"),
        ("reassignment_count", "many"),
        ("reassignment_count", "1234567890"),
        ("reassignment_count", "9" * 5_000),
    ],
)
def test_a_value_without_a_meaning_is_refused(column: str, value: str) -> None:
    with pytest.raises(ValueUnknown, match=column):
        decide(SOURCE, None, row(**{column: value}))


def test_a_time_before_the_first_year_is_refused() -> None:
    with pytest.raises(ValueUnknown, match="sys_updated_at"):
        read(SOURCE, row(sys_updated_at="1/1/1 00:30"), ZoneInfo("Europe/Rome"))


def test_a_total_that_differs_from_ours_is_told() -> None:
    ticket = after(SOURCE, row())

    agrees = SOURCE.disagreement(ticket, read(SOURCE, row()))
    differs = SOURCE.disagreement(ticket, read(SOURCE, row(reopen_count="2")))

    assert agrees == ""
    assert differs == "reopen_count is 2 in the source and 0 here"
