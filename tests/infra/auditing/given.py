"""A platform with the demo data, sealed, and its command line."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from typer.testing import CliRunner, Result

from eventstore.records import Recorded
from eventstore.sealing.steps import Steps
from infra import bootstrap
from infra.cli import app
from infra.cli.data import load_demo
from infra.embedded import Urls
from infra.seal_keys import SealKeys
from infra.settings import Settings
from tests.conftest import Database, own_database
from tests.eventstore.sealing.given import AT
from tests.infra.auditing.standard import Rows

Psa = Callable[..., Result]
TICKETS = 60


class Platform(msgspec.Struct, frozen=True):
    """A sealed log and the home of its keys."""

    database: Database
    home: Path
    psa: Psa
    """The command line of this installation."""

    def events(self) -> list[Recorded]:
        """All events, as the log tells them."""
        return asyncio.run(_events(self.database, self.home))

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a query answers."""
        with psycopg.connect(self.database.url, options="-c timezone=UTC") as connection:
            return connection.execute(query.encode(), values).fetchall()


async def _events(database: Database, home: Path) -> list[Recorded]:
    urls = Urls(
        postgres=database.url,
        postgres_owner=database.owner_url,
        keys=database.url,
        keys_owner=database.owner_url,
        nats="",
        redis="",
        opensearch=None,
    )
    async with bootstrap.reading(Settings(home=home), urls) as sources:
        return await sources.log.read_all(0, 100_000)


@contextmanager
def demo(urls: Urls, home: Path, tickets: int = TICKETS) -> Iterator[Platform]:
    """Give a platform with the demo data, all of it sealed."""
    with own_database(urls, "export") as database:
        own = msgspec.structs.replace(
            urls,
            postgres=database.url,
            postgres_owner=database.owner_url,
            keys=database.url,
            keys_owner=database.owner_url,
        )
        asyncio.run(load_demo(Settings(home=home), own, tickets=tickets))
        seal(database, home)
        yield platform(database, urls, home)


def platform(database: Database, urls: Urls, home: Path) -> Platform:
    """The command line of an installation with this database."""
    env = {
        "PSA_HOME": str(home),
        "PSA_POSTGRES_URL": database.url,
        "PSA_KEYS_URL": database.url,
        "PSA_NATS_URL": urls.nats,
        "PSA_REDIS_URL": urls.redis,
    }
    return Platform(database, home, lambda *arguments: CliRunner().invoke(app, arguments, env=env))


def seal(database: Database, home: Path) -> None:
    """Seal all that is recorded."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        steps = Steps(connection, SealKeys(home), lambda: AT)
        while steps.seal(at_once=True):
            pass


def export(platform: Platform, target: Path, *options: str) -> Path:
    told = platform.psa("audit", "export", "--out", str(target), *options)
    assert told.exit_code == 0, told.output
    return target


def lines(package: Path) -> Rows:
    with (package / "journal.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def contents(package: Path) -> dict[str, bytes]:
    found = [each for each in package.rglob("*") if each.is_file()]
    return {str(each.relative_to(package)): each.read_bytes() for each in found}
