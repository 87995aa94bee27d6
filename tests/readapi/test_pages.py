"""Lists in pages: by number and by cursor."""

import base64
from itertools import product
from unittest.mock import patch

import msgspec
import pytest

from readapi import pages, views
from tests.readapi import world
from tests.readapi.client import Asking

PRESENT = world.COUNT - 3
SORTS = ("created_at", "updated_at", "priority", "ticket_number", "status")


async def test_a_page_says_where_it_stands(staff: Asking) -> None:
    page = await staff.get("/tickets?page=2&limit=10")

    assert len(page["data"]) == 10
    assert page["meta"] == {"page": 2, "limit": 10, "total": PRESENT, "total_pages": 4}


async def test_links_keep_all_filters(staff: Asking) -> None:
    page = await staff.get("/tickets?tag=vpn&status=new&status=closed&page=2&limit=2")

    kept = "/api/v1/tickets?tag=vpn&status=new&status=closed"
    assert page["links"] == {
        "self": f"{kept}&page=2&limit=2",
        "next": f"{kept}&limit=2&page=3",
        "prev": f"{kept}&limit=2&page=1",
    }


async def test_links_escape_what_they_keep(staff: Asking) -> None:
    page = await staff.get("/customers?name=100%25%20K&limit=1")

    assert page["links"]["self"] == "/api/v1/customers?name=100%25+K&limit=1"
    assert (await staff.get(page["links"]["self"]))["data"] == page["data"] != []


async def test_the_last_page_has_no_next_one(staff: Asking) -> None:
    page = await staff.get("/tickets?page=4&limit=10")

    assert page["links"]["next"] is None
    assert page["links"]["prev"] == "/api/v1/tickets?limit=10&page=3"


async def test_a_page_after_the_last_one_is_empty_and_leads_back(staff: Asking) -> None:
    page = await staff.get("/tickets?page=100&limit=10")

    assert page["data"] == []
    assert page["links"]["prev"] == "/api/v1/tickets?limit=10&page=4"


@pytest.mark.parametrize(
    ("begin", "sort", "order"), list(product(["", "cursor=start&"], SORTS, ["asc", "desc"]))
)
async def test_following_next_shows_every_ticket_once(
    staff: Asking, begin: str, sort: str, order: str
) -> None:
    query = f"sort={sort}&order={order}"
    whole = await staff.get(f"/tickets?limit=100&{query}")

    walked = await staff.all(f"/tickets?{begin}limit=4&{query}")

    assert walked == whole["data"]
    assert len(walked) == PRESENT


@pytest.mark.parametrize("query", ["", "sort=priority", "tag=vpn&order=asc", "status=new&limit=2"])
async def test_a_page_shows_the_same_rows_whether_few_are_found_or_many(
    staff: Asking, query: str
) -> None:
    few = await staff.get(f"/tickets?{query}")

    with patch.object(pages, "FEW", 0):
        many = await staff.get(f"/tickets?{query}")

    assert many == few
    assert few["data"]


async def test_the_total_of_a_long_list_is_its_number_of_rows(staff: Asking) -> None:
    with patch.object(views, "FEW", 3):
        page = await staff.get("/tickets?created_to=2030-01-01&limit=5")

    assert page["meta"]["total"] == PRESENT


async def test_a_cursor_keeps_filters_and_counts_but_has_no_page_number(staff: Asking) -> None:
    first = await staff.get("/tickets?cursor=start&limit=3&tag=vpn")
    second = await staff.get(first["links"]["next"])

    assert "tag=vpn" in second["links"]["next"]
    assert second["meta"]["page"] is None
    assert second["meta"]["total"] == first["meta"]["total"] > 6
    assert second["links"]["prev"] is None


async def test_a_page_too_deep_is_refused_with_a_hint(staff: Asking) -> None:
    problem = await staff.get("/tickets?page=101&limit=100", status=400)

    assert problem["errors"][0]["field"] == "page"
    assert "cursor=start" in problem["errors"][0]["message"]


async def test_where_page_numbers_end_next_goes_on_with_a_cursor(staff: Asking) -> None:
    with patch.object(pages, "DEPTH", 8):
        walked = await staff.all("/tickets?limit=4&sort=priority")

    assert len(walked) == PRESENT


@pytest.mark.parametrize(
    "place",
    [
        b"",
        b"null",
        b"[]",
        b'["created_at","desc",1,2,3]',
        b'["created_at","desc","2026-01-05T09:00","71c4e700-0000-4000-8000-000000000001",3]',
        b'["created_at","desc","2026-01-05T09:00:00Z","\\u0000",3]',
        b'["created_at","desc","2026-01-05T09:00:00Z","71c4e700-0000-4000-8000-000000000001",-1]',
        b'["created_at","desc",null,null,null]',
        b"\xff\xfe",
        b"[" * 5_00,
    ],
)
async def test_a_cursor_that_is_none_of_ours_is_refused(staff: Asking, place: bytes) -> None:
    cursor = base64.urlsafe_b64encode(place).decode()

    problem = await staff.get(f"/tickets?cursor={cursor}", status=400)

    assert [error["field"] for error in problem["errors"]] == ["cursor"]


@pytest.mark.parametrize("number", [2**15, 2**63 - 1, 1 - 2**63])
async def test_a_cursor_with_an_odd_number_leads_nowhere(staff: Asking, number: int) -> None:
    place = ("priority", "asc", number, str(world.LIFE), 0)
    cursor = base64.urlsafe_b64encode(msgspec.json.encode(place)).decode()

    page = await staff.get(f"/tickets?sort=priority&order=asc&cursor={cursor}")

    assert len(page["data"]) in {0, 20}


@pytest.mark.parametrize("cursor", ["ä", "====", "a", "%00", "+", "Start"])
async def test_a_cursor_that_is_no_base64_is_refused(staff: Asking, cursor: str) -> None:
    problem = await staff.get(f"/tickets?cursor={cursor}", status=400)

    assert [error["field"] for error in problem["errors"]] == ["cursor"]


async def test_a_cursor_of_another_order_is_refused(staff: Asking) -> None:
    first = await staff.get("/tickets?cursor=start&limit=3&sort=priority")

    problem = await staff.get(f"{first['links']['next']}&order=asc", status=400)

    assert "sort=priority&order=desc" in problem["detail"]
