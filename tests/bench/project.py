"""How fast a worker folds tickets, beside the library's ProjectionRunner on the same Postgres.

Run with `python -m tests.bench.project [events]`. Both fold the same events into the same table,
each from its own log, with fsync on. The library gets our encoding, which takes a fifth of the
time of its own, and a view that writes each event with a single prepared statement.
"""

import asyncio
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import msgspec
import psycopg
import structlog
from eventsourcing.application import Application
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.json import Jsonb
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import JSONB

from domain.base import Event
from eventstore.batches import APPEND, arguments, register
from eventstore.feed import Feed, PollingFeed
from eventstore.log import Log, open_pool
from eventstore.mapper import encode
from eventstore.migrate import migrate
from eventstore.records import Append, Recorded
from infra.embedded import Stack
from projections.schema import ensure
from projections.tickets import VIEW, apply, tickets
from projections.view import Key, Row
from projections.worker import Worker
from tests.projections.desk import days
from tests.projections.given import CAUSE, record

EVENTS: Final = 50_000
LIBRARY_SHARE: Final = 10
"""The library gets a tenth of the events: it would take minutes for all of them."""
PAGE: Final = 1_000
OTHERS: Final = {"PSA_NATS_URL": "nats://unused", "PSA_REDIS_URL": "redis://unused"}


def main(events: int) -> None:
    """Print one line of JSON."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    history = list(days(events))
    with database() as url:
        library = measure_library(url, history[: events // LIBRARY_SHARE])
        empty_view(url)
        ours, laps = asyncio.run(measure_worker(url, history))
    figures = {
        "bench": "project",
        "value": round(ours),
        "unit": "events/s",
        "baseline": {"name": "eventsourcing ProjectionRunner", "value": round(library)},
        "ratio": round(ours / library, 1),
        **{f"p{share}_ms": round(1000 * percentile(laps, share), 2) for share in (50, 95, 99)},
        "machine": f"{os.cpu_count()} × {platform.machine()}, {platform.system()}, PostgreSQL 18",
    }
    print(msgspec.json.encode(figures).decode())


@contextmanager
def database() -> Iterator[str]:
    """Give a migrated database with fsync on, and with the tables of the views."""
    with (
        tempfile.TemporaryDirectory(prefix="psa-bench-") as home,
        Stack(Path(home), external=OTHERS, durable=True) as stack,
    ):
        urls = stack.start()
        migrate(urls.postgres_owner, app_role="psa_app")
        ensure(urls.postgres, [VIEW])
        yield urls.postgres


def empty_view(url: str) -> None:
    """Let the second begin where the first one began."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("truncate rm.tickets")


def percentile(laps: list[float], share: int) -> float:
    """Return the time that this share of the batches did not exceed."""
    return sorted(laps)[min(len(laps) - 1, len(laps) * share // 100)]


# Our side.


class Lapped:
    """A feed that takes the time of every batch, and stops the worker at the end of the log."""

    def __init__(self, feed: Feed, head: int) -> None:
        self.stop = asyncio.Event()
        self.laps: list[float] = []
        self._feed = feed
        self._head = head
        self._began = 0.0

    async def next(self, after: int) -> list[Recorded]:
        if after >= self._head:
            self.stop.set()
            return []
        self._began = time.perf_counter()
        return await self._feed.next(after)

    async def acknowledge(self, position: int) -> None:
        self.laps.append(time.perf_counter() - self._began)

    async def close(self) -> None:
        await self._feed.close()


async def measure_worker(url: str, history: list[Event]) -> tuple[float, list[float]]:
    """Return events per second, and how long each batch took from reading to commit."""
    record_in_our_log(url, history)
    async with open_pool(url) as pool:
        log = Log(pool)
        feed = Lapped(PollingFeed(log, page=PAGE), await log.head())
        began = time.perf_counter()
        await Worker(VIEW, url, feed).run(feed.stop)
        return len(history) / (time.perf_counter() - began), feed.laps


def record_in_our_log(url: str, history: list[Event]) -> None:
    metadata = msgspec.json.encode(CAUSE)
    with psycopg.connect(url, autocommit=True) as connection:
        register(connection.adapters)
        cursor = connection.cursor(binary=True)
        for start in range(0, len(history), PAGE):
            events = [encode(event) for event in history[start : start + PAGE]]
            cursor.execute(APPEND, arguments([Append(uuid4(), b"", metadata, events)]))


# The library's side.


class Desk(Application):  # type: ignore[type-arg]
    """The library's application, which holds the same history."""


class SqlRows:
    """Rows that are written one at a time, as the library's views do it."""

    def __init__(self, cursor: psycopg.Cursor[Any]) -> None:
        self._cursor = cursor
        self._new: Row = {}

    def insert(self, table: Table, key: Key, **values: Any) -> None:
        self._new = {"id": key, **values}

    def update(self, table: Table, key: Key, **values: Any) -> None:
        row = {"id": key, **self._new, **values}
        names = list(row)
        changes = ", ".join(f"{name} = %({name})s" for name in names[1:])
        statement = f"update rm.tickets set {changes} where id = %(id)s"
        if self._new:
            places = ", ".join(f"%({name})s" for name in names)
            statement = (
                f"insert into rm.tickets ({', '.join(names)}) values ({places})"
                f" on conflict (id) do update set {changes}"
            )
        self._cursor.execute(statement, {name: adapted(name, row[name]) for name in names})

    def get(self, table: Table, key: Key) -> Row | None:
        return None

    def delete(self, table: Table, key: Key) -> None:
        raise NotImplementedError


def adapted(name: str, value: Any) -> Any:
    return Jsonb(value) if isinstance(tickets.c[name].type, JSONB) else value


class TicketsView(PostgresTrackingRecorder):
    """The tickets and the library's tracking record, in one transaction."""

    def take_in(self, event: Event, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            apply(event, record(event, tracking.notification_id), SqlRows(cursor))


class TicketsProjection(Projection[TicketsView]):
    """Hands every event to the view."""

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        self.view.take_in(domain_event, tracking)


def measure_library(url: str, history: list[Event]) -> float:
    """Return events per second of the library's runner."""
    env = library_settings(url)
    desk = Desk(env)
    # Its recorder never comes back from a thousand events at once.
    for start in range(0, len(history), 50):
        stored = [desk.mapper.to_stored_event(event) for event in history[start : start + 50]]
        desk.recorder.insert_events(stored)
    last = desk.recorder.max_notification_id()
    desk.close()
    began = time.perf_counter()
    with ProjectionRunner(
        application_class=Desk,
        projection_class=TicketsProjection,
        view_class=TicketsView,
        env=env,
    ) as runner:
        runner.wait(last, timeout=600)
        return len(history) / (time.perf_counter() - began)


def library_settings(url: str) -> dict[str, str]:
    place = conninfo_to_dict(url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "MAPPER_TOPIC": "eventstore.mapper:EventMapper",
        "POSTGRES_DBNAME": str(place["dbname"]),
        "POSTGRES_HOST": str(place["host"]),
        "POSTGRES_PORT": str(place["port"]),
        "POSTGRES_USER": str(place["user"]),
        "POSTGRES_PASSWORD": str(place["password"]),
        "POSTGRES_SCHEMA": "rm",
    }


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS)
