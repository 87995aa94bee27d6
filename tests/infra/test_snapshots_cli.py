"""`psa snapshots`: what there is, and how to be rid of it."""

import json
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from eventstore.log import open_pool
from eventstore.snapshots.code import this_code
from eventstore.snapshots.table import Snapshot, Table
from infra.cli import app
from infra.embedded import Urls
from tests.conftest import Database

Psa = Callable[..., Result]

KEPT = [
    Snapshot(UUID(int=1), 900, 4711, UUID(int=9), this_code(), b"Ada Lovelace"),
    Snapshot(UUID(int=2), 700, 4712, UUID(int=8), b"older", b"Ada Lovelace"),
]


@pytest.fixture
async def psa(database: Database, urls: Urls, tmp_path: Path) -> Psa:
    """The command line of an installation with two snapshots."""
    async with open_pool(database.url, size=1) as pool:
        for snapshot in KEPT:
            await Table(pool).keep(snapshot, 0.0)
    env = {
        "PSA_HOME": str(tmp_path),
        "PSA_POSTGRES_URL": database.url,
        "PSA_KEYS_URL": urls.keys,
        "PSA_NATS_URL": urls.nats,
        "PSA_REDIS_URL": urls.redis,
    }
    return lambda *arguments: CliRunner().invoke(app, arguments, env=env)


def test_snapshots_are_listed_without_what_is_in_them(psa: Psa) -> None:
    told = psa("snapshots", "list")

    assert told.exit_code == 0
    assert told.stdout.startswith("2 snapshots")
    first, second = (line for line in told.stdout.splitlines() if "0000-0000" in line)
    assert "900" in first
    assert "this" in first
    assert "other" in second
    assert "Ada" not in told.stdout


def test_snapshots_are_listed_for_a_program(psa: Psa) -> None:
    told = psa("snapshots", "list", "--limit", "1", "--json")

    (one,) = json.loads(told.stdout)
    assert (one["stream_id"], one["version"], one["size"]) == (str(UUID(int=1)), 900, 12)
    assert one["code"] == this_code().hex()


def test_to_drop_them_only_says_so_unless_it_is_told_twice(psa: Psa) -> None:
    told = psa("snapshots", "drop")

    assert told.exit_code == 0
    assert "--yes" in told.stderr
    assert len(json.loads(psa("snapshots", "list", "--json").stdout)) == 2


def test_dropped_snapshots_are_gone(psa: Psa) -> None:
    told = psa("snapshots", "drop", "--yes")

    assert told.stderr.startswith("2 snapshots are gone")
    assert json.loads(psa("snapshots", "list", "--json").stdout) == []
