"""Contacts as they are looked for, and as they stand in each other's place."""

from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import pytest
import pytest_asyncio

from infra.embedded import Urls
from projections.schema import ensure
from tests.conftest import Database, own_database
from tests.given import (
    CONTACT,
    CUSTOMER,
    INTERACTION,
    LOCATION,
    OTHER_CONTACT,
    TICKET,
    contact_added,
    contact_merged,
    contact_taken_in,
    customer_registered,
    interaction_recorded,
    location_registered,
    opened,
)
from tests.projections.given import append, events
from tests.readapi import world
from tests.readapi.client import Asking, Desk, serving
from tests.readapi.folding import fold_all

STRANGER = UUID(int=6)
WITH_DOUBLE = UUID(int=7)
FACTS = (
    customer_registered,
    location_registered,
    interaction_recorded,
    interaction_recorded(originator_id=WITH_DOUBLE, contact_ids=(STRANGER, OTHER_CONTACT)),
    interaction_recorded(originator_id=UUID(int=8), contact_ids=(STRANGER,)),
    contact_added,
    contact_added(originator_id=OTHER_CONTACT, name="Ada Zuern", emails=(), phones=()),
    contact_taken_in,
    contact_merged(originator_id=OTHER_CONTACT, into=CONTACT),
    opened(contact_id=OTHER_CONTACT, location_id=LOCATION),
)
"""A contact, and another one that turned out to be the same; the ticket names that one."""


@pytest.fixture(scope="module")
def merged(urls: Urls) -> Iterator[Database]:
    with own_database(urls, "contacts") as database:
        append(database.url, events(*FACTS))
        ensure(database.url)
        yield database


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(merged: Database) -> AsyncIterator[Desk]:
    await fold_all(merged.url)
    async with serving(merged) as desk:
        yield desk


@pytest.fixture
def staff(desk: Desk) -> Asking:
    return desk.as_(world.STAFF)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("search=zürn", True),
        ("search=ADA@", True),
        ("search=90182", True),
        ("search=030%20/%20901820", True),
        ("search=%2B49%20170", True),
        ("search=99", False),
        ("search=00", False),
        ("search=000", False),
        ("search=0000", False),
        ("search=4711", False),
        ("search=%25", False),
        ("search=purchasing", False),
        ("phone=%2B4930901820", True),
        ("phone=030%20901820", True),
        ("phone=0049%20(0)30%20/%2090%2018%2020", True),
        ("phone=90%2018%2020", False),
        ("phone=call%20me", False),
        ("email=ADA@acme.example", True),
        ("email=acme.example", False),
        ("role=main", True),
        ("role=billing&role=technical", True),
        ("role=billing,emergency", False),
    ],
)
async def test_a_contact_is_found_as_people_write(staff: Asking, query: str, found: bool) -> None:
    page = await staff.get(f"/contacts?{query}")

    assert [row["id"] for row in page["data"]] == ([str(CONTACT)] if found else [])


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", [CONTACT]),
        ("merged=false", [CONTACT]),
        ("merged=true", [OTHER_CONTACT]),
        ("merged=any", [OTHER_CONTACT, CONTACT]),
    ],
)
async def test_merged_contacts_are_listed_when_they_are_asked_for(
    staff: Asking, query: str, ids: list[object]
) -> None:
    page = await staff.get(f"/contacts?{query}")

    assert [row["id"] for row in page["data"]] == [str(one) for one in ids]


async def test_a_merged_contact_says_who_stands_in_its_place(staff: Asking) -> None:
    contact = await staff.get(f"/contacts/{OTHER_CONTACT}")

    assert contact["merged_into"] == str(CONTACT)


@pytest.mark.parametrize("part", ["", "?as_of=2030-01-01"])
async def test_a_ticket_shows_who_stands_in_the_place_of_its_contact(
    staff: Asking, part: str
) -> None:
    ticket = await staff.get(f"/tickets/{TICKET}{part}")

    assert ticket["contact"] == {"id": str(CONTACT), "name": "Ada Zürn"}
    assert ticket["location"] == {"id": str(LOCATION), "name": "Head office"}


async def test_before_the_merge_a_contact_stood_for_itself(staff: Asking) -> None:
    before = len(FACTS) - 2

    contact = await staff.get(f"/contacts/{OTHER_CONTACT}?as_of_position={before}")

    assert contact["merged_into"] is None


@pytest.mark.parametrize("contact", [CONTACT, OTHER_CONTACT], ids=["the one", "the merged one"])
async def test_tickets_are_found_by_either_of_two_contacts_that_are_one(
    staff: Asking, contact: object
) -> None:
    page = await staff.get(f"/tickets?contact_id={contact}&customer_id={CUSTOMER}")

    assert [row["id"] for row in page["data"]] == [str(TICKET)]


@pytest.mark.parametrize("contact", [CONTACT, OTHER_CONTACT], ids=["the one", "the merged one"])
async def test_what_was_spoken_with_a_contact_is_found_by_either(
    staff: Asking, contact: UUID
) -> None:
    page = await staff.get(f"/interactions?contact_id={contact}")

    assert {row["id"] for row in page["data"]} == {str(INTERACTION), str(WITH_DOUBLE)}
