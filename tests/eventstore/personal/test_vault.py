"""What tells of people is encrypted in the log, opened for who reads it, and gone with its key."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import psycopg
import pytest

from domain.personal import Retention
from eventstore.appender import Appender
from eventstore.batches import Unprotected, arguments
from eventstore.log import Log, open_pool
from eventstore.personal.keys import KeyLost, KeysUnavailable, MasterKey
from eventstore.personal.vault import (
    READERS_SECONDS,
    TRUSTED_SECONDS,
    PersonErased,
    Vault,
)
from eventstore.records import Append, KeyName, NewEvent, Recorded, Told
from tests.conftest import Database
from tests.eventstore.personal.vaults import MASTER, Clock, destroy, lose, vault

ADA, BOB = UUID(int=0xADA), UUID(int=0xB0B)
ADAS, BOBS = KeyName(ADA, Retention.NONE), KeyName(BOB, Retention.NONE)


def told(text: str, key: KeyName = ADAS, field: str = "name") -> Told:
    return Told(key, (field,), msgspec.json.encode({field: text}))


def event(*personal: Told, stream: UUID = ADA, version: int = 1) -> NewEvent:
    return NewEvent(
        stream_id=stream,
        version=version,
        event_id=UUID(int=version << 64 | stream.int),
        topic="contact.added",
        class_version=1,
        state=b'{"timestamp":"2026-01-05T09:00:00Z"}',
        personal=personal,
    )


def command(*events: NewEvent, id: int = 1) -> Append:
    return Append(UUID(int=id), b"hash", b"{}", events)


async def append(database: Database, vault: Vault, *commands: Append) -> list[Any]:
    async with Appender(database.url, vault) as appender:
        return await appender.append_many(commands)


async def read(database: Database, vault: Vault | None = None) -> Sequence[Recorded]:
    async with open_pool(database.url) as pool:
        return await Log(pool, vault).read_all(0, 100)


async def test_the_log_holds_no_plain_text_and_who_reads_it_sees_it(database: Database) -> None:
    async with vault(database) as keys:
        await append(database, keys, command(event(told("Ada Lovelace"))))

        (stored,), (opened,) = await read(database), await read(database, keys)

    assert b"Ada" not in stored.state
    assert opened.state == stored.state
    assert opened.opened == (b'{"name":"Ada Lovelace"}',)


async def test_what_tells_of_nobody_comes_as_it_was(database: Database) -> None:
    async with vault(database) as keys:
        await append(database, keys, command(event()))

        (found,) = await read(database, keys)

    assert (found.state, found.opened) == (event().state, None)


async def test_each_retention_has_a_key_of_its_own(database: Database) -> None:
    books = KeyName(ADA, Retention.BOOKS)
    async with vault(database) as keys:
        both = event(told("Ada"), told("Ada GmbH", books, "legal_name"))
        await append(database, keys, command(both))
    destroy(database, ADAS)

    async with vault(database) as keys:
        (found,) = await read(database, keys)

    assert found.opened == (None, b'{"legal_name":"Ada GmbH"}')


async def test_a_destroyed_key_takes_one_person_and_nobody_else(database: Database) -> None:
    async with vault(database) as keys:
        await append(
            database,
            keys,
            command(event(told("Ada"))),
            command(event(told("Bob", BOBS), stream=BOB), id=2),
        )
    destroy(database, ADAS)

    async with vault(database) as keys:
        found = await read(database, keys)

    assert [one.opened for one in found] == [(None,), (b'{"name":"Bob"}',)]


async def test_nothing_new_is_written_about_who_was_erased(database: Database) -> None:
    async with vault(database) as keys:
        await append(database, keys, command(event(told("Ada"))))
    destroy(database, ADAS)

    async with vault(database) as keys:
        more = command(event(told("Ada again"), version=2), id=2)
        other = command(event(told("Bob", BOBS), stream=BOB), id=3)
        refused, accepted = await append(database, keys, more, other)

    assert isinstance(refused, PersonErased)
    assert refused.facts == {"subject": ADA}
    assert accepted.last_position == 2


async def test_a_lost_key_is_not_taken_for_an_erased_one(database: Database) -> None:
    async with vault(database) as keys:
        await append(database, keys, command(event(told("Ada"))))
    lose(database, ADAS)

    async with vault(database) as keys:
        with pytest.raises(KeyLost, match=str(ADA)):
            await read(database, keys)


async def test_another_master_key_opens_nothing(database: Database) -> None:
    async with vault(database) as keys:
        await append(database, keys, command(event(told("Ada"))))

    async with vault(database, MasterKey(bytes(32))) as keys:
        with pytest.raises(KeysUnavailable, match=MASTER.name):
            await read(database, keys)


async def test_a_key_is_wrapped_for_its_person_alone(database: Database) -> None:
    async with vault(database) as keys:
        await append(database, keys, command(event(told("Ada"), told("Bob", BOBS, "mentioned"))))
    with psycopg.connect(database.owner_url) as connection:
        connection.execute(
            "update keys.subject_keys a set wrapped = b.wrapped from keys.subject_keys b"
            " where a.subject = %s and b.subject = %s",
            [ADA, BOB],
        )

    async with vault(database) as keys:
        with pytest.raises(KeysUnavailable, match="changed"):
            await read(database, keys)


async def test_two_processes_that_meet_at_a_new_person_use_one_key(database: Database) -> None:
    async with vault(database) as one, vault(database) as other:
        await append(database, one, command(event(told("Ada"))))
        await append(database, other, command(event(told("Ada L."), version=2), id=2))

        found = await read(database, one)

    assert [one.opened for one in found] == [(b'{"name":"Ada"}',), (b'{"name":"Ada L."}',)]


async def test_a_part_that_was_copied_to_another_event_stays_closed(database: Database) -> None:
    async with vault(database) as keys:
        await append(database, keys, command(event(told("Ada")), event(version=2)))
        first, second = await read(database)
        moved = msgspec.structs.replace(second, state=first.state)

        (found,) = await keys.open([moved])

    assert found.opened is None


async def test_a_writer_asks_for_a_key_again_after_a_few_seconds(database: Database) -> None:
    clock = Clock()
    async with vault(database, clock=clock) as keys:
        await append(database, keys, command(event(told("Ada"))))
        destroy(database, ADAS)
        clock.now += TRUSTED_SECONDS

        (refused,) = await append(database, keys, command(event(told("A"), version=2), id=2))

    assert isinstance(refused, PersonErased)


async def test_a_reader_forgets_a_destroyed_key_in_time(database: Database) -> None:
    clock = Clock()
    async with vault(database, clock=clock) as keys:
        await append(database, keys, command(event(told("Ada"))))
        await read(database, keys)
        destroy(database, ADAS)
        clock.now += READERS_SECONDS

        (found,) = await read(database, keys)

    assert found.opened == (None,)


async def test_a_reader_keeps_its_keys_while_others_make_room(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventstore.personal.vault.MAX_KEYS", 1)
    async with vault(database) as keys:
        await append(
            database,
            keys,
            command(event(told("Ada"))),
            command(event(told("Bob", BOBS), stream=BOB), id=2),
        )
        stored = list(await read(database))
        await keys.open(stored[:1])

        both = await asyncio.gather(keys.open(stored), keys.open(stored[1:]), keys.open(stored))

    assert all(one.opened for events in both for one in events)


def test_what_is_neither_encrypted_nor_in_the_payload_is_not_appended() -> None:
    with pytest.raises(Unprotected):
        arguments([command(event(told("Ada")))])


async def test_without_the_key_store_only_what_tells_of_nobody_is_written(
    database: Database,
) -> None:
    away = Database(url="postgresql://nobody@127.0.0.1:1/nowhere", owner_url="")
    async with vault(away) as keys:
        refused, accepted = await append(
            database, keys, command(event(told("Ada"))), command(event(stream=BOB), id=2)
        )

    assert isinstance(refused, KeysUnavailable)
    assert accepted.last_position == 1


async def test_the_application_can_not_destroy_a_key(database: Database) -> None:
    async with vault(database) as keys:
        await append(database, keys, command(event(told("Ada"))))

    with (
        psycopg.connect(database.url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("delete from keys.subject_keys")


async def test_what_was_erased_stays_erased_for_the_owner_too(database: Database) -> None:
    destroy(database, ADAS)

    with (
        psycopg.connect(database.owner_url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("delete from keys.erasures")
