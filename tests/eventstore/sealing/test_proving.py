"""Every event of a sealed log has a proof, and no other event has one."""

from typing import Any

import psycopg
import pytest

from eventstore.sealing.proofs import check
from eventstore.sealing.proving import EventBroken, EventUnknown, EventUnsealed, prove
from tests.conftest import Database
from tests.eventstore.given import append
from tests.eventstore.sealing.given import FixedKeys, key, owner, rows, sealed, steps, told

Connection = psycopg.Connection[Any]
FIRST_KEY = key(1).public


def sealed_with_changes(connection: Connection) -> None:
    """Seals of four, one and six events, and a change of the key before the second and third."""
    keys = FixedKeys()
    at_work = steps(connection, keys)
    for name, streams, events in (("one", 2, 2), ("two", 1, 1), ("three", 3, 2)):
        append(connection, told(name, streams=streams, events=events))
        at_work.seal(at_once=True)
        at_work.rotate()


def test_every_event_is_proved_by_its_position_and_by_its_id(
    database: Database, connection: Connection
) -> None:
    sealed_with_changes(connection)
    ids = rows(database, "select position, event_id, recorded_at from es.events order by position")

    for position, event_id, recorded_at in ids:
        proved = check(prove(connection, str(position), FIRST_KEY), FIRST_KEY)

        assert prove(connection, str(event_id), FIRST_KEY).event == proved.event
        assert proved.event.position == position
        assert proved.event.recorded_at == recorded_at.isoformat(timespec="microseconds").replace(
            "+00:00", "Z"
        )
        assert proved.seal.first <= position <= proved.seal.last
    assert len(ids) == 11


def test_a_proof_names_the_keys_from_the_first_to_that_of_its_seal(connection: Connection) -> None:
    sealed_with_changes(connection)

    changes = [len(prove(connection, str(each), FIRST_KEY).key_changes) for each in (4, 5, 11)]

    assert changes == [0, 1, 2]


def test_an_event_that_is_not_sealed_yet_is_refused_with_the_way_out(
    database: Database, connection: Connection
) -> None:
    sealed(database)
    append(connection, told("four"))

    with pytest.raises(EventUnsealed, match=r"position 13 is not sealed yet.*a second; try again"):
        prove(connection, "13", FIRST_KEY)


@pytest.mark.parametrize(
    "event",
    [
        "13",
        "0",
        "9" * 19,
        "9" * 5_000,
        "-1",
        "",
        "T-000123",
        "00000000-0000-4000-8000-00000000dead",
    ],
)
def test_an_event_that_is_not_there_is_refused_by_name(
    event: str, database: Database, connection: Connection
) -> None:
    sealed(database)

    with pytest.raises(EventUnknown, match=f"There is no event {event[:40]}: give a position"):
        prove(connection, event, FIRST_KEY)


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("update es.events set topic = 'ticket.closed' where position = 6", "it was changed"),
        ("update es.events set version = 2::bigint ^ 60 where position = 6", "version"),
        ("update es.events set recorded_at = '20000-01-01' where position = 6", "range"),
        ("delete from es.events where position = 6", "it is missing, seal 2 covers it"),
        ("update es.seals set leaves = '' where seal = 2", "position 6 is at 1 of 4 in seal 2"),
        ("update es.seals set statement = 'none' where seal = 2", "not the lines of a seal"),
        ("update es.seals set signature = '' where seal = 2", "a signature has not 64 bytes"),
    ],
)
def test_an_event_that_is_not_as_it_was_sealed_has_no_proof(
    statement: str, what: str, database: Database, connection: Connection
) -> None:
    sealed(database)
    with owner(database) as tampering:
        tampering.execute(statement.encode())

    with pytest.raises(EventBroken, match=what):
        prove(connection, "6", FIRST_KEY)


def test_a_log_that_was_sealed_with_another_key_proves_nothing(
    database: Database, connection: Connection
) -> None:
    sealed(database)

    with pytest.raises(EventBroken, match="seal 2 is not signed with the key"):
        prove(connection, "6", key(2).public)
