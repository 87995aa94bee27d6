"""Searching across records."""

import pytest

from tests.readapi import world
from tests.readapi.client import Asking


async def test_a_match_says_what_it_is_and_what_it_is_called(staff: Asking) -> None:
    found = await staff.get("/search?q=All%20printers")

    assert found["data"] == [
        {
            "id": str(world.LIFE),
            "kind": "ticket",
            "number": "T-000001",
            "title": "All printers jam",
            "snippet": "All printers jam",
            "score": 1.0,
        }
    ]


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 4), ("&kind=ticket", 3), ("&kind=customer", 1), ("&kind=ticket,customer&limit=2", 2)],
)
async def test_a_search_is_narrowed_by_kind_and_limit(
    staff: Asking, query: str, count: int
) -> None:
    found = await staff.get(f"/search?q=printers{query}")

    assert len(found["data"]) == count


async def test_a_search_says_up_to_where_it_is_up_to_date(staff: Asking) -> None:
    answer = await staff.answer("/search?q=printers", Min_Position="1")

    assert int(answer.headers["x-position"]) >= 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "q"),
        ("?q=", "q"),
        ("?q=%00", "q"),
        ("?q=a&kind=fax", "kind"),
        ("?q=a&limit=0", "limit"),
    ],
)
async def test_a_search_that_makes_no_sense_is_refused_by_name(
    staff: Asking, query: str, field: str
) -> None:
    problem = await staff.get(f"/search{query}", status=400)

    assert [error["field"] for error in problem["errors"]] == [field]
