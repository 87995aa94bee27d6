"""A vault of one test, with its keys in the test's own database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import psycopg

from eventstore.personal.keys import KeyStore, MasterKey, open_pool
from eventstore.personal.vault import Vault
from eventstore.records import KeyName
from tests.conftest import Database

MASTER: Final = MasterKey(bytes(range(32)))


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def vault(
    database: Database, master: MasterKey = MASTER, clock: Clock | None = None
) -> AsyncIterator[Vault]:
    """Open a vault on the keys of this test."""
    async with open_pool(database.url) as pool:
        yield Vault(KeyStore(pool, master), clock or Clock())


def destroy(database: Database, key: KeyName) -> None:
    """Destroy a key, as an erasure does."""
    with psycopg.connect(database.owner_url) as connection:
        connection.execute(
            "insert into keys.erasures (subject, keep, destroyed_at) values (%s, %s, now())", key
        )
        connection.execute("delete from keys.subject_keys where subject = %s and keep = %s", key)


def lose(database: Database, key: KeyName) -> None:
    """Lose a key: nothing tells where it is."""
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("delete from keys.subject_keys where subject = %s and keep = %s", key)
