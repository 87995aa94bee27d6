"""The HTTP API on a database that all tests here share: each works with records of its own."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import msgspec
import psycopg
import pytest
import pytest_asyncio
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from infra.embedded import Urls
from projections import schema
from tests.commands.http import Api, serving
from tests.conftest import TEMPLATE


@pytest.fixture(scope="session")
def api_urls(urls: Urls) -> Iterator[Urls]:
    """The shared servers, with a database for the HTTP tests."""
    name = f"http_{uuid4().hex[:12]}"
    with psycopg.connect(urls.postgres_owner, autocommit=True) as owner:
        owner.execute(
            SQL("create database {} template {}").format(Identifier(name), Identifier(TEMPLATE))
        )
        own = msgspec.structs.replace(
            urls,
            postgres=make_conninfo(urls.postgres, dbname=name),
            postgres_owner=make_conninfo(urls.postgres_owner, dbname=name),
        )
        schema.ensure(own.postgres)
        yield own
        owner.execute(SQL("drop database {} with (force)").format(Identifier(name)))


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
