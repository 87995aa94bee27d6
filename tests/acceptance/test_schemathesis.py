"""Every answer of the API is one that its OpenAPI document promises, whatever it is asked."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import msgspec
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from infra.embedded import Urls
from projections import schema
from tests.acceptance.schemathesis_run import run
from tests.acceptance.serving import admin_token, fill, serving
from tests.conftest import TEMPLATE
from tests.readapi.folding import fold_all

EXAMPLES = int(os.environ.get("PSA_SCHEMATHESIS_EXAMPLES", "8"))
"""Cases for each operation and way of making them; more of them for a longer run."""
SECONDS = int(os.environ.get("PSA_SCHEMATHESIS_SECONDS", "60"))
OPERATIONS = 37
"""How many there are at least: a document that lost its routes must not pass."""


@pytest.fixture
def own_urls(urls: Urls) -> Iterator[Urls]:
    """The shared servers, with a database for this test alone."""
    name = f"schemathesis_{uuid4().hex[:12]}"
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


def test_every_answer_is_a_documented_one(own_urls: Urls, tmp_path: Path) -> None:
    token = admin_token(tmp_path)
    with serving(own_urls, tmp_path) as url:
        fill(url, token)
        asyncio.run(fold_all(own_urls.postgres))

        counts, told = run(url, token, examples=EXAMPLES, seconds=SECONDS)

    assert (counts.failures, counts.errors) == (0, 0), told
    assert counts.tested >= OPERATIONS, told
    assert counts.cases > counts.tested
