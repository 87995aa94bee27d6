"""A ticket's row says what the aggregate says, after every event."""

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant

from domain.desk.tickets import Ticket
from projections.desk.tickets import RANKS, VIEW, tickets
from projections.folding import fold
from projections.rows import MemoryRows
from projections.view import Row
from tests.domain.desk import test_ticket_lives as lives
from tests.given import (
    T0,
    T1,
    T2,
    TICKET,
    closed,
    deleted,
    external_update_recorded,
    given,
    opened,
    prioritized,
    reopened,
    resolved,
    restored,
    retitled,
)
from tests.projections.given import row_of

OF_THE_VIEW_ONLY = {"resolution", "resolution_code", "deleted_reason", "position"}


def row_of_aggregate(ticket: Ticket) -> Row:
    """Return what the aggregate says, in the words of the view."""
    external = ticket.external
    names: dict[str, Any] = {
        "id": ticket.id,
        "created_at": ticket.created_on,
        "updated_at": ticket.modified_on,
        "version": ticket.version,
        "requester": vars(ticket.requester),
        "tags": list(ticket.tags),
        "priority_rank": RANKS[ticket.priority],
        "priority_overridden": ticket.overridden,
        "external_system": external and external.system,
        "external_number": external and external.number,
    }
    others = [
        column.name
        for column in tickets.columns
        if column.name not in OF_THE_VIEW_ONLY | set(names)
    ]
    return names | {name: getattr(ticket, name) for name in others}


class ProjectedLife(lives.TicketLife):
    """A ticket to which everything is done, in any order, and its row."""

    @invariant()
    def the_row_says_what_the_ticket_says(self) -> None:
        rows = MemoryRows(VIEW.tables)
        fold(VIEW, self.log, rows)
        row = rows.get(tickets, TICKET) or {}
        said = {name: value for name, value in row.items() if name not in OF_THE_VIEW_ONLY}
        assert said == row_of_aggregate(self.ticket)


TestProjectedLife = ProjectedLife.TestCase
TestProjectedLife.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def test_a_new_ticket_has_every_column_of_the_table() -> None:
    ticket = given(Ticket, opened)

    row = row_of(VIEW, opened)

    assert row.keys() == {column.name for column in tickets.columns}
    assert row | row_of_aggregate(ticket) == row


def test_the_times_are_those_of_the_first_and_of_the_last_event() -> None:
    row = row_of(VIEW, opened, retitled(timestamp=T1), retitled(title="Again", timestamp=T2))

    assert (row["created_at"], row["updated_at"]) == (T0, T2)
    assert (row["version"], row["position"]) == (3, 3)


def test_the_most_urgent_priority_has_the_lowest_rank() -> None:
    row = row_of(VIEW, opened, prioritized)

    assert (row["priority"], row["priority_rank"]) == ("critical", 1)


def test_a_resolution_is_kept_when_the_ticket_is_closed_without_a_word() -> None:
    row = row_of(VIEW, opened, resolved, closed(resolution="", resolution_code=""))

    assert (row["resolution"], row["resolution_code"]) == ("The roller was replaced.", "fixed")


def test_a_resolution_given_when_closing_replaces_the_one_before() -> None:
    row = row_of(VIEW, opened, resolved, closed)

    assert (row["resolution"], row["resolution_code"]) == ("The customer agrees.", "agreed")


def test_a_reopened_ticket_has_no_resolution() -> None:
    row = row_of(VIEW, opened, resolved, closed, reopened)

    assert (row["resolution"], row["resolution_code"]) == (None, None)
    assert (row["resolved_at"], row["closed_at"]) == (None, None)


def test_a_deleted_ticket_stays_with_the_reason_until_it_is_restored() -> None:
    gone = row_of(VIEW, opened, deleted(timestamp=T0 + timedelta(minutes=1)))
    back = row_of(VIEW, opened, deleted, restored)

    assert (gone["deleted_at"], gone["deleted_reason"]) == (
        T0 + timedelta(minutes=1),
        "Opened twice.",
    )
    assert (back["deleted_at"], back["deleted_reason"]) == (None, None)


def test_attributes_of_the_other_system_are_kept_beside_those_that_change() -> None:
    row = row_of(
        VIEW,
        opened,
        external_update_recorded,
        external_update_recorded(attributes={"made_sla": "false"}),
    )

    assert row["external_attributes"] == {"made_sla": "false", "sys_mod_count": "7"}
