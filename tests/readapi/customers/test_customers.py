"""Customers as they are read."""

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
        "trade_name": "",
        "register_entry": {"court": "", "number": ""},
        "email_domains": ["acme.example"],
        "status": "active",
        "language": "de",
        "vat_id": "",
        "currency": "EUR",
        "payment_days": 14,
        "invoice_email": "",
        "notes": "",
        "tags": [],
        "account_manager": None,
        "parent": None,
        "custom": {},
        "merged_into": None,
        "created_at": "2026-01-05T09:00:00Z",
        "updated_at": "2026-01-06T09:00:00Z",
        "version": 2,
    }


@pytest.mark.parametrize("part", ["", "?as_of=2030-01-01", "/timeline"])
async def test_a_customer_is_found_by_their_number(staff: Asking, part: str) -> None:
    by_number = await staff.get(f"/customers/10001{part}")

    by_id = await staff.get(f"/customers/{world.ACME}{part}")

    assert {**by_number, "links": None} == {**by_id, "links": None}


@pytest.mark.parametrize("name", ["10003", "C-10001", "0", "9" * 40, "%D9%A1", "Acme AG"])
async def test_what_is_no_customers_number_is_not_found(staff: Asking, name: str) -> None:
    problem = await staff.get(f"/customers/{name}", status=404)

    assert problem["type"] == "urn:psa:problem:CustomerNotFound"


async def test_a_number_does_not_lead_to_another_customer(acme: Asking) -> None:
    await acme.get("/customers/10001")

    for part in ("", "?as_of=2030-01-01", "/timeline"):
        await acme.get(f"/customers/10002{part}", status=404)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("search=0002", ["Bolt 100% KG"]),
        ("search=bolt", ["Bolt 100% KG"]),
        ("name=0%25", ["Bolt 100% KG"]),
        ("name=%25", ["Bolt 100% KG"]),
        ("name=_", []),
        ("name=%5C", []),
        ("email=Ada@ACME.example", ["Acme AG"]),
        ("email=acme.example", ["Acme AG"]),
        ("email=", []),
    ],
)
async def test_a_part_is_looked_for_as_it_is(staff: Asking, query: str, names: list[str]) -> None:
    page = await staff.get(f"/customers?{query}")

    assert [row["name"] for row in page["data"]] == names


@pytest.mark.parametrize(
    "query",
    ["number=0", "number=1000000000", "number=x", "status=gone", "sort=address", "name=%00"],
)
async def test_a_filter_that_makes_no_sense_is_refused_by_name(staff: Asking, query: str) -> None:
    problem = await staff.get(f"/customers?{query}", status=400)

    assert [error["field"] for error in problem["errors"]] == [query.partition("=")[0]]
