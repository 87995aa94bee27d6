"""Recorded events, made from facts, and feeds that deliver them."""

import asyncio
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from typing import Any, NoReturn
from uuid import UUID, uuid4, uuid5

import msgspec
import psycopg
import structlog
from psycopg.rows import DictRow, dict_row
from sqlalchemy import Table

from domain.base import Event
from eventstore.batches import APPEND, arguments
from eventstore.log import scan
from eventstore.mapper import encode
from eventstore.packing import register
from eventstore.personal.parts import in_plain, plain
from eventstore.records import Append, Metadata, Recorded
from projections.folding import fold, relevant
from projections.rows import MemoryRows
from projections.running.worker import Worker
from projections.view import Row, View
from tests.given import T0, Fact

COMMAND = UUID("c0330000-0000-4000-8000-000000000001")
CAUSE = Metadata(command_id=COMMAND, actor="tess", correlation_id=COMMAND)


def history(*facts: Fact, after: int = 0) -> list[Recorded]:
    """Return these facts as the log holds them, each stream by itself in order."""
    return [record(event, position) for position, event in enumerate(events(*facts), after + 1)]


def events(*facts: Fact) -> list[Event]:
    """Return the events of these facts, each stream by itself in order."""
    versions: dict[UUID, Iterator[int]] = {}
    found = []
    for fact in facts:
        stream = fact.event().originator_id
        found.append(fact.event(next(versions.setdefault(stream, count(1)))))
    return found


def record(event: Event, position: int, recorded_at: datetime = T0) -> Recorded:
    """Return the event as the log holds it."""
    new = encode(event)
    return Recorded(
        position=position,
        stream_id=new.stream_id,
        version=new.version,
        event_id=uuid5(new.stream_id, str(new.version)),
        topic=new.topic,
        class_version=new.class_version,
        state=plain(new),
        metadata=msgspec.json.encode(CAUSE),
        recorded_at=recorded_at,
    )


def broken(recorded: Recorded) -> Recorded:
    """Return the event with a payload that does not fit its class."""
    return msgspec.structs.replace(recorded, state=b'{"unknown":1}')


def folded(view: View, *facts: Fact) -> MemoryRows:
    """Return the rows that these facts make."""
    rows = MemoryRows(view.tables)
    fold(view, relevant(view, history(*facts)), rows)
    return rows


def row_of(view: View, *facts: Fact) -> Row:
    """Return the only row that these facts make in the first table."""
    (row,) = folded(view, *facts).all(view.tables[0])
    return row


def append(url: str, events: Iterable[Event]) -> None:
    """Put events into the real log."""
    new = [in_plain(encode(event)) for event in events]
    metadata = msgspec.json.encode(CAUSE)
    with psycopg.connect(url, autocommit=True) as connection:
        register(connection.adapters)
        cursor = connection.cursor(binary=True)
        for start in range(0, len(new), 500):
            part = [Append(uuid4(), b"", metadata, new[start : start + 500])]
            cursor.execute(APPEND, arguments(part))


async def follow(view: View, url: str, *, size: int = 100) -> "Pages":
    """Let a worker take in all that is in the real log, and return what it was fed from."""
    feed = Pages([event for page in scan(url) for event in page], size)
    await Worker([view], url, feed).run(feed.stop)
    return feed


def stored(url: str, table: Table) -> list[DictRow]:
    """Return the rows of a table, in the order of its key, without what Postgres computes."""
    names = ", ".join(column.name for column in table.columns if column.computed is None)
    with psycopg.connect(url, row_factory=dict_row) as connection:
        return connection.execute(f"select {names} from {table.fullname} order by 1").fetchall()


def position_of(view: View, url: str) -> int:
    """Return the position of a view's checkpoint."""
    with psycopg.connect(url) as connection:
        statement = "select position from rm.checkpoints where view = %s"
        (position,) = connection.execute(statement, [view.name]).fetchone() or (-1,)
        return int(position)


@contextmanager
def hearing(name: str) -> Iterator[asyncio.Event]:
    """Give an event that is set once a line of this name is logged."""
    heard = asyncio.Event()

    def listen(_: object, __: str, line: MutableMapping[str, Any]) -> NoReturn:
        if line["event"] == name:
            heard.set()
        raise structlog.DropEvent

    before = structlog.get_config()["processors"]
    structlog.configure(processors=[listen])
    try:
        yield heard
    finally:
        structlog.configure(processors=before)


class Deliveries:
    """A feed that delivers these batches, whatever is asked for, and then stops the worker."""

    def __init__(self, *batches: Sequence[Recorded]) -> None:
        self.stop = asyncio.Event()
        self.acknowledged: list[int] = []
        self._batches = list(batches)

    async def next(self, after: int) -> list[Recorded]:
        if not self._batches:
            self.stop.set()
            return []
        return list(self._batches.pop(0))

    async def acknowledge(self, position: int) -> None:
        self.acknowledged.append(position)

    async def close(self) -> None:
        return


class Pages(Deliveries):
    """A feed that delivers what follows, some events at a time, and then stops the worker."""

    def __init__(self, events: Sequence[Recorded], size: int = 100) -> None:
        super().__init__()
        self._events = events
        self._size = size

    async def next(self, after: int) -> list[Recorded]:
        following = [event for event in self._events if event.position > after]
        if not following:
            self.stop.set()
        return following[: self._size]
