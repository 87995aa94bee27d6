"""After a restore, a command answers with its position and the epoch of that."""

from pathlib import Path

import msgspec
import pytest

from infra.embedded import Urls
from projections import schema
from tests.commands.http import serving
from tests.commands.office import ADMIN
from tests.conftest import Database
from tests.eventstore.restored import begin_epoch


@pytest.fixture
def restored(database: Database, urls: Urls) -> Urls:
    """Where a log answers that has just begun epoch 2."""
    schema.ensure(database.url)
    begin_epoch(database)
    return msgspec.structs.replace(urls, postgres=database.url, postgres_owner=database.owner_url)


async def test_a_command_tells_its_position_with_the_epoch(restored: Urls, tmp_path: Path) -> None:
    async with serving(restored, tmp_path) as api:
        answer = await api.as_(ADMIN).post("/groups", {"name": "Network"})

    assert answer.status_code == 201, answer.text
    position = answer.json()["position"]
    assert answer.headers["x-position"] == f"2-{position}"
    assert answer.json()["min_position"] == f"2-{position}"


async def test_every_command_of_a_list_tells_its_position_with_the_epoch(
    restored: Urls, tmp_path: Path
) -> None:
    names = ("One", "Two")

    async with serving(restored, tmp_path) as api:
        answer = await api.as_(ADMIN).post(
            "/commands", [{"type": "FormGroup", "data": {"name": name}} for name in names]
        )

    told = [one["accepted"] for one in answer.json()]
    assert [one["min_position"] for one in told] == [f"2-{one['position']}" for one in told]
