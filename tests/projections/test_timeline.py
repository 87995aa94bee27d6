"""Every event of a record is one row of its timeline."""

from uuid import UUID

import msgspec
import psycopg
import pytest
from sqlalchemy import MetaData

from domain.reservations import Reservation
from eventstore.records import Metadata
from projections.folding import fold
from projections.rows import MemoryRows
from projections.running.rebuild import rebuild
from projections.schema import ensure
from projections.slices import SLICES
from projections.timeline import VIEW, timeline_entries
from tests.conftest import Database
from tests.given import (
    COMMENT,
    CUSTOMER,
    EXAMPLES,
    GROUP,
    T0,
    T1,
    TICKET,
    USER,
    Fact,
    assigned,
    commented,
    customer_changed,
    customer_registered,
    deleted,
    external_update_recorded,
    group_formed,
    interaction_recorded,
    opened,
    put_on_hold,
    resolved,
    restored,
    retitled,
    tagged,
    unassigned,
)
from tests.projections.given import COMMAND, append, events, folded, history, stored

OF_RECORDS = [
    fact for fact in EXAMPLES if not fact.event().TOPIC.startswith(f"{Reservation.TOPIC}.")
]
FOR_STAFF = [
    assigned,
    unassigned,
    tagged,
    deleted,
    restored,
    external_update_recorded,
    commented(public=False),
]


def test_every_event_of_a_record_has_a_row_and_no_other_event_has_one() -> None:
    rows = folded(VIEW, *EXAMPLES).all(timeline_entries)

    assert [row["kind"] for row in rows] == [fact.event().TOPIC for fact in OF_RECORDS]
    assert [row["position"] for row in rows] == list(range(1, len(OF_RECORDS) + 1))
    assert [row["record_id"] for row in rows] == [fact.event().originator_id for fact in OF_RECORDS]


def test_a_row_says_what_happened_when_and_by_whom() -> None:
    rows = folded(VIEW, opened, assigned(timestamp=T1)).all(timeline_entries)

    assert rows[1] == {
        "position": 2,
        "record_id": TICKET,
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
        "customer_id": None,
    }


def test_what_is_begun_for_a_customer_and_what_happens_to_it_say_whom_they_are_about() -> None:
    facts = [customer_registered, interaction_recorded, opened, retitled, customer_changed]

    rows = folded(VIEW, *facts).all(timeline_entries)

    assert [row["customer_id"] for row in rows] == [CUSTOMER, CUSTOMER, CUSTOMER, None, CUSTOMER]


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

    (row,) = rows.all(timeline_entries)
    assert row["source"] == {"system": "servicenow", "file": "incidents.csv", "row": 12}
    assert row["causation_id"] == UUID(int=7)


@pytest.mark.parametrize("fact", [opened, retitled, put_on_hold, resolved, commented])
def test_a_customer_may_read_what_concerns_their_request(fact: Fact) -> None:
    row = folded(VIEW, opened, fact).all(timeline_entries)[1]

    assert row["public"] is True


@pytest.mark.parametrize("fact", FOR_STAFF)
def test_only_staff_may_read_internal_comments_and_who_works_on_the_ticket(fact: Fact) -> None:
    row = folded(VIEW, opened, fact).all(timeline_entries)[1]

    assert row["public"] is False


@pytest.mark.parametrize("fact", EXAMPLES, ids=lambda fact: fact.event_class.TOPIC)
def test_what_no_slice_names_as_public_is_for_staff(fact: Fact) -> None:
    rows = folded(VIEW, fact).all(timeline_entries)

    named = any(fact.event_class in getattr(module, "PUBLIC", ()) for module in SLICES)
    assert all(row["public"] is named for row in rows)


def test_the_text_of_a_comment_is_among_the_changes() -> None:
    row = folded(VIEW, opened, commented).all(timeline_entries)[1]

    assert row["changes"] == {
        "comment_id": str(COMMENT),
        "author": "Tess Technician",
        "body": "Have you tried turning it off?",
        "public": True,
        "first_response": True,
    }


def test_what_a_ticket_was_opened_with_is_readable_without_its_class() -> None:
    (row,) = folded(VIEW, opened).all(timeline_entries)

    assert row["changes"].keys() == set(opened.values)
    assert row["changes"]["requester"]["name"] == "Ada Zürn"
    assert row["changes"]["priority"] == "medium"


async def test_a_rebuild_drops_the_table_that_an_older_shape_had_under_another_name(
    database: Database,
) -> None:
    former = timeline_entries.to_metadata(MetaData(schema="rm"), name="ticket_timeline")
    older = msgspec.structs.replace(VIEW, tables=(former,), shape=1, formerly=())
    ensure(database.url, [older])
    append(database.url, events(opened, group_formed))

    await rebuild(VIEW, database.owner_url)

    with psycopg.connect(database.url) as connection:
        gone = connection.execute("select to_regclass('rm.ticket_timeline')").fetchone()
    assert gone == (None,)
    assert [row["kind"] for row in stored(database.url, timeline_entries)] == [
        "ticket.opened",
        "group.formed",
    ]


async def test_a_rebuild_leaves_tables_alone_that_its_view_never_had(views: Database) -> None:
    with psycopg.connect(views.url) as connection:
        connection.execute("create table rm.somebody_elses (id bigint primary key)")

    await rebuild(VIEW, views.owner_url)
    await rebuild(VIEW, views.owner_url)

    with psycopg.connect(views.url) as connection:
        left = connection.execute("select to_regclass('rm.somebody_elses')::text").fetchone()
    assert left == ("rm.somebody_elses",)
