"""Finding those of whom something is told."""

from typing import Any

import pytest

from tests.given import CUSTOMER, OTHER_CUSTOMER, USER
from tests.readapi.client import Asking
from tests.readapi.people.circle import ADA, ANONYMOUS, BO, DOUBLE, ELSEWHERE, MERGED


async def found(admin: Asking, text: str, more: str = "") -> list[Any]:
    return list((await admin.get(f"/privacy/subjects?text={text}{more}"))["data"])


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("ADA%20z", {ADA, USER, ANONYMOUS}),
        ("ada@acme", {ADA, USER, ANONYMOUS}),
        ("zuern@ACME.example", {DOUBLE}),
        ("030%20901-820", {ADA}),
        ("%2B49%2030%20901820", {ADA, ANONYMOUS}),
        ("100%25", {BO}),
        ("cy@home", {ELSEWHERE}),
        ("Sol", {ELSEWHERE}),
        ("Werke", {CUSTOMER}),
        ("nobody", set()),
    ],
)
async def test_somebody_is_found_by_name_address_and_number(
    admin: Asking, text: str, ids: set[Any]
) -> None:
    assert {one["id"] for one in await found(admin, text)} == {str(id) for id in ids}


async def test_it_is_told_what_matched_and_whose_person_it_is(admin: Asking) -> None:
    contact, user, ticket = await found(admin, "ada@acme")

    assert contact == {
        "kind": "contact",
        "id": str(ADA),
        "label": "Ada Zürn",
        "number": None,
        "matched": {"email": ["ada@acme.example"]},
        "customer": {"id": str(CUSTOMER), "name": "Acme Werke GmbH"},
        "merged_into": None,
    }
    assert (user["kind"], user["matched"]) == ("user", {"email": ["ada@acme.example"]})
    assert (ticket["label"], ticket["number"]) == ("T-000003", 3)
    assert ticket["matched"] == {"requester.email": ["ada@acme.example"]}


async def test_of_a_merged_record_it_is_told_what_stands_in_its_place(admin: Asking) -> None:
    (double,) = await found(admin, "zuern@acme.example")
    customers = [one for one in await found(admin, "acme") if one["kind"] == "customer"]

    assert double["merged_into"] == str(ADA)
    assert {one["id"]: one["merged_into"] for one in customers} == {
        str(CUSTOMER): None,
        str(MERGED): str(CUSTOMER),
    }


async def test_a_number_matches_in_any_spelling(admin: Asking) -> None:
    (ada,) = await found(admin, "030%20901-820")

    assert ada["matched"] == {"phone": ["+4930901820"]}


async def test_it_is_told_whether_there_are_more(admin: Asking) -> None:
    few = await admin.get("/privacy/subjects?text=ada&limit=2")
    all_ = await admin.get("/privacy/subjects?text=ada&limit=3")

    assert (len(few["data"]), few["more"]) == (2, True)
    assert (len(all_["data"]), all_["more"]) == (3, False)
    assert few["data"] == all_["data"][:2]


@pytest.mark.parametrize(
    ("query", "field"), [("", "text"), ("?text=", "text"), ("?text=a&limit=0", "limit")]
)
async def test_what_can_not_be_asked_is_refused_by_name(
    admin: Asking, query: str, field: str
) -> None:
    problem = await admin.get(f"/privacy/subjects{query}", status=400)

    assert [error["field"] for error in problem["errors"]] == [field]
    assert str(OTHER_CUSTOMER) not in str(problem)
