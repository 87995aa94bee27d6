"""What was: each earlier state of a record, from the log."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import psycopg
import pytest

from domain.customers.customers import Customer
from domain.desk.tickets import Ticket
from domain.values import Address
from eventstore.errors import LogUnavailable
from eventstore.log import Log, open_pool
from eventstore.replay import stream_as_of
from readapi.desk import tickets
from readapi.records import record_as_of
from tests.conftest import Database
from tests.readapi import world
from tests.readapi.client import Asking, Desk

MOMENTS = [event.timestamp for event in world.life().collect_events()]


def iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def life_until(at: datetime) -> Ticket:
    """Return the ticket as the aggregate stood then."""
    ticket: Any = None
    for event in world.life().collect_events():
        if event.timestamp <= at:
            ticket = event.mutate(ticket)
    assert isinstance(ticket, Ticket)
    return ticket


@pytest.mark.parametrize("version", range(1, len(MOMENTS) + 1))
async def test_a_ticket_as_of_each_event_is_what_it_was_then(staff: Asking, version: int) -> None:
    at = MOMENTS[version - 1]
    then = life_until(at)

    shown = await staff.get(f"/tickets/{world.LIFE}?as_of={iso(at)}")

    assert shown["version"] == then.version == version
    assert shown["updated_at"] == iso(at)
    for name in ("title", "description", "category", "status", "waiting_reason", "priority"):
        assert shown[name] == getattr(then, name), name
    for name in ("reassignment_count", "reopen_count", "ticket_number"):
        assert shown[name] == getattr(then, name), name
    for name in ("first_response_at", "resolved_at", "closed_at", "deleted_at"):
        instant = getattr(then, name)
        assert shown[name] == (instant and iso(instant)), name
    assert shown["tags"] == list(then.tags)
    assert shown["requester"] == msgspec.to_builtins(then.requester)
    assert (shown["assignee"] or {}).get("id") == (then.assignee_id and str(then.assignee_id))
    assert (shown["group"] or {}).get("id") == (then.group_id and str(then.group_id))


async def test_every_ticket_as_of_now_is_what_its_view_shows(staff: Asking) -> None:
    for number in range(1, world.COUNT + 1):
        now = await staff.answer(f"/tickets/{number}")

        replayed = await staff.answer(f"/tickets/{number}?as_of=2030-01-01T00:00:00Z")

        assert replayed.content == now.content
        assert replayed.headers["etag"] == now.headers["etag"]


async def test_names_are_as_they_were_then(staff: Asking) -> None:
    before = await staff.get(f"/tickets/{world.LIFE}?as_of={iso(MOMENTS[7])}")
    after = await staff.get(f"/tickets/{world.LIFE}")

    assert before["customer"]["name"] == "Acme Werke GmbH"
    assert before["assignee"]["name"] == "Tess Technician"
    assert after["customer"]["name"] == "Acme AG"
    assert after["assignee"]["name"] == "Tess Lead"


async def test_a_ticket_was_not_there_before_it_was_opened(staff: Asking) -> None:
    before = iso(MOMENTS[0] - timedelta(microseconds=1))

    problem = await staff.get(f"/tickets/{world.LIFE}?as_of={before}", status=404)

    assert problem["type"] == "urn:psa:problem:TicketNotFound"


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00%2B14:00", "0001-01-01", "1969-12-31T23:59:60Z"]
)
async def test_a_ticket_was_not_there_at_the_beginning_of_time(staff: Asking, at: str) -> None:
    await staff.get(f"/tickets/{world.LIFE}?as_of={at}", status=404)


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59-12:00", "9999-12-31"])
async def test_a_ticket_will_be_at_the_end_of_time_what_it_is(staff: Asking, at: str) -> None:
    shown = await staff.get(f"/tickets/{world.LIFE}?as_of={at}")

    assert shown["version"] == len(MOMENTS)


async def test_a_date_means_the_end_of_that_day(staff: Asking) -> None:
    shown = await staff.get(f"/tickets/{world.LIFE}?as_of=2026-01-06")

    assert shown["version"] == len(MOMENTS)


async def test_a_position_shows_what_was_known_there(desk: Desk, staff: Asking) -> None:
    events = await desk.log.read_stream(world.LIFE)

    shown = await staff.answer(f"/tickets/{world.LIFE}?as_of_position={events[2].position}")

    assert shown.json()["version"] == 3
    assert shown.headers["x-position"] == str(events[2].position)


async def test_time_and_position_are_combined(desk: Desk, staff: Asking) -> None:
    events = await desk.log.read_stream(world.LIFE)
    path = f"/tickets/{world.LIFE}?as_of={iso(MOMENTS[4])}&as_of_position"

    early = await staff.get(f"{path}={events[2].position}")
    late = await staff.get(f"{path}={events[9].position}")

    assert (early["version"], late["version"]) == (3, 5)


async def test_the_log_is_not_read_beyond_its_end(desk: Desk, staff: Asking) -> None:
    head = await desk.log.head()

    shown = await staff.answer(f"/tickets/{world.LIFE}?as_of_position={2**63 - 1}")

    assert shown.headers["x-position"] == str(head)


async def test_a_record_folded_anew_is_the_same_document(desk: Desk, staff: Asking) -> None:
    answer = await staff.answer(f"/tickets/{world.LIFE}?as_of={iso(MOMENTS[9])}")

    row = await record_as_of(tickets.RESOURCE, desk.log, world.LIFE, MOMENTS[9], None)

    assert row is not None
    assert msgspec.json.encode(tickets.RESOURCE.shown(row, world.STAFF)) == answer.content


async def test_who_was_recorded_later_has_the_first_name_that_is_known(
    database: Database,
) -> None:
    customer = Customer.begin(
        world.ACME,
        Customer.Registered,
        world.moment(2000),
        number=1,
        name="Acme Werke GmbH",
        address=Address(),
        email_domains=(),
    )
    customer.change(Customer.Renamed, world.moment(2001), name="Acme AG")
    with psycopg.connect(database.url) as connection:
        world.write(connection, customer, world.life())

    async with open_pool(database.url, size=1) as pool:
        ticket = await record_as_of(tickets.RESOURCE, Log(pool), world.LIFE, MOMENTS[0], None)

    assert ticket is not None
    assert ticket["customer.name"] == "Acme Werke GmbH"


async def test_a_log_that_does_not_answer_is_told_from_an_empty_one() -> None:
    closed = Log(open_pool("host=/nowhere"))

    with pytest.raises(LogUnavailable):
        await anext(stream_as_of(closed, world.LIFE, at=None, position=None))


async def test_a_stream_that_does_not_exist_has_no_events(desk: Desk) -> None:
    pages = stream_as_of(desk.log, UUID(int=0), at=None, position=None)

    assert [page async for page in pages] == []
