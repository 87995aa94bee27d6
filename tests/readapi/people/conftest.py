"""The people of `circle`, appended and folded once; tests that only read share them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

import pytest
import pytest_asyncio

from infra.embedded import Urls
from projections.schema import ensure
from readapi import views
from readapi.context import Asked, Context, Patience, Sources
from readapi.views import Views
from tests.conftest import Database, own_database
from tests.projections.given import append, events
from tests.readapi.client import Asking, Desk, serving
from tests.readapi.every import ADMIN
from tests.readapi.folding import fold_all
from tests.readapi.people import circle


@pytest.fixture(scope="session")
def people(urls: Urls) -> Iterator[Database]:
    """A database with all of them in its log and its views."""
    with own_database(urls, "people") as database:
        append(database.url, events(*circle.facts()))
        ensure(database.url)
        asyncio.run(fold_all(database.url))
        yield database


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def office(people: Database) -> AsyncIterator[Desk]:
    """The query API over them."""
    async with serving(people) as desk:
        yield desk


@pytest.fixture
def admin(office: Desk) -> Asking:
    """An administrator."""
    return office.as_(ADMIN)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def ctx(people: Database) -> AsyncIterator[Context]:
    """A question that nobody asked over HTTP."""
    nothing = cast("Any", None)
    async with views.open_pool(people.url, size=1) as pool:
        sources = Sources(Views(pool), nothing, nothing, nothing)
        yield Context(sources, ADMIN, Asked("/", {}), Patience())
