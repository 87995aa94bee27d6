"""The HTTP API on a database that all tests here share: each works with records of its own."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from infra.embedded import Urls
from projections import schema
from tests.commands.http import Api, serving
from tests.conftest import own_database


@pytest.fixture(scope="session")
def api_urls(urls: Urls) -> Iterator[Urls]:
    """The shared servers, with a database for the HTTP tests."""
    with own_database(urls, "http") as database:
        schema.ensure(database.url)
        yield msgspec.structs.replace(
            urls,
            postgres=database.url,
            postgres_owner=database.owner_url,
            keys=database.url,
            keys_owner=database.owner_url,
        )


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home whose key signs the tokens."""
    return tmp_path_factory.mktemp("home")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def api(api_urls: Urls, home: Path) -> AsyncIterator[Api]:
    """The running API; tests that use it share its loop (`loop_scope="session"`)."""
    opened: asyncio.Future[Api] = asyncio.get_running_loop().create_future()
    closing = asyncio.Event()

    async def run() -> None:
        async with serving(api_urls, home) as api:
            opened.set_result(api)
            await closing.wait()

    # A fixture begins and ends in different tasks, which the application's start can not.
    running = asyncio.create_task(run())
    running.add_done_callback(lambda ended: opened.cancel() and ended.result())
    yield await opened
    closing.set()
    await running
