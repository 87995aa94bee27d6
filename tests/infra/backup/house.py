"""A home with an embedded PostgreSQL alone: facts are recorded and sealed, backed up, lost."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from eventstore.migrate import migrate
from eventstore.sealing import seals
from eventstore.sealing.steps import Steps
from eventstore.sealing.verify import Report, verify
from infra import backing, sealing
from infra.backing import Restore
from infra.backup import clusters
from infra.backup.carrying import carry, waiting
from infra.backup.clusters import LOG
from infra.backup.creating import create
from infra.backup.repository import Backup
from infra.bootstrap import now
from infra.drivers.anchor_file import AnchorFile
from infra.embedded import Stack, Urls
from infra.embedded import clusters as embedded
from infra.embedded.passwords import Passwords
from infra.seal_keys import SealKeys
from infra.settings import Settings, publish_urls
from projections import schema
from tests.eventstore.given import append
from tests.eventstore.sealing.given import told

ELSEWHERE = {"PSA_NATS_URL": "nats://bus", "PSA_REDIS_URL": "redis://cache"}


class House:
    """One home; its server runs within `running`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.settings = Settings(home=home)
        self.urls: Urls | None = None
        self.stack: Stack | None = None

    @contextmanager
    def running(self) -> Iterator[Urls]:
        """Run the server, its database brought up to date, until the end of the block."""
        with Stack(self.home, external=ELSEWHERE) as stack:
            urls = stack.start()
            migrate(urls.postgres_owner, app_role=embedded.LOG.accounts.app)
            schema.ensure(urls.postgres)
            publish_urls(self.settings, urls)
            self.stack, self.urls = stack, urls
            try:
                yield urls
            finally:
                self.settings.addresses.unlink()

    def record(self, *names: str) -> None:
        """Record a command of four events for each name, seal them, and anchor the seals."""
        with self._connected() as connection:
            steps = Steps(connection, SealKeys(self.home), now)
            for name in names:
                append(connection, told(name))
                steps.seal(at_once=True)
                (seal,) = seals.read_after(connection, steps.sealed - 1)
                asyncio.run(AnchorFile(self.settings.anchors).add([seal]))

    def head(self) -> int:
        """The last position of the log."""
        return int(self._asked("select coalesce(max(position), 0) from es.events"))

    def clock(self) -> datetime:
        """The server's clock."""
        at: datetime = self._asked("select clock_timestamp()")
        return at

    def back_up(self) -> Backup:
        """Make a base backup."""
        repository = clusters.repository(self.settings, LOG, make=True)
        return create(backing.source(self.settings, LOG), repository, lambda _, __: None)

    def carry(self) -> None:
        """Let the server finish the file that it writes, and carry that away."""
        name = self._superuser("select pg_walfile_name(pg_switch_wal())")
        spool = clusters.spool(self.settings)
        while name not in [path.name for path in waiting(spool)]:
            self._asked("select pg_sleep(0.05)")
        carry(spool, clusters.repository(self.settings, LOG))

    def kill(self) -> None:
        """Kill the server like a power cut."""
        assert self.stack is not None
        service = next(one for one in self.stack.services() if one.name == "postgres")
        service.process.kill()
        service.process.wait()

    def restore(self, to: datetime | None) -> Restore:
        """Restore."""
        agreed = backing.terms(self.settings, to, "a test")
        return asyncio.run(
            backing.restore(self.settings, agreed, lambda _, __, ___: None, lambda _: None)
        )

    def verify(self) -> Report:
        """Verify the log against its seals and the anchor file."""
        assert self.urls is not None
        first = SealKeys(self.home).first().public
        return verify(self.urls.postgres, first, sealing.read_anchor_file(self.settings))

    def move(self, home: Path, *names: str) -> "House":
        """Another home, with nothing but what was kept elsewhere."""
        home.mkdir(mode=0o700)
        for name in names:
            shutil.copytree(self.home / name, home / name)
        return House(home)

    def _connected(self) -> psycopg.Connection[Any]:
        assert self.urls is not None
        return psycopg.connect(self.urls.postgres, autocommit=True)

    def _asked(self, query: str) -> Any:
        with self._connected() as connection:
            row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None

    def _superuser(self, query: str) -> Any:
        assert self.urls is not None
        password = Passwords.kept_in(self.home / "passwords.json").postgres
        with psycopg.connect(
            self.urls.postgres, user="postgres", password=password, dbname="postgres"
        ) as connection:
            row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None
