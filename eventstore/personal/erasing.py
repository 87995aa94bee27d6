"""Destroying keys: what they encrypted is then unreadable, in the log and in every copy of it.

In two steps, since others may hold a key in memory: once an erasure is ordered nobody gets the key
to write with any more; once all who had it have finished (`vault.WRITERS_SECONDS`), it is deleted,
and so are its traces on the disk.
"""

from collections.abc import Collection, Iterable
from typing import Any, Final
from uuid import UUID

import psycopg

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
    ), noted as (
        update keys.erasures e set destroyed_at = clock_timestamp()
          from asked a
         where e.subject = a.subject and e.keep = a.keep and e.destroyed_at is null
    )
    delete from keys.subject_keys k using asked a
     where k.subject = a.subject and k.keep = a.keep
"""
DESTROYED: Final = """
    select count(*)
      from unnest(%s::uuid[], %s::text[]) as a (subject, keep)
      join keys.erasures e using (subject, keep)
     where e.destroyed_at is not null
"""
HELD: Final = "select subject from keys.subject_keys where keep = %s and subject = any (%s)"
DUE: Final = """
    select subject, keep from keys.erasures join keys.subject_keys using (subject, keep)
"""
# Rows that are deleted stay on their pages, and in the write-ahead log: both are written anew.
FORGET: Final = (
    "vacuum (full) keys.subject_keys",
    "checkpoint",
    "select pg_switch_wal()",
    "checkpoint",
)


class Eraser:
    """Destroys keys, as the owner of the key store."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """Work on a connection that commits each statement."""
        self._connection = connection

    @classmethod
    async def connect(cls, owner_url: str) -> "Eraser":
        """Return an eraser on a connection of its own."""
        return cls(await psycopg.AsyncConnection.connect(owner_url, autocommit=True, **LINE))

    async def close(self) -> None:
        """Give the connection back."""
        await self._connection.close()

    async def held(self, subjects: Collection[UUID], keep: Retention) -> list[UUID]:
        """Return those of the subjects who have something that is kept for this reason."""
        cursor = await self._connection.execute(HELD, [keep, list(subjects)])
        return [subject async for (subject,) in cursor]

    async def order(self, names: Collection[KeyName]) -> None:
        """Let nothing more be encrypted with these keys; may be repeated."""
        await self._connection.execute(ORDER, _columns(names))

    async def destroy(self, names: Collection[KeyName]) -> int:
        """Destroy the keys that were ordered to be, and return how many are; may be repeated."""
        await self._connection.execute(DESTROY, _columns(names))
        for statement in FORGET:
            await self._connection.execute(statement)
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
