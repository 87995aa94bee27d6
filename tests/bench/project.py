"""How fast a worker folds tickets, beside the library's ProjectionRunner on the same Postgres.

Run with `python -m tests.bench.project [events]`. In turns, both fold events of a service desk
into tables of the same columns and indexes, each from its own log, on a server with fsync on.
The library gets our encoding, which takes a fifth of the time of its own, and a view that writes
each event with a single prepared statement.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import psycopg
import structlog
import uvloop
from eventsourcing.application import Application
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.json import Jsonb
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import JSONB

from domain.base import Event
from eventstore.feed import Feed, PollingFeed
from eventstore.log import Log, open_pool
from eventstore.migrate import migrate
from eventstore.records import Recorded
from projections.desk.tickets import VIEW, tickets
from projections.running.worker import Worker
from projections.schema import ensure
from projections.view import Key, Row
from tests.bench.servers import durable, machine
from tests.projections.busy_desk import days
from tests.projections.given import append, record

EVENTS: Final = 50_000
TURNS: Final = 3
LIBRARY_SHARE: Final = 30
"""The library gets a thirtieth of the events in each turn: all of them would take minutes."""
PAGE: Final = 5_000
"""Events per batch, as the feed delivers them in production to a worker that lags behind."""


def run(events: int) -> dict[str, Any]:
    """Return the figures; rates are the medians of all turns, times those of every batch."""
    history = list(days(events))
    with tempfile.TemporaryDirectory(prefix="psa-bench-") as folder, durable(Path(folder)) as urls:
        migrate(urls.postgres_owner, app_role="psa_app")
        ensure(urls.postgres, [VIEW])
        append(urls.postgres, history)
        library = Library(urls.postgres)
        ours, theirs, laps = [], [], []
        for turn in range(TURNS):
            rate, taken = measure_worker(urls.postgres, events)
            ours.append(rate)
            laps += taken
            size = events // LIBRARY_SHARE
            theirs.append(library.measure(history[turn * size : (turn + 1) * size]))
        our_rate, their_rate = statistics.median(ours), statistics.median(theirs)
        cuts = statistics.quantiles(laps, n=100)
        return {
            "bench": "project",
            "value": round(our_rate),
            "unit": "events/s",
            "baseline": {"name": "eventsourcing ProjectionRunner", "value": round(their_rate)},
            "ratio": round(our_rate / their_rate, 1),
            **{f"p{share}_ms": round(1000 * cuts[share - 1], 1) for share in (50, 95, 99)},
            "machine": machine(urls.postgres, Path(folder)),
        }


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


def measure_worker(url: str, head: int) -> tuple[float, list[float]]:
    """Return events per second, and how long each batch took from reading to commit."""
    with psycopg.connect(url) as connection:
        connection.execute("truncate rm.tickets")
        connection.execute("update rm.checkpoints set position = 0")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(fold_everything(url, head))


async def fold_everything(url: str, head: int) -> tuple[float, list[float]]:
    """Let a worker begin at the first event, and stop it after the last."""
    async with open_pool(url) as pool:
        feed = Lapped(PollingFeed(Log(pool), page=PAGE), head)
        began = time.perf_counter()
        await Worker([VIEW], url, feed).run(feed.stop)
        return head / (time.perf_counter() - began), feed.laps


# The library's side.


class Desk(Application):  # type: ignore[type-arg]
    """The library's application, which holds the same history."""


class SqlRows:
    """Rows that are written one at a time, as the library's views do it."""

    def __init__(self, cursor: psycopg.Cursor[Any]) -> None:
        self._cursor = cursor
        self._new: Row = {}

    def insert(self, table: Table, key: Key, /, **values: Any) -> None:
        self._new = {"id": key, **values}

    def update(self, table: Table, key: Key, /, **values: Any) -> None:
        row = {"id": key, **self._new, **values}
        names = list(row)
        changes = ", ".join(f"{name} = %({name})s" for name in names[1:])
        statement = f"update rm.tickets_of_library set {changes} where id = %(id)s"
        if self._new:
            places = ", ".join(f"%({name})s" for name in names)
            statement = (
                f"insert into rm.tickets_of_library ({', '.join(names)}) values ({places})"
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
            VIEW.apply(event, record(event, tracking.notification_id), SqlRows(cursor))


class TicketsProjection(Projection[TicketsView]):
    """Hands every event to the view."""

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        self.view.take_in(domain_event, tracking)


class Library:
    """The library's application, and its runner in turns."""

    def __init__(self, url: str) -> None:
        self._env = settings(url)
        with psycopg.connect(url) as connection:
            connection.execute("create table rm.tickets_of_library (like rm.tickets including all)")

    def measure(self, history: Sequence[Event]) -> float:
        """Record these events, and return how many a second the runner folds."""
        last = self._record(history)
        began = time.perf_counter()
        with ProjectionRunner(
            application_class=Desk,
            projection_class=TicketsProjection,
            view_class=TicketsView,
            env=self._env,
        ) as runner:
            runner.wait(last, timeout=600)
            return len(history) / (time.perf_counter() - began)

    def _record(self, history: Sequence[Event]) -> int | None:
        desk = Desk(self._env)
        # The library's recorder does not come back from a thousand events at once.
        for start in range(0, len(history), 50):
            stored = map(desk.mapper.to_stored_event, history[start : start + 50])
            desk.recorder.insert_events(list(stored))
        last = desk.recorder.max_notification_id()
        desk.close()
        return last


def settings(url: str) -> dict[str, str]:
    """Return the library's settings: its own Postgres recorders, our encoding."""
    address = conninfo_to_dict(url)
    names = {"DBNAME": "dbname", "HOST": "host", "PORT": "port", "USER": "user"}
    return {
        **{f"POSTGRES_{key}": str(address[name]) for key, name in names.items()},
        "POSTGRES_PASSWORD": str(address["password"]),
        "POSTGRES_SCHEMA": "rm",
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "MAPPER_TOPIC": "eventstore.mapper:EventMapper",
    }


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    figures = run(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS)
    print(msgspec.json.encode(figures).decode())
