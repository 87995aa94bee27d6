"""Every event of a ticket is one row of its timeline."""

from uuid import UUID

import msgspec
import pytest

from eventstore.records import Metadata
from projections.folding import fold
from projections.rows import MemoryRows
from projections.timeline import VIEW, ticket_timeline
from tests.given import (
    COMMENT,
    EXAMPLES,
    GROUP,
    T0,
    T1,
    TICKET,
    USER,
    Fact,
    assigned,
    commented,
    deleted,
    external_update_recorded,
    opened,
    put_on_hold,
    resolved,
    restored,
    retitled,
    tagged,
    unassigned,
)
from tests.projections.given import COMMAND, folded, history

OF_TICKETS = [fact for fact in EXAMPLES if fact.event().TOPIC.startswith("ticket.")]
FOR_STAFF = [
    assigned,
    unassigned,
    tagged,
    deleted,
    restored,
    external_update_recorded,
    commented(public=False),
]


def test_every_event_of_a_ticket_has_a_row_and_no_other_event_has_one() -> None:
    rows = folded(VIEW, *EXAMPLES).all(ticket_timeline)

    assert [row["kind"] for row in rows] == [fact.event().TOPIC for fact in OF_TICKETS]
    assert [row["position"] for row in rows] == list(range(1, len(OF_TICKETS) + 1))
    assert {row["ticket_id"] for row in rows} == {TICKET}


def test_a_row_says_what_happened_when_and_by_whom() -> None:
    rows = folded(VIEW, opened, assigned(timestamp=T1)).all(ticket_timeline)

    assert rows[1] == {
        "position": 2,
        "ticket_id": TICKET,
        "version": 2,
        "kind": "ticket.assigned",
        "occurred_at": T1,
        "recorded_at": T0,
        "actor": "tess",
        "command_id": COMMAND,
        "correlation_id": COMMAND,
        "causation_id": None,
        "source": None,
        "public": False,
        "changes": {
            "group_id": str(GROUP),
            "assignee_id": str(USER),
            "status": "assigned",
            "reassignment_count": 0,
        },
    }


def test_an_imported_event_says_where_it_was_found() -> None:
    cause = Metadata(
        command_id=COMMAND,
        actor="importer",
        correlation_id=COMMAND,
        causation_id=UUID(int=7),
        source={"system": "servicenow", "file": "incidents.csv", "row": 12},
    )
    (event,) = history(opened)
    imported = msgspec.structs.replace(event, metadata=msgspec.json.encode(cause))
    rows = MemoryRows(VIEW.tables)

    fold(VIEW, [imported], rows)

    (row,) = rows.all(ticket_timeline)
    assert row["source"] == {"system": "servicenow", "file": "incidents.csv", "row": 12}
    assert row["causation_id"] == UUID(int=7)


@pytest.mark.parametrize("fact", [opened, retitled, put_on_hold, resolved, commented])
def test_a_customer_may_read_what_concerns_their_request(fact: Fact) -> None:
    row = folded(VIEW, opened, fact).all(ticket_timeline)[1]

    assert row["public"] is True


@pytest.mark.parametrize("fact", FOR_STAFF)
def test_only_staff_may_read_internal_comments_and_who_works_on_the_ticket(fact: Fact) -> None:
    row = folded(VIEW, opened, fact).all(ticket_timeline)[1]

    assert row["public"] is False


def test_the_text_of_a_comment_is_among_the_changes() -> None:
    row = folded(VIEW, opened, commented).all(ticket_timeline)[1]

    assert row["changes"] == {
        "comment_id": str(COMMENT),
        "author": "Tess Technician",
        "body": "Have you tried turning it off?",
        "public": True,
        "first_response": True,
    }


def test_what_a_ticket_was_opened_with_is_readable_without_its_class() -> None:
    (row,) = folded(VIEW, opened).all(ticket_timeline)

    assert row["changes"].keys() == set(opened.values)
    assert row["changes"]["requester"]["name"] == "Ada Zürn"
    assert row["changes"]["priority"] == "medium"
