"""The sealer, with a real Postgres."""

import asyncio
from hashlib import sha256
from typing import Any

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege, InvalidParameterValue

from eventstore.sealing import seals
from eventstore.sealing.leaves import read_rows
from eventstore.sealing.sealer import Sealer
from eventstore.sealing.seals import SealForged, SealOutdated
from eventstore.sealing.signatures import SealKeyMissing, is_signed
from eventstore.sealing.statements import Statement, parse
from eventstore.sealing.steps import MOST, LogBroken
from tests.conftest import Database
from tests.eventstore.carried import eventually, fill
from tests.eventstore.sealing.given import AT, FixedKeys, key, owner, record, rows, steps, told

Connection = psycopg.Connection[Any]

LATER = 1_000.0
"""More seconds than a test takes."""


def statements(database: Database) -> list[Statement]:
    """What the seals state, in their order; each is signed with the key that it names."""
    with psycopg.connect(database.url) as connection:
        found = seals.read_after(connection, 0)
    stated = [parse(seal.statement) for seal in found]
    assert [seal for seal, s in zip(found, stated, strict=True) if not is_signed(seal, s.key)] == []
    return stated


def spans(database: Database) -> list[tuple[int, int]]:
    """The positions of the seals."""
    return [(each.first, each.last) for each in statements(database)]


def test_an_empty_log_is_not_sealed(database: Database, connection: Connection) -> None:
    assert steps(connection).seal(at_once=True) == 0
    assert statements(database) == []


def test_a_young_event_waits_for_others(database: Database, connection: Connection) -> None:
    patient = steps(connection, age=LATER)
    record(database, told("one"))

    assert patient.seal() == 0


def test_an_event_that_is_old_enough_is_sealed(database: Database, connection: Connection) -> None:
    hurried = steps(connection, age=0.0)
    record(database, told("one"))

    assert hurried.seal() == 4
    assert spans(database) == [(1, 4)]


def test_a_log_that_was_never_sealed_is_sealed_from_its_beginning(
    database: Database, connection: Connection
) -> None:
    patient = steps(connection, age=LATER)
    fill(database, 2 * MOST + 5)

    taken = [patient.seal(), patient.seal(), patient.seal()]

    assert taken == [MOST, MOST, 0]
    assert spans(database) == [(1, MOST), (MOST + 1, 2 * MOST)]


def test_a_leaf_covers_the_row_as_postgres_sends_it(
    database: Database, connection: Connection
) -> None:
    record(database, told("one", streams=1, events=1))
    steps(connection).seal(at_once=True)

    with connection.cursor(binary=True) as cursor:
        (row,) = read_rows(connection, 1, 1)
        fields = cursor.execute(
            "select int8send(position), uuid_send(stream_id), int8send(version),"
            " uuid_send(event_id), textsend(topic), int2send(class_version), byteasend(state),"
            " byteasend(metadata), timestamptz_send(recorded_at) from es.events"
        ).fetchone()

    assert fields is not None
    lengths = (len(field).to_bytes(4, "big") + field for field in fields)
    assert row == b"\x00\x09" + b"".join(lengths)
    assert rows(database, "select leaves from es.seals") == [(sha256(b"\x00" + row).digest(),)]
    assert statements(database)[0].root == sha256(b"\x00" + row).digest()


def test_rows_that_can_not_be_read_are_an_error(database: Database) -> None:
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("alter table es.events rename to gone")

        with pytest.raises(psycopg.errors.UndefinedTable, match=r"es\.events"):
            list(read_rows(connection, 1, 10))


def test_two_sealers_seal_every_event_once(database: Database, connection: Connection) -> None:
    one, two = steps(connection), steps(connection)
    for name in ("a", "b", "c"):
        record(database, told(name))
        one.seal(at_once=True)
        two.seal(at_once=True)

    assert spans(database) == [(1, 4), (5, 8), (9, 12)]


def test_a_seal_that_was_overtaken_is_refused(database: Database, connection: Connection) -> None:
    record(database, told("one"))
    late = seals.read_end(connection).seal_events([bytes(32)], key(1), AT)
    steps(connection).seal(at_once=True)

    with pytest.raises(SealOutdated, match="does not follow seal 1, which ends at 4"):
        seals.add(connection, late, parse(late.statement), [bytes(32)])


def test_a_seal_with_a_leaf_too_few_is_refused(connection: Connection) -> None:
    seal = seals.read_end(connection).seal_events([bytes(32)] * 2, key(1), AT)

    with pytest.raises(InvalidParameterValue, match="seal 1 is not complete"):
        seals.add(connection, seal, parse(seal.statement), [bytes(32)])


@pytest.mark.parametrize(
    "statement",
    [
        "update es.seals set statement = ''",
        "delete from es.seals",
        "truncate es.seals",
        "update es.identity set log_id = gen_random_uuid()",
        "delete from es.identity",
        "truncate es.identity",
    ],
)
def test_neither_owner_nor_application_can_change_a_seal(
    database: Database, statement: str
) -> None:
    for url in (database.url, database.owner_url):
        with psycopg.connect(url) as connection, pytest.raises(InsufficientPrivilege):
            connection.execute(statement.encode())


def test_the_application_adds_seals_by_the_function_only(database: Database) -> None:
    with psycopg.connect(database.url) as app, pytest.raises(InsufficientPrivilege):
        app.execute("insert into es.seals select 1, 1, 1, '', '', ''")


def test_nothing_is_sealed_behind_a_gap(database: Database, connection: Connection) -> None:
    record(database, told("one"), told("two"))
    with owner(database) as tampering:
        tampering.execute("delete from es.events where position = 3")

    with pytest.raises(LogBroken, match="position 3 "):
        steps(connection).seal(at_once=True)
    assert statements(database) == []


def test_nothing_is_sealed_once_the_sealed_end_is_gone(
    database: Database, connection: Connection
) -> None:
    record(database, told("one"))
    steps(connection).seal(at_once=True)
    with owner(database) as tampering:
        tampering.execute("delete from es.events where position > 2")

    with pytest.raises(LogBroken, match="position 3 "):
        steps(connection).seal(at_once=True)


def test_a_forged_end_is_not_continued(database: Database, connection: Connection) -> None:
    record(database, told("one"))
    steps(connection).seal(at_once=True)
    record(database, told("two"))
    with owner(database) as tampering:
        tampering.execute("update es.seals set signature = decode(repeat('00', 64), 'hex')")

    with pytest.raises(SealForged, match="seal 1 is not signed"):
        steps(connection).seal(at_once=True)


def test_a_seal_with_a_stranger_s_key_is_not_continued(
    database: Database, connection: Connection
) -> None:
    record(database, told("one"), told("two"))
    forged = seals.read_end(connection).seal_events([bytes(32)], key(7), AT)
    seals.add(connection, forged, parse(forged.statement), [bytes(32)])

    with pytest.raises(SealKeyMissing, match=key(7).public.hex()):
        steps(connection).seal(at_once=True)


def test_the_seals_that_follow_a_change_of_the_key_are_signed_with_the_new_one(
    database: Database, connection: Connection
) -> None:
    keys = FixedKeys()
    at_work = steps(connection, keys)
    record(database, told("one"))
    at_work.seal(at_once=True)

    steps(connection, keys).rotate()
    record(database, told("two"))
    at_work.seal(at_once=True)

    stated = statements(database)
    assert [each.key for each in stated] == [key(1).public, key(1).public, key(2).public]
    assert [each.next_key for each in stated] == [None, key(2).public, None]
    assert spans(database) == [(1, 4), (5, 4), (5, 8)]


def test_the_key_can_be_changed_before_anything_is_sealed(
    database: Database, connection: Connection
) -> None:
    keys = FixedKeys()

    steps(connection, keys).rotate()
    steps(connection, keys).rotate()

    assert [each.key for each in statements(database)] == [key(1).public, key(2).public]


def test_a_key_that_was_made_and_never_named_is_not_used(
    database: Database, connection: Connection
) -> None:
    keys = FixedKeys()
    keys.make()  # Killed before the seal that would have named it.
    record(database, told("one"))

    steps(connection, keys).seal(at_once=True)
    steps(connection, keys).rotate()

    assert [each.key for each in statements(database)] == [key(1).public] * 2
    assert statements(database)[-1].next_key == key(3).public


def test_without_the_key_that_the_chain_names_nothing_is_sealed(
    database: Database, connection: Connection
) -> None:
    keys = FixedKeys()
    steps(connection, keys).rotate()
    keys.lost.add(key(2).public)
    record(database, told("one"))

    with pytest.raises(SealKeyMissing):
        steps(connection, keys).seal(at_once=True)


async def test_a_sealer_at_work_leaves_nothing_unsealed_when_it_stops(database: Database) -> None:
    stop = asyncio.Event()
    at_work = Sealer(database.url, FixedKeys(), lambda: AT, age=LATER)
    working = asyncio.create_task(at_work.run(stop))
    fill(database, MOST + 7)
    await eventually(lambda: reached(at_work, 1))

    stop.set()
    await working

    assert spans(database) == [(1, MOST), (MOST + 1, MOST + 7)]


async def test_another_sealer_takes_over_when_the_leader_is_killed(database: Database) -> None:
    stop = asyncio.Event()
    pair = [Sealer(database.url, FixedKeys(), lambda: AT, age=0.0) for _ in range(2)]
    working = [asyncio.create_task(each.run(stop)) for each in pair]
    fill(database, 10)
    await eventually(lambda: sealed_up_to(database, 10))

    with psycopg.connect(database.url) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
    fill(database, 10)

    await eventually(lambda: sealed_up_to(database, 20))
    stop.set()
    await asyncio.gather(*working)
    assert [each.seal for each in statements(database)] == list(range(1, 1 + len(spans(database))))


def test_a_sealer_whose_answer_was_lost_goes_on_from_the_table(
    database: Database, connection: Connection
) -> None:
    at_work = steps(connection)
    record(database, told("one"))
    end = seals.read_end(connection)
    at_work.seal(at_once=True)
    at_work._end = end  # As if it did not know of its seal.

    record(database, told("two"))

    assert at_work.seal(at_once=True) == 4
    assert spans(database) == [(1, 4), (5, 8)]


async def reached(at_work: Sealer, seal: int) -> bool:
    """Tell whether the sealer has come to this seal."""
    return at_work.sealed >= seal


async def sealed_up_to(database: Database, position: int) -> bool:
    """Tell whether everything up to this position is sealed."""
    return bool(rows(database, f"select 1 from es.seals where last_position = {position}"))
