"""What `psa status` tells of the services behind the views."""

import asyncio
import json

import pytest
from typer.testing import CliRunner

from infra import bootstrap
from infra.cli import app
from infra.embedded import Urls
from projections.schema import ensure
from tests.conftest import Database

AWAY = "postgresql://psa@127.0.0.1:1/psa_keys"


@pytest.mark.parametrize("reachable", [True, False])
def test_it_names_the_keys(database: Database, urls: Urls, reachable: bool) -> None:
    ensure(database.url)
    asyncio.run(bootstrap.stream_position(urls))  # Makes the stream, which a line of the log tells.
    env = {
        "PSA_POSTGRES_URL": database.url,
        "PSA_KEYS_URL": urls.keys if reachable else AWAY,
        "PSA_NATS_URL": urls.nats,
        "PSA_REDIS_URL": urls.redis,
        "COLUMNS": "200",
    }

    for_programs = CliRunner().invoke(app, ["status", "--json"], env=env)
    for_people = CliRunner().invoke(app, ["status"], env=env)

    assert json.loads(for_programs.stdout)["keys"] is reachable
    # The line is as wide as the table below it.
    words = " ".join(for_people.output.split())
    assert f"· keys: {'reachable' if reachable else 'unreachable'} ·" in words
