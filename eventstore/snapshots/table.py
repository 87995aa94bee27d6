"""The table of snapshots: one of each long record, the last that was taken."""

from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

import psycopg
from psycopg.rows import args_row
from psycopg_pool import AsyncConnectionPool

FIND: Final = "select event_id, code, state from es.snapshots where stream_id = %s"
KEEP: Final = "select es.keep_snapshot(%s, %s, %s, %s, %s, %s, %s)"
DROP: Final = "select es.drop_snapshots()"
"""Drops all of them, with their files, and lets none come back that was read before.

One statement, for the owner or the application. An erasure runs it once the keys are destroyed and
every process has forgotten them (`vault.READERS_SECONDS`); a restored backup has none.
"""
KEPT: Final = """
    select stream_id, version, position, code, octet_length(state), taken_at
      from es.snapshots
     order by version desc, stream_id
     limit %s
"""


class Snapshot(NamedTuple):
    """A record as it is kept."""

    stream_id: UUID
    version: int
    position: int
    """Place in the log of the last event."""
    event_id: UUID
    """The id of the last event: the log has to show it before the snapshot counts."""
    code: bytes
    """The fingerprint of the code that folded it."""
    state: bytes


class Kept(NamedTuple):
    """What is told of a snapshot."""

    stream_id: UUID
    version: int
    position: int
    code: bytes
    size: int
    """Of the state, in bytes."""
    taken_at: datetime


class Table:
    """The snapshots of a log, one statement at a time."""

    def __init__(self, pool: AsyncConnectionPool) -> None:
        """Ask through `pool`, whose connections went through `log.configure`."""
        self._pool = pool

    async def find(self, stream_id: UUID) -> tuple[UUID, bytes, bytes] | None:
        """Return the last event's id, the code and the state of a snapshot, or None."""
        async with self._pool.connection() as connection:
            cursor = connection.cursor(binary=True)
            await cursor.execute(FIND, [stream_id], prepare=True)
            row = await cursor.fetchone()
        return row and (row[0], bytes(row[1]), bytes(row[2]))

    async def keep(self, snapshot: Snapshot, seconds: float) -> bool:
        """Keep a snapshot instead of any other of the record.

        Its first event was read `seconds` ago; False where all have been dropped since then.
        """
        async with self._pool.connection() as connection:
            cursor = await connection.execute(KEEP, [*snapshot, seconds], prepare=True)
            row = await cursor.fetchone()
        return bool(row and row[0])


def kept(conninfo: str, limit: int) -> list[Kept]:
    """Return up to `limit` snapshots, those of the longest records first."""
    with psycopg.connect(conninfo) as connection:
        cursor = connection.cursor(binary=True, row_factory=args_row(Kept))
        return cursor.execute(KEPT, [limit]).fetchall()


def drop(conninfo: str) -> int:
    """Drop all snapshots, and return how many there were."""
    with psycopg.connect(conninfo) as connection:
        row = connection.execute(DROP).fetchone()
    return int(row[0]) if row else 0
