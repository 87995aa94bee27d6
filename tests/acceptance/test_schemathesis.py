"""Every answer of the API is one that its OpenAPI document promises, whatever it is asked."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from infra.bootstrap import opened_vault
from infra.embedded import Urls
from infra.settings import Settings
from projections import schema
from tests.acceptance.schemathesis_run import run
from tests.acceptance.serving import admin_token, fill, serving
from tests.conftest import own_database
from tests.readapi.folding import fold_all

EXAMPLES = int(os.environ.get("PSA_SCHEMATHESIS_EXAMPLES", "8"))
"""Cases for each operation and way of making them; more of them for a longer run."""
SECONDS = int(os.environ.get("PSA_SCHEMATHESIS_SECONDS", "60"))
OPERATIONS = 37
"""How many there are at least: a document that lost its routes must not pass."""


@pytest.fixture
def own_urls(urls: Urls) -> Iterator[Urls]:
    """The shared servers, with a database for this test alone."""
    with own_database(urls, "schemathesis") as database:
        schema.ensure(database.url)
        yield msgspec.structs.replace(
            urls,
            postgres=database.url,
            postgres_owner=database.owner_url,
            keys=database.url,
            keys_owner=database.owner_url,
        )


async def fold(urls: Urls, home: Path) -> None:
    """Bring all views up to date."""
    async with opened_vault(Settings(home=home), urls) as vault:
        await fold_all(urls.postgres, vault=vault)


def test_every_answer_is_a_documented_one(own_urls: Urls, tmp_path: Path) -> None:
    token = admin_token(tmp_path)
    with serving(own_urls, tmp_path) as url:
        fill(url, token)
        asyncio.run(fold(own_urls, tmp_path))

        counts, told = run(url, token, examples=EXAMPLES, seconds=SECONDS)

    assert (counts.failures, counts.errors) == (0, 0), told
    assert counts.tested >= OPERATIONS, told
    assert counts.cases > counts.tested
