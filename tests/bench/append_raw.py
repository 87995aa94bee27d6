"""The limit: the same bytes through the same driver, a batch per commit, and nothing decided.

The sides are rungs of a ladder: each does what the one before it does and one thing more, up to
es.append called in a loop; what is left to our own rate is what an answer to each caller costs.
"""

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import psycopg

from eventstore.batches import APPEND, arguments
from eventstore.packing import Packed, bigints, byteas, register, smallints, texts, uuids
from eventstore.records import Append
from tests.bench.append_facts import Clock, Turn, a_command

TABLES: Final = """
    create schema if not exists raw;
    create table if not exists raw.bare (like es.events including defaults);
    create table if not exists raw.events (like es.events including all);
    create table if not exists raw.streams (like es.streams including all) with (fillfactor = 70);
    create table if not exists raw.commands (like es.commands including all);
"""
COLUMNS: Final = "position, stream_id, version, event_id, topic, class_version, state, metadata"
ROW: Final = f"({', '.join(['%b'] * 8)})"
EVENTS: Final = f"""
    insert into raw.events ({COLUMNS})
    select * from unnest(%b::bigint[], %b::uuid[], %b::bigint[], %b::uuid[], %b::text[],
                         %b::smallint[], %b::bytea[], %b::bytea[])
"""
ALL_TABLES: Final = f"""
    with event as materialized (
        select *
          from unnest(%b::bigint[], %b::uuid[], %b::bigint[], %b::uuid[], %b::text[],
                      %b::smallint[], %b::bytea[], %b::bytea[], %b::uuid[], %b::bytea[])
            as e (position, stream_id, version, event_id, topic, class_version, state, metadata,
                  command_id, request_hash)
    ), to_events as (
        insert into raw.events ({COLUMNS}) select {COLUMNS} from event
    ), to_streams as (
        insert into raw.streams select stream_id, version, position, position from event
    )
    insert into raw.commands (command_id, request_hash, first_position, last_position)
    select command_id, request_hash, position, position from event
"""


class Batches(NamedTuple):
    """How large each is, and for how long they are sent."""

    size: int
    seconds: float


Send = Callable[[psycopg.Cursor[Any], Sequence[Append], int], object]


def values(table: str) -> Send:
    """Return what inserts the rows of a batch as a list of values."""

    def send(cursor: psycopg.Cursor[Any], batch: Sequence[Append], first: int) -> object:
        rows = ", ".join([ROW] * len(batch))
        query = f"insert into raw.{table} ({COLUMNS}) values {rows}"
        flat = [value for row in _rows(batch, first) for value in row]
        return cursor.execute(query.encode(), flat, prepare=True)

    return send


def arrays(cursor: psycopg.Cursor[Any], batch: Sequence[Append], first: int) -> object:
    """Insert the rows of a batch as an array of each column."""
    return cursor.execute(EVENTS, _arrays(batch, first), prepare=True)


def all_tables(cursor: psycopg.Cursor[Any], batch: Sequence[Append], first: int) -> object:
    """Insert streams and commands, too."""
    ids = uuids(one.command_id for one in batch)
    hashes = byteas([one.request_hash for one in batch])
    return cursor.execute(ALL_TABLES, (*_arrays(batch, first), ids, hashes), prepare=True)


def decided(cursor: psycopg.Cursor[Any], batch: Sequence[Append], first: int) -> object:
    """Let es.append decide and insert."""
    return cursor.execute(APPEND, arguments(batch), prepare=True).fetchall()


RUNGS: Final[dict[str, Send]] = {
    "values, a table without indexes": values("bare"),
    "values, a table with our indexes": values("events"),
    "arrays, a table with our indexes": arrays,
    "arrays, our three tables": all_tables,
    "es.append in a loop": decided,
}


@contextmanager
def raw_tables(owner_url: str) -> Iterator[psycopg.Connection]:
    """Give a connection to tables like ours, which nothing guards."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        register(connection.adapters)
        connection.execute(TABLES.encode())
        yield connection


def raw(
    connection: psycopg.Connection, send: Send, places: "itertools.count[int]", turn: Batches
) -> Turn:
    """Commit one batch after another over one connection."""
    cursor = connection.cursor(binary=True)
    clock = Clock(turn.seconds)
    while time.perf_counter() < clock.end:
        start = time.perf_counter()
        batch = [a_command() for _ in range(turn.size)]
        send(cursor, batch, next(places) * turn.size)
        clock.note(start)
    return Turn(len(clock.taken) * turn.size, commits=len(clock.taken))


def _rows(batch: Sequence[Append], first: int) -> Iterator[tuple[Any, ...]]:
    for position, one in enumerate(batch, first):
        [event] = one.events
        yield (
            *(position, event.stream_id, event.version, event.event_id),
            *(event.topic, event.class_version, event.state, one.metadata),
        )


def _arrays(batch: Sequence[Append], first: int) -> tuple[Packed, ...]:
    events = [event for one in batch for event in one.events]
    return (
        bigints(range(first, first + len(batch))),
        uuids(event.stream_id for event in events),
        bigints(event.version for event in events),
        uuids(event.event_id for event in events),
        texts(event.topic for event in events),
        smallints(event.class_version for event in events),
        byteas([event.state for event in events]),
        byteas([one.metadata for one in batch]),
    )
