"""The desk of `world`, appended and folded once; tests that only read share it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio

from infra.embedded import Urls
from projections.schema import ensure
from readapi.entries import entries_of
from readapi.search import Kind
from readapi.table import TABLE
from tests.conftest import Database, own_database
from tests.given import CUSTOMER
from tests.projections.given import append
from tests.readapi import world
from tests.readapi.client import Asking, Desk, Text, serving
from tests.readapi.every import all_events, life_of
from tests.readapi.folding import fold_all
from tests.readapi.pretended import COLLEAGUES, CONFIDENTIAL

TEXTS = (
    Text(world.LIFE, Kind.TICKET, "T-000001", world.ACME, "All printers jam", "what a mess"),
    Text(world.named("ticket 2"), Kind.TICKET, "T-000002", world.BOLT, "Case 2: printers"),
    Text(world.named("ticket 13"), Kind.TICKET, "T-000013", world.ACME, "Case 13: printers"),
    Text(world.ACME, Kind.CUSTOMER, "10001", world.ACME, "Acme AG makes printers"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let all tests of this folder share one loop, and with it one running API."""
    for item in items:
        if pytest_asyncio.is_async_test(item) and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def filled(urls: Urls) -> Iterator[Database]:
    """A database with the whole world in its log and its views; not to be changed."""
    with own_database(urls, "readapi") as database:
        with psycopg.connect(database.url) as connection:
            world.write(connection, *world.customers(), *world.people(), *world.tickets())
        ensure(database.url)
        asyncio.run(fold_all(database.url))
        yield database


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def desk(filled: Database) -> AsyncIterator[Desk]:
    """The query API over the whole world."""
    async with serving(filled, *TEXTS) as desk:
        yield desk


@pytest.fixture
def staff(desk: Desk) -> Asking:
    """A technician, who may see every customer."""
    return desk.as_(world.STAFF)


@pytest.fixture
def acme(desk: Desk) -> Asking:
    """A portal user of Acme."""
    return desk.as_(world.OF_ACME)


@pytest.fixture(scope="session")
def everything(urls: Urls) -> Iterator[Database]:
    """A database with two records of every kind in its log and its views."""
    with own_database(urls, "resources") as database:
        append(database.url, all_events())
        ensure(database.url)
        yield database


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def api(everything: Database) -> AsyncIterator[Desk]:
    """The query API over them, and over the resource that only tests know."""
    await fold_all(everything.url)
    texts = [
        Text(life_of(kind)[0].originator_id, kind, "1", CUSTOMER, "something") for kind in Kind
    ]
    further = [entry for one in (CONFIDENTIAL, COLLEAGUES) for entry in entries_of(one)]
    async with serving(everything, *texts, table=(*TABLE, *further)) as desk:
        yield desk
