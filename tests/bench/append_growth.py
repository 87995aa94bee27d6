"""How fast the log is once it is large: it is filled in SQL, and measured in between."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg

from eventstore.migrate import migrate
from infra.embedded import Urls
from tests.bench.append_facts import HASH, METADATA, STATE, TOPIC
from tests.conftest import APP_ROLE, Database, own_database

PAGE: Final = 50_000
FILL: Final = """
    with new as materialized (
        select position, gen_random_uuid() as stream_id, gen_random_uuid() as command_id
          from generate_series(%(first)s::bigint, %(last)s::bigint) as position
    ), to_events as (
        insert into es.events (position, stream_id, version, event_id, topic,
                               class_version, state, metadata)
        select position, stream_id, 1, gen_random_uuid(), %(topic)s, 1, %(state)s, %(metadata)s
          from new
    ), to_streams as (
        insert into es.streams select stream_id, 1, position, position from new
    )
    insert into es.commands (command_id, request_hash, first_position, last_position)
    select command_id, %(hash)s, position, position from new
"""
HEAD: Final = "select coalesce(max(position), 0) from es.events"


@contextmanager
def empty_log(urls: Urls) -> Iterator[Database]:
    """Give a log of its own, with nothing in it."""
    with own_database(urls, "growth", "template1") as database:
        migrate(database.owner_url, app_role=APP_ROLE)
        yield database


def fill(owner_url: str, rows: int) -> int:
    """Fill the log up to so many events, as if each had come in a command of its own."""
    facts = {"topic": TOPIC, "state": STATE, "metadata": METADATA, "hash": HASH}
    with psycopg.connect(owner_url, autocommit=True) as owner:
        head = _head(owner)
        for first in range(head + 1, rows + 1, PAGE):
            owner.execute(FILL, {**facts, "first": first, "last": min(first + PAGE - 1, rows)})
        # As autovacuum will have done it by the time a log is so large.
        owner.execute("vacuum (analyze) es.events, es.streams, es.commands")
        return _head(owner)


def wal_bytes(url: str) -> int:
    """Return how much WAL the server has written."""
    with psycopg.connect(url) as connection:
        row = connection.execute("select pg_current_wal_lsn() - '0/0'").fetchone()
        return int(row[0]) if row else 0


def _head(owner: psycopg.Connection) -> int:
    row = owner.execute(HEAD).fetchone()
    return int(row[0]) if row else 0
