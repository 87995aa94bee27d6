"""Contacts that may be the same person: which are proposed, why, and in which order."""

from collections.abc import AsyncIterator, Iterator
from typing import Final
from uuid import UUID

import psycopg
import pytest
import pytest_asyncio

from domain.base import AggregateRoot
from domain.customers.contacts import Contact
from domain.customers.customers import Customer
from domain.customers.particulars import Language
from domain.customers.people import Salutation
from domain.values import Address, CustomerId, EmailAddress, PhoneNumber
from infra.embedded import Urls
from projections.schema import ensure
from tests.conftest import Database, own_database
from tests.given import T0
from tests.readapi import world
from tests.readapi.client import Asking, Desk, serving
from tests.readapi.folding import fold_all

FIRM, OTHER_FIRM = (CustomerId(UUID(int=n)) for n in (101, 102))
ADA, ZUERN, TYPO, SHORT, LEFT, NAMESAKE, BEN, CARL, MERGED, NOBODY, SIGNS = (
    UUID(int=n) for n in range(1, 12)
)

EMAIL: Final = "same_email"
PHONE: Final = "same_phone"
NAME: Final = "similar_name"
DESK: Final = "+4980315550"


def _customer(id: CustomerId) -> Customer:
    return Customer.begin(
        id,
        Customer.Registered,
        T0,
        number=id.int,
        name=f"Firm {id.int}",
        address=Address(),
        email_domains=(),
    )


def _contact(
    id: UUID, name: str, *emails: str, phones: tuple[str, ...] = (), of: CustomerId = FIRM
) -> Contact:
    return Contact.begin(
        id,
        Contact.Added,
        T0,
        customer_id=of,
        name=name,
        title="",
        salutation=Salutation.NONE,
        job_title="",
        roles=(),
        emails=tuple(EmailAddress(email) for email in emails),
        phones=tuple(PhoneNumber(phone) for phone in phones),
        location_id=None,
        language=Language.GERMAN,
        notes="",
        do_not_contact=False,
    )


def _records() -> Iterator[AggregateRoot]:
    yield from (_customer(FIRM), _customer(OTHER_FIRM))
    yield _contact(ADA, "Ada Zürn", "ada@firm.example", phones=(DESK,))
    yield _contact(ZUERN, "ZUERN, Ada", "zuern@firm.example", "ada@firm.example")
    yield _contact(TYPO, "Dr. Ada Zürm")
    yield _contact(SHORT, "A. Zürn")
    yield _contact(LEFT, "Ada Li", "li@home.example", "ada@firm.example", of=OTHER_FIRM)
    yield _contact(NAMESAKE, "Ada Zürn", of=OTHER_FIRM)
    yield _contact(BEN, "Ben Ott", "ben@firm.example", phones=("+491701234567", DESK))
    yield _contact(CARL, "Carl Ott", "ott@firm.example")
    # Neither says anything; nor do two without an address.
    yield from (_contact(NOBODY, "???"), _contact(SIGNS, "!!!"))
    merged, into = _contact(MERGED, "Ada Zürn"), _contact(UUID(int=50), "Zoe Quint")
    merged.merge(into, at=T0)
    yield from (merged, into)


@pytest.fixture(scope="module")
def alike(urls: Urls) -> Iterator[Database]:
    """A database with contacts some of which are alike; not to be changed."""
    with own_database(urls, "doubles") as database:
        with psycopg.connect(database.url) as connection:
            world.write(connection, *_records())
        ensure(database.url)
        yield database


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def doubles(alike: Database) -> AsyncIterator[Desk]:
    await fold_all(alike.url)
    async with serving(alike) as desk:
        yield desk


@pytest.fixture
def asking(doubles: Desk) -> Asking:
    return doubles.as_(world.STAFF)


async def _proposed(asking: Asking, id: UUID) -> dict[int, list[str]]:
    pairs = (await asking.get(f"/contacts/{id}/duplicates"))["data"]
    return {
        UUID(pair["other"]["id"]).int: [one["reason"] for one in pair["reasons"]] for pair in pairs
    }


@pytest.mark.parametrize(
    ("of", "wanted"),
    [
        (
            ADA,
            {ZUERN: [EMAIL, NAME], TYPO: [NAME], SHORT: [NAME], LEFT: [EMAIL], BEN: [PHONE]},
        ),
        (ZUERN, {ADA: [EMAIL, NAME], LEFT: [EMAIL], TYPO: [NAME], SHORT: [NAME]}),
        (TYPO, {ADA: [NAME], ZUERN: [NAME]}),
        (SHORT, {ADA: [NAME], ZUERN: [NAME]}),
        (LEFT, {ADA: [EMAIL], ZUERN: [EMAIL]}),
        (BEN, {ADA: [PHONE]}),
        (CARL, {}),
        (NAMESAKE, {}),
        (NOBODY, {}),
    ],
    ids=[
        "first address",
        "second address, words turned round",
        "typo and title",
        "initial",
        "second address of both",
        "second number",
        "family name alone",
        "name at another customer",
        "no word in the name",
    ],
)
async def test_who_may_be_the_same_is_proposed_with_the_reasons(
    asking: Asking, of: UUID, wanted: dict[UUID, list[str]]
) -> None:
    proposed = await _proposed(asking, of)

    assert proposed == {other.int: reasons for other, reasons in wanted.items()}


async def test_the_likeliest_come_first_each_with_a_score(asking: Asking) -> None:
    pairs = (await asking.get(f"/contacts/{ADA}/duplicates"))["data"]

    scores = [pair["score"] for pair in pairs]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score < 1 for score in scores)
    assert pairs[0] == {
        "kind": "contact",
        "one": {"id": str(ADA), "name": "Ada Zürn"},
        "other": {"id": str(ZUERN), "name": "ZUERN, Ada"},
        "score": 0.94,
        "reasons": [{"reason": EMAIL}, {"reason": NAME}],
    }


async def test_all_pairs_of_contacts_are_proposed_once(asking: Asking) -> None:
    pairs = (await asking.get("/duplicates?kind=contact&limit=100"))["data"]

    found = [(UUID(p["one"]["id"]).int, UUID(p["other"]["id"]).int) for p in pairs]
    assert sorted(found) == [(1, 2), (1, 3), (1, 4), (1, 5), (1, 7), (2, 3), (2, 4), (2, 5)]
    assert {pair["kind"] for pair in pairs} == {"contact"}


async def test_a_merged_contact_is_proposed_no_more(asking: Asking) -> None:
    assert await _proposed(asking, MERGED) == {}
    assert MERGED.int not in await _proposed(asking, ADA)


async def test_duplicates_of_no_contact_are_not_found(asking: Asking) -> None:
    problem = await asking.get(f"/contacts/{UUID(int=99)}/duplicates", status=404)

    assert problem["type"] == "urn:psa:problem:ContactNotFound"


async def test_customers_people_are_not_told_of_doubles(doubles: Desk) -> None:
    portal = doubles.as_(world.OF_ACME)

    paths = ("/duplicates?kind=contact", f"/contacts/{ADA}/duplicates")
    assert [await portal.status(path) for path in paths] == [403, 403]
