"""One ticket, as it stands."""

import pytest

from readapi.desk.tickets import TicketDocument
from tests.readapi import world
from tests.readapi.client import Asking


async def test_a_ticket_reads_exactly_as_promised(staff: Asking) -> None:
    ticket = await staff.get(f"/tickets/{world.LIFE}")

    assert ticket == {
        "id": str(world.LIFE),
        "ticket_number": 1,
        "number": "T-000001",
        "title": "All printers jam",
        "description": "It is on fire.",
        "customer": {"id": str(world.ACME), "name": "Acme AG"},
        "requester": {"name": "Bo Li", "email": "", "phone": ""},
        "contact": None,
        "location": None,
        "category": "fire",
        "tags": ["fire", "printer"],
        "source": "email",
        "impact": "high",
        "urgency": "high",
        "priority": "critical",
        "status": "assigned",
        "waiting_reason": None,
        "assignee": {"id": str(world.TESS), "name": "Tess Lead"},
        "group": {"id": str(world.FIRST_LEVEL), "name": "First level"},
        "reassignment_count": 2,
        "reopen_count": 1,
        "external": {"system": "servicenow", "number": "INC0000047"},
        "first_response_at": "2026-01-06T03:30:00Z",
        "resolved_at": None,
        "closed_at": None,
        "created_at": "2026-01-06T01:40:00Z",
        "updated_at": "2026-01-06T05:10:00Z",
        "deleted_at": None,
        "version": 22,
    }
    assert list(ticket) == list(TicketDocument.__struct_fields__)


@pytest.mark.parametrize(
    "name", ["T-000001", "t-1", "1", "INC0000047", "servicenow:INC0000047", str(world.LIFE).upper()]
)
async def test_a_ticket_is_found_by_everything_people_call_it(staff: Asking, name: str) -> None:
    ticket = await staff.get(f"/tickets/{name}")

    assert ticket["id"] == str(world.LIFE)


@pytest.mark.parametrize(
    "name",
    [
        "T-999999",
        "INC9999999",
        "jira:INC0000047",
        "00000000-0000-4000-8000-000000000000",
        "9" * 40,
        "%00",
        "a%00b",
        "%FF%FE",
        "'; drop table rm.tickets; --",
        "T-%D9%A3",
        "{id}",
        "%7B0%7D",
    ],
)
async def test_what_is_no_tickets_name_is_not_found(staff: Asking, name: str) -> None:
    problem = await staff.get(f"/tickets/{name}", status=404)

    assert problem["type"] == "urn:psa:problem:TicketNotFound"


async def test_an_answer_says_its_version_and_its_position(staff: Asking) -> None:
    answer = await staff.answer(f"/tickets/{world.LIFE}")

    assert answer.headers["etag"] == '"22"'
    assert int(answer.headers["x-position"]) > 22
    assert "x-stale-by" not in answer.headers


async def test_staff_sees_a_deleted_ticket_with_its_deletion(staff: Asking) -> None:
    ticket = await staff.get("/tickets/T-000013")

    assert ticket["deleted_at"] == "2026-01-12T01:00:00Z"
