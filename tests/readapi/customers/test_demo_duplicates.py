"""Whoever asks the demo for duplicates sees some."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import psycopg
import pytest
import pytest_asyncio

from commands.demo.story import Story
from infra.embedded import Urls
from projections.schema import ensure
from tests.conftest import Database, own_database
from tests.eventstore.given import append
from tests.readapi import world
from tests.readapi.client import Asking, Desk, serving
from tests.readapi.folding import fold_all


@pytest.fixture(scope="module")
def told(urls: Urls) -> Iterator[Database]:
    """A database with the demo's story; not to be changed."""
    story = Story(1, until=datetime(2026, 7, 1, tzinfo=UTC), tickets=5, first_ticket=1)
    with own_database(urls, "demo") as database:
        with psycopg.connect(database.url) as connection:
            for ordinal, step in enumerate(story.steps()):
                append(connection, story.append(ordinal, step))
        ensure(database.url)
        yield database


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def demo(told: Database) -> AsyncIterator[Desk]:
    await fold_all(told.url)
    async with serving(told) as desk:
        yield desk


@pytest.fixture
def asking(demo: Desk) -> Asking:
    return demo.as_(world.STAFF)


@pytest.mark.parametrize(
    ("kind", "names", "reasons"),
    [
        (
            "customer",
            {"Bäckerei Huber GmbH", "Baeckerei Huber"},
            ["same_vat_id", "similar_name"],
        ),
        ("contact", {"Jürgen Huber", "Juergen Hubert"}, ["similar_name", "same_phone"]),
    ],
)
async def test_the_demo_has_one_pair_of_each_kind(
    asking: Asking, kind: str, names: set[str], reasons: list[str]
) -> None:
    pairs = (await asking.get(f"/duplicates?kind={kind}"))["data"]

    (pair,) = pairs
    assert {pair["one"]["name"], pair["other"]["name"]} == names
    assert [one["reason"] for one in pair["reasons"]] == reasons
