"""Customers, users and groups as they are read."""

import pytest

from tests.readapi import world
from tests.readapi.client import Asking


async def test_a_customer_reads_exactly_as_promised(staff: Asking) -> None:
    assert await staff.get(f"/customers/{world.ACME}") == {
        "id": str(world.ACME),
        "number": 10001,
        "name": "Acme AG",
        "address": {
            "street": "Hauptstraße 1",
            "postal_code": "10115",
            "city": "Berlin",
            "country": "DE",
        },
        "email_domains": ["acme.example"],
        "status": "active",
        "created_at": "2026-01-05T09:00:00Z",
        "updated_at": "2026-01-06T09:00:00Z",
        "version": 2,
    }


async def test_a_user_reads_exactly_as_promised(staff: Asking) -> None:
    assert await staff.get(f"/users/{world.ADA}") == {
        "id": str(world.ADA),
        "name": "Ada Zürn",
        "email": "ada@msp.example",
        "role": "customer",
        "customer": {"id": str(world.ACME), "name": "Acme AG"},
        "status": "active",
        "created_at": "2026-01-05T09:00:00Z",
        "updated_at": "2026-01-05T09:00:00Z",
        "version": 1,
    }


async def test_a_group_reads_exactly_as_promised(staff: Asking) -> None:
    assert await staff.get(f"/groups/{world.FIRST_LEVEL}") == {
        "id": str(world.FIRST_LEVEL),
        "name": "First level",
        "description": "Takes calls.",
        "status": "active",
        "created_at": "2026-01-05T09:00:00Z",
        "updated_at": "2026-01-05T09:00:00Z",
        "version": 1,
    }


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("/customers", ["Acme AG", "Bolt 100% KG"]),
        ("/customers?order=desc", ["Bolt 100% KG", "Acme AG"]),
        ("/customers?sort=number&order=desc", ["Bolt 100% KG", "Acme AG"]),
        ("/customers?sort=updated_at", ["Acme AG", "Bolt 100% KG"]),
        ("/customers?search=ACME", ["Acme AG"]),
        ("/customers?search=0002", ["Bolt 100% KG"]),
        ("/customers?name=bolt", ["Bolt 100% KG"]),
        ("/customers?name=0%25", ["Bolt 100% KG"]),
        ("/customers?name=%25", ["Bolt 100% KG"]),
        ("/customers?name=_", []),
        ("/customers?name=%5C", []),
        ("/customers?number=10001", ["Acme AG"]),
        ("/customers?email=Ada@ACME.example", ["Acme AG"]),
        ("/customers?email=acme.example", ["Acme AG"]),
        ("/customers?email=", []),
        ("/customers?status=archived", ["Bolt 100% KG"]),
        ("/users", ["Ada Zürn", "Noah Network", "Tess Lead"]),
        ("/users?sort=email&order=desc", ["Tess Lead", "Noah Network", "Ada Zürn"]),
        ("/users?search=zürn", ["Ada Zürn"]),
        ("/users?search=noah@", ["Noah Network"]),
        ("/users?name=tess", ["Tess Lead"]),
        ("/users?email=TESS@msp.example", ["Tess Lead"]),
        ("/users?role=customer", ["Ada Zürn"]),
        (f"/users?customer_id={world.ACME}", ["Ada Zürn"]),
        ("/users?status=deactivated", ["Noah Network"]),
        ("/groups", ["First level", "Network"]),
        ("/groups?search=calls", ["First level"]),
        ("/groups?name=NET", ["Network"]),
        ("/groups?status=active", ["First level"]),
    ],
)
async def test_a_list_shows_what_it_is_narrowed_to(
    staff: Asking, query: str, names: list[str]
) -> None:
    page = await staff.get(query)

    assert [row["name"] for row in page["data"]] == names
    assert page["meta"]["total"] == len(names)


@pytest.mark.parametrize("slice_", ["customers", "users", "groups"])
@pytest.mark.parametrize("sort", ["name", "created_at", "updated_at"])
async def test_a_cursor_shows_every_row_once(staff: Asking, slice_: str, sort: str) -> None:
    whole = await staff.get(f"/{slice_}?sort={sort}&order=desc")

    walked = await staff.all(f"/{slice_}?sort={sort}&order=desc&cursor=start&limit=1")

    assert walked == whole["data"]


@pytest.mark.parametrize("slice_", ["customers", "users", "groups"])
async def test_what_does_not_exist_is_not_found(staff: Asking, slice_: str) -> None:
    problem = await staff.get(f"/{slice_}/{world.LIFE}", status=404)

    singular = slice_.removesuffix("s").capitalize()
    assert problem["type"] == f"urn:psa:problem:{singular}NotFound"


@pytest.mark.parametrize(
    "query",
    ["number=0", "number=1000000000", "number=x", "status=gone", "sort=address", "name=%00"],
)
async def test_a_filter_that_makes_no_sense_is_refused_by_name(staff: Asking, query: str) -> None:
    problem = await staff.get(f"/customers?{query}", status=400)

    assert [error["field"] for error in problem["errors"]] == [query.partition("=")[0]]
