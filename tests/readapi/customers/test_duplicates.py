"""Customers that may be the same: which are proposed, why, and in which order."""

from collections.abc import AsyncIterator, Iterator
from typing import Any, Final
from uuid import UUID

import psycopg
import pytest
import pytest_asyncio

import readapi.doubles
from domain.base import AggregateRoot
from domain.customers.customers import Customer
from domain.customers.standing import Status
from domain.values import Address
from infra.embedded import Urls
from projections.schema import ensure
from tests.conftest import Database, own_database
from tests.given import T0
from tests.readapi import world
from tests.readapi.client import Asking, Desk, serving
from tests.readapi.folding import fold_all

HUBER, HUBBER, BROT, BREZE, ALONE, MERGED, SHARING = (UUID(int=n) for n in range(1, 8))


def _customer(id: UUID, name: str, *domains: str, **changed: Any) -> Customer:
    customer = Customer.begin(
        id,
        Customer.Registered,
        T0,
        number=id.int,
        name=name,
        address=Address(),
        email_domains=domains,
        status=Status.ACTIVE,
    )
    plain = {name: value for name, value in changed.items() if name == "trade_name"}
    if plain:
        customer.change(Customer.Changed, T0, **plain)
    if billing := {name: value for name, value in changed.items() if name not in plain}:
        customer.change(Customer.BillingChanged, T0, **billing)
    return customer


def _customers() -> Iterator[AggregateRoot]:
    yield _customer(HUBER, "Bäckerei Huber GmbH & Co. KG", "huber.example", vat_id="DE136695976")
    yield _customer(HUBBER, "BAECKEREI HUBBER", vat_id="DE136695976")
    yield _customer(BROT, "Brot und Mehr OHG", trade_name="Bäckerei Huber")
    yield _customer(BREZE, "Breze 24 GmbH", invoice_email="rechnung@huber.example")
    yield _customer(SHARING, "Filiale Süd", invoice_email="rechnung@huber.example")
    yield _customer(ALONE, "Metallbau Krüger", "krueger.example", vat_id="ATU13585627")
    merged, into = _customer(MERGED, "Bäckerei Huber"), _customer(UUID(int=9), "Zahnarzt Meier")
    merged.merge(into, [], at=T0)
    yield from (merged, into)


@pytest.fixture(scope="module")
def alike(urls: Urls) -> Iterator[Database]:
    """A database with customers some of which are alike; not to be changed."""
    with own_database(urls, "doubles") as database:
        with psycopg.connect(database.url) as connection:
            world.write(connection, *_customers())
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


VAT: Final = "same_vat_id"
NAME: Final = "similar_name"
DOMAIN: Final = "same_email_domain"
INVOICE: Final = "same_invoice_email"


async def _proposed(asking: Asking, path: str) -> dict[int, list[str]]:
    pairs = (await asking.get(path))["data"]
    return {
        UUID(pair["other"]["id"]).int: [one["reason"] for one in pair["reasons"]] for pair in pairs
    }


@pytest.mark.parametrize(
    ("of", "wanted"),
    [
        (HUBER, {HUBBER: [VAT, NAME], BROT: [NAME], BREZE: [DOMAIN], SHARING: [DOMAIN]}),
        (HUBBER, {HUBER: [VAT, NAME]}),
        (BROT, {HUBER: [NAME]}),
        (BREZE, {SHARING: [INVOICE], HUBER: [DOMAIN]}),
        (ALONE, {}),
    ],
    ids=["vat id", "typo", "trade name", "invoice address", "none"],
)
async def test_what_may_be_the_same_is_proposed_with_its_reasons(
    asking: Asking, of: UUID, wanted: dict[UUID, list[str]]
) -> None:
    proposed = await _proposed(asking, f"/customers/{of}/duplicates")

    assert proposed == {other.int: reasons for other, reasons in wanted.items()}


async def test_the_likeliest_come_first_each_with_a_score(asking: Asking) -> None:
    pairs = (await asking.get(f"/customers/{HUBER}/duplicates"))["data"]

    scores = [pair["score"] for pair in pairs]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score < 1 for score in scores)
    assert pairs[0] == {
        "kind": "customer",
        "one": {"id": str(HUBER), "name": "Bäckerei Huber GmbH & Co. KG"},
        "other": {"id": str(HUBBER), "name": "BAECKEREI HUBBER"},
        "score": 0.9727,
        "reasons": [{"reason": VAT}, {"reason": NAME}],
    }


async def test_all_pairs_of_a_kind_are_proposed_once(asking: Asking) -> None:
    pairs = (await asking.get("/duplicates?kind=customer&limit=100"))["data"]

    found = [frozenset((UUID(p["one"]["id"]).int, UUID(p["other"]["id"]).int)) for p in pairs]
    assert len(found) == len(set(found))
    assert {tuple(sorted(pair)) for pair in found} == {
        (1, 2), (1, 3), (1, 4), (1, 7), (4, 7),
    }  # fmt: skip


async def test_of_many_pairs_those_with_the_lowest_ids_are_looked_at(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readapi.doubles, "CANDIDATES", 1)

    pairs = (await asking.get("/duplicates?limit=100"))["data"]

    # By bills that go to the other's domain, (1, 4) comes before (1, 7).
    found = [(UUID(p["one"]["id"]).int, UUID(p["other"]["id"]).int) for p in pairs]
    assert sorted(found) == [(1, 2), (1, 3), (1, 4), (4, 7)]


async def test_no_more_are_proposed_than_were_asked_for(asking: Asking) -> None:
    everything = (await asking.get("/duplicates?limit=100"))["data"]

    assert (await asking.get("/duplicates?limit=2"))["data"] == everything[:2]


async def test_what_is_merged_is_proposed_no_more(asking: Asking) -> None:
    assert await _proposed(asking, f"/customers/{MERGED}/duplicates") == {}
    assert MERGED.int not in await _proposed(asking, f"/customers/{HUBER}/duplicates")


async def test_a_customer_is_asked_about_by_number_too(asking: Asking) -> None:
    by_number = await asking.get("/customers/1/duplicates")

    assert by_number == await asking.get(f"/customers/{HUBER}/duplicates")


async def test_duplicates_of_nobody_are_not_found(asking: Asking) -> None:
    problem = await asking.get(f"/customers/{UUID(int=99)}/duplicates", status=404)

    assert problem["type"] == "urn:psa:problem:CustomerNotFound"


async def test_customers_people_are_not_told_who_else_there_is(doubles: Desk) -> None:
    portal = doubles.as_(world.OF_ACME)

    statuses = [await portal.status(path) for path in ("/duplicates", "/customers/1/duplicates")]

    assert statuses == [403, 403]


async def test_a_kind_that_has_no_duplicates_is_refused_by_name(asking: Asking) -> None:
    problem = await asking.get("/duplicates?kind=ticket", status=400)

    assert [error["field"] for error in problem["errors"]] == ["kind"]
