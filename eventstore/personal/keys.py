"""The keys of what tells of people: one for each person and class of retention."""

import hashlib
import os
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple

import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from domain.personal import Retention
from eventstore import log
from eventstore.errors import LogUnavailable
from eventstore.packing import Packed, byteas, register, texts, uuids
from eventstore.records import KeyName

KEY_BYTES: Final = 32
_NONCE: Final = 12

FIND: Final = """
    select asked.subject, asked.keep, k.wrapped, k.master, e.subject is not null
      from unnest(%b::uuid[], %b::text[]) as asked (subject, keep)
      left join keys.subject_keys k using (subject, keep)
      left join keys.erasures e using (subject, keep)
"""
# An erasure that begins meanwhile destroys the new key with the old ones: it waits for writers.
ADD: Final = """
    insert into keys.subject_keys (subject, keep, wrapped, master)
    select a.subject, a.keep, a.wrapped, %s
      from unnest(%b::uuid[], %b::text[], %b::bytea[]) as a (subject, keep, wrapped)
     where not exists (select from keys.erasures e
                        where e.subject = a.subject and e.keep = a.keep)
        on conflict do nothing
"""


class KeysUnavailable(LogUnavailable):
    """The keys of what tells of people can not be read, and so neither can the log."""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.args = (f"The keys of what tells of people can not be read: {reason}.",)


class KeyLost(KeysUnavailable):
    """A key is not there, and nobody destroyed it."""

    def __init__(self, name: KeyName) -> None:
        super().__init__(
            f"the one of {name.subject} ({name.keep}) is missing, and no erasure tells of it; "
            "bring the key store back from its backup"
        )


class MasterKey:
    """The key that wraps all others; it lives outside of every database."""

    def __init__(self, key: bytes) -> None:
        """Take 32 bytes."""
        self._cipher = AESGCM(key)
        self.name: Final = hashlib.sha256(key).hexdigest()[:16]
        """Tells one master key from another, and nothing about either."""

    def wrap(self, key: bytes, name: KeyName) -> bytes:
        """Return a key as the store keeps it."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, key, _beside(name))

    def unwrap(self, wrapped: bytes, name: KeyName) -> bytes:
        """Return the key; raises `KeysUnavailable` for one that another master key wrapped."""
        try:
            return self._cipher.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], _beside(name))
        except InvalidTag:
            reason = f"the one of {name.subject} was wrapped by another master key, or changed"
            raise KeysUnavailable(reason) from None


def _beside(name: KeyName) -> bytes:
    # A wrapped key that is moved to somebody else's row opens nothing.
    return name.subject.bytes + name.keep.encode()


async def configure(connection: psycopg.AsyncConnection[Any]) -> None:
    """Prepare a connection for `KeyStore`."""
    await connection.set_autocommit(True)
    register(connection.adapters)


def open_pool(conninfo: str, *, size: int = 2) -> AsyncConnectionPool:
    """Return a pool made for `KeyStore`; enter it to open it."""
    return log.open_pool(conninfo, size=size, configure=configure)


class KeyStore:
    """The keys as they are stored, one question at a time."""

    def __init__(self, pool: AsyncConnectionPool, master: MasterKey) -> None:
        """Ask through `pool`, whose connections went through `configure`."""
        self._pool = pool
        self._master = master

    async def find(self, names: Collection[KeyName]) -> dict[KeyName, AESGCM | None]:
        """Return the keys that open what is stored: None where a key was destroyed.

        Raises `KeyLost` for one that nobody destroyed, and `KeysUnavailable`.
        """
        found: dict[KeyName, AESGCM | None] = {}
        for stored in await self._stored(names):
            if stored.key is None and not stored.is_erased:
                raise KeyLost(stored.name)
            found[stored.name] = stored.key
        return found

    async def provide(self, names: Collection[KeyName]) -> dict[KeyName, AESGCM | None]:
        """Return the keys that new facts are encrypted with, made where there is none yet.

        None where the person is erased, or about to be. Raises `KeysUnavailable`.
        """
        stored = await self._stored(names)
        if missing := [one.name for one in stored if one.key is None and not one.is_erased]:
            await self._add(missing)
            # Read back: another process may have made them at the same time.
            stored = await self._stored(names)
        return {one.name: None if one.is_erased else one.key for one in stored}

    async def _stored(self, names: Collection[KeyName]) -> list["_Stored"]:
        async with _answering(self._pool) as connection:
            cursor = connection.cursor(binary=True)
            await cursor.execute(FIND, _columns(names), prepare=True)
            rows = await cursor.fetchall()
        return [
            _Stored(name, None if wrapped is None else self._key(name, wrapped, master), erased)
            for subject, keep, wrapped, master, erased in rows
            for name in [KeyName(subject, Retention(keep))]
        ]

    def _key(self, name: KeyName, wrapped: bytes, master: str) -> AESGCM:
        if master != self._master.name:
            reason = f"they are wrapped by the master key {master}, here is {self._master.name}"
            raise KeysUnavailable(reason)
        return AESGCM(self._master.unwrap(wrapped, name))

    async def _add(self, names: Collection[KeyName]) -> None:
        wrapped = [self._master.wrap(os.urandom(KEY_BYTES), name) for name in names]
        async with _answering(self._pool) as connection:
            await connection.execute(
                ADD,
                (self._master.name, *_columns(names), byteas(wrapped)),
                prepare=True,
            )


class _Stored(NamedTuple):
    name: KeyName
    key: AESGCM | None
    is_erased: bool


def _columns(names: Iterable[KeyName]) -> tuple[Packed, Packed]:
    subjects, keeps = zip(*names, strict=True)
    return uuids(subjects), texts(keeps)


@asynccontextmanager
async def _answering(pool: AsyncConnectionPool) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    """Give a connection to the store; raises `KeysUnavailable` when it does not answer."""
    try:
        async with pool.connection() as connection:
            yield connection
    except (PoolTimeout, psycopg.Error) as error:
        reason = f"the key store does not answer ({type(error).__name__})"
        raise KeysUnavailable(reason) from error
