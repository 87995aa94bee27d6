"""Destroying keys: what they encrypted is then unreadable, in the log and in every copy of it.

In two steps, since others may hold a key in memory: once an erasure is ordered nobody gets the key
to write with any more; once all who had it have finished (`vault.WRITERS_SECONDS`), it is deleted,
and so are its traces on the disk.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from domain.personal import Retention
from eventstore.log import LINE
from eventstore.records import KeyName

ORDER: Final = """
    insert into keys.erasures (subject, keep)
    select * from unnest(%s::uuid[], %s::text[])
        on conflict do nothing
"""
DESTROY: Final = """
    with asked as (
        select * from unnest(%s::uuid[], %s::text[]) as a (subject, keep)
    ), destroyed as (
        delete from keys.subject_keys k using asked a
         where k.subject = a.subject and k.keep = a.keep
        returning k.subject, k.keep
    )
    update keys.erasures e
       set destroyed_at = coalesce(e.destroyed_at, clock_timestamp()),
           had_key = e.had_key or exists (
               select from destroyed d where d.subject = e.subject and d.keep = e.keep)
      from asked a
     where e.subject = a.subject and e.keep = a.keep
"""
DESTROYED: Final = """
    select count(*)
      from unnest(%s::uuid[], %s::text[]) as a (subject, keep)
      join keys.erasures e using (subject, keep)
     where e.had_key and e.destroyed_at is not null
"""
HELD: Final = "select subject from keys.subject_keys where keep = %s and subject = any (%s)"
DUE: Final = """
    select subject, keep from keys.erasures join keys.subject_keys using (subject, keep)
"""
# The first checkpoint writes what is changed, the second one removes what led there.
ROLL: Final = ("checkpoint", "select pg_catalog.pg_switch_wal()", "checkpoint")


PATIENCE_SECONDS: Final = 120.0
"""How long who still reads old rows is waited for."""
_PAUSE_SECONDS: Final = 0.5
_COUNT: Final = re.compile(r"\d+")


class TracesKept(Exception):
    """What was erased is still on the disk; the message says where, and what to do."""


class RowsKept(TracesKept):
    """Old rows can not be let go of, since somebody may still read them."""

    def __init__(self, table: str) -> None:
        super().__init__(
            f"{table} still holds old rows of what was erased: a transaction that began before can "
            "read them. End it (`pg_stat_activity` names it); then the erasure goes on by itself."
        )


class WalKept(TracesKept):
    """The write-ahead log still holds what was erased."""

    def __init__(self) -> None:
        super().__init__(
            "The write-ahead log still holds what was erased: its owner may not roll it on. Run "
            "`grant pg_checkpoint to …` and, in the database `postgres`, `grant execute on "
            "function pg_switch_wal() to …`; then the erasure goes on by itself."
        )


async def rewrite(
    connection: psycopg.AsyncConnection[Any], table: str, *, patience: float = PATIENCE_SECONDS
) -> None:
    """Write a table anew without its old rows; raises `RowsKept` when they can not be let go of.

    A `vacuum full` copies old rows, too, while any transaction in the database is older than they
    are, be it one that gathers statistics.
    """
    deadline = time.monotonic() + patience
    while await _old_rows_left_by_vacuum(connection, table):
        if time.monotonic() >= deadline:
            raise RowsKept(table)
        await asyncio.sleep(_PAUSE_SECONDS)


async def _old_rows_left_by_vacuum(connection: psycopg.AsyncConnection[Any], table: str) -> int:
    details: list[str] = []

    def hear(diagnostic: psycopg.errors.Diagnostic) -> None:
        details.append(diagnostic.message_detail or "")

    connection.add_notice_handler(hear)
    try:
        name = Identifier(*table.split("."))
        await connection.execute(SQL("vacuum (full, verbose) {}").format(name))
    finally:
        connection.remove_notice_handler(hear)
    # "0 dead row versions cannot be removed yet." In every language the number stands first.
    found = [_COUNT.match(detail) for detail in details]
    return sum(int(count[0]) for count in found if count)


async def roll_wal(owner_url: str) -> None:
    """Let go of the write-ahead log up to here; raises `WalKept` where the owner may not.

    Postgres removes old segments unless `wal_recycle` has it use them again.
    """
    conninfo = make_conninfo(owner_url, dbname="postgres")
    async with await psycopg.AsyncConnection.connect(
        conninfo, autocommit=True, **LINE
    ) as connection:
        try:
            for statement in ROLL:
                await connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            raise WalKept from None


class Eraser:
    """Destroys keys, as the owner of the key store."""

    def __init__(self, owner_url: str, connection: psycopg.AsyncConnection[Any]) -> None:
        """Work on a connection that commits each statement."""
        self._owner_url = owner_url
        self._connection = connection

    @classmethod
    @asynccontextmanager
    async def connected(cls, owner_url: str) -> "AsyncIterator[Eraser]":
        """Give an eraser with a connection of its own."""
        async with await psycopg.AsyncConnection.connect(
            owner_url, autocommit=True, **LINE
        ) as connection:
            yield cls(owner_url, connection)

    async def held(self, subjects: Collection[UUID], keep: Retention) -> list[UUID]:
        """Return those of the subjects who have something that is kept for this reason."""
        cursor = await self._connection.execute(HELD, [keep, list(subjects)])
        return [subject async for (subject,) in cursor]

    async def order(self, names: Collection[KeyName]) -> None:
        """Let nothing more be encrypted with these keys; may be repeated."""
        await self._connection.execute(ORDER, _columns(names))

    async def destroy(self, names: Collection[KeyName]) -> None:
        """Destroy the keys that were ordered to be, and their traces; may be repeated.

        Raises `TracesKept`.
        """
        await self._connection.execute(DESTROY, _columns(names))
        # Rows that are deleted stay on their pages, and in the write-ahead log.
        await rewrite(self._connection, "keys.subject_keys")
        await roll_wal(self._owner_url)

    async def destroyed(self, names: Collection[KeyName]) -> int:
        """Return how many keys have been destroyed, at whatever time."""
        cursor = await self._connection.execute(DESTROYED, _columns(names))
        (count,) = await cursor.fetchone() or (0,)
        return int(count)

    async def shred_again(self) -> int:
        """Destroy what had been ordered to be destroyed and is there all the same.

        That is so after the keys were brought back from a backup. Returns how many there were.
        """
        cursor = await self._connection.execute(DUE)
        names = [KeyName(subject, Retention(keep)) async for subject, keep in cursor]
        if names:
            await self.destroy(names)
        return len(names)


def _columns(names: Iterable[KeyName]) -> tuple[list[UUID], list[str]]:
    subjects, keeps = zip(*names, strict=True)
    return list(subjects), [str(keep) for keep in keeps]
