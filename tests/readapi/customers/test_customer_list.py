"""What the list of customers can be narrowed to, more exactly than by equality."""

from collections.abc import AsyncIterator, Iterator
from typing import Any, Final
from uuid import UUID

import psycopg
import pytest
import pytest_asyncio

from domain.base import AggregateRoot
from domain.customers.customers import Customer
from domain.customers.standing import Status
from domain.values import Address
from infra.embedded import Urls
from projections.schema import ensure
from tests.conftest import Database, own_database
from tests.given import T0
from tests.readapi import world
from tests.readapi.client import Asking, serving
from tests.readapi.folding import fold_all

BERLIN: Final = Address("Hauptstraße 1", "10115", "Berlin", "DE")
WIEN: Final = Address("Ring 12", "1010", "Wien", "AT")


def _customer(number: int, name: str, address: Address, custom: dict[str, Any]) -> Customer:
    customer = Customer.begin(
        UUID(int=number),
        Customer.Registered,
        T0,
        number=number,
        name=name,
        address=address,
        email_domains=(),
        status=Status.PROSPECT if number == 3 else Status.ACTIVE,
    )
    customer.customize(custom, at=T0)
    return customer


def _customers() -> Iterator[AggregateRoot]:
    acme = _customer(1, "Acme", BERLIN, {"seats": 12, "vip": True, "level": "gold"})
    acme.change(Customer.BillingChanged, T0, vat_id="DE136695976")
    acme.change(Customer.Tagged, T0, tags=("gold", "vip"))
    yield acme
    bolt = _customer(2, "Bolt", WIEN, {"seats": "12", "vip": False, "level": ["gold", "24/7"]})
    bolt.change(Customer.Changed, T0, trade_name="Blitz & Donner")
    bolt.change(Customer.Tagged, T0, tags=("vip",))
    bolt.put_on_hold(reason="Bills are open.", at=T0)
    yield bolt
    yield _customer(3, "Carl", Address(), {"level": "a:b", "note": "true"})


@pytest.fixture(scope="module")
def listed(urls: Urls) -> Iterator[Database]:
    """A database with three customers; not to be changed."""
    with own_database(urls, "customers") as database:
        with psycopg.connect(database.url) as connection:
            world.write(connection, *_customers())
        ensure(database.url)
        yield database


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def asking(listed: Database) -> AsyncIterator[Asking]:
    await fold_all(listed.url)
    async with serving(listed) as desk:
        yield desk.as_(world.STAFF)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("custom=seats:12", "Acme Bolt"),
        ("custom=vip:true", "Acme"),
        ("custom=vip:false", "Bolt"),
        ("custom=note:true", "Carl"),
        ("custom=level:gold", "Acme Bolt"),
        ("custom=level:24/7", "Bolt"),
        ("custom=level:a:b", "Carl"),
        ("custom=level:gold&custom=vip:true", "Acme"),
        ("custom=level:gol", ""),
        ("custom=gold:level", ""),
        ("status=active", "Acme"),
        ("status=on_hold,prospect", "Bolt Carl"),
        ("status=on_hold&status=active", "Acme Bolt"),
        ("status=former", ""),
        ("tag=VIP", "Acme Bolt"),
        ("tag=vip&tag=gold", "Acme"),
        ("vat_id=de136.695.976", "Acme"),
        ("vat_id=DE136695975", ""),
        ("vat_id=", "Bolt Carl"),
        ("country=at", "Bolt"),
        ("search=donner", "Bolt"),
        ("search=berl", "Acme"),
        ("search=1366", "Acme"),
        ("search=ring", ""),
    ],
)
async def test_a_filter_finds_what_it_says(asking: Asking, query: str, names: str) -> None:
    page = await asking.get(f"/customers?{query}")

    assert [row["name"] for row in page["data"]] == names.split()


@pytest.mark.parametrize("pair", ["level", ":gold", "level%00:x"])
async def test_what_is_no_field_with_a_value_is_refused_by_name(asking: Asking, pair: str) -> None:
    problem = await asking.get(f"/customers?custom={pair}", status=400)

    assert [error["field"] for error in problem["errors"]] == ["custom"]


async def test_custom_fields_are_shown_as_they_are_kept(asking: Asking) -> None:
    customer = await asking.get("/customers/2")

    assert customer["custom"] == {"level": ["gold", "24/7"], "seats": "12", "vip": False}
