"""Whatever the owner of the database does to the log is found, and where it begins."""

from typing import Any

import psycopg
import pytest

from eventstore.sealing import seals
from eventstore.sealing import verify as verifying
from eventstore.sealing.leaves import read_leaves
from eventstore.sealing.statements import Seal, parse
from eventstore.sealing.verify import Report, verify
from tests.conftest import Database
from tests.eventstore.carried import fill
from tests.eventstore.given import append
from tests.eventstore.sealing.given import (
    AT,
    FixedKeys,
    forge,
    kept,
    key,
    owner,
    record,
    sealed,
    steps,
    told,
)

Connection = psycopg.Connection[Any]

NAMED = key(1).public.hex()[:16]
REPLAY = (
    "update es.seals s set statement = o.statement, signature = o.signature"
    " from es.seals o where s.seal = 3 and o.seal = 1"
)
FLIP = "set_byte({0}, 3, get_byte({0}, 3) # 1)"


def verified(database: Database, *kept: tuple[str, list[Seal]], **options: Any) -> Report:
    """What a verification with the first key finds."""
    return verify(database.url, key(1).public, kept, **options)


def tampered(database: Database, *statements: str) -> None:
    """Let the owner do this to a log of three seals, twelve events and three commands."""
    sealed(database)
    with owner(database) as tampering:
        for statement in statements:
            tampering.execute(statement.encode())


def test_a_log_as_it_was_sealed_gives_no_alarm(database: Database) -> None:
    sealed(database)

    report = verified(database, ("the file", kept(database)))

    assert report.problem is None
    assert (report.seals, report.events, report.sealed_to, report.unsealed) == (3, 12, 12, 0)
    assert report.anchored == {"the file": 3}


def test_an_empty_log_gives_no_alarm(database: Database) -> None:
    assert verified(database).problem is None


def test_what_is_not_sealed_yet_is_counted_with_its_age(database: Database) -> None:
    sealed(database, ["one"])
    record(database, told("two"))

    report = verified(database)

    assert report.problem is None
    assert (report.sealed_to, report.unsealed) == (4, 4)
    assert report.unsealed_seconds is not None
    assert report.unsealed_seconds > 0


@pytest.mark.parametrize("processes", [1, 2])
def test_a_long_log_is_verified_by_any_number_of_processes(
    database: Database,
    connection: Connection,
    processes: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(verifying, "WORTH", 10_000)
    fill(database, 20_000)
    at_work = steps(connection)
    while at_work.seal(at_once=True):
        pass
    shown: list[tuple[int, int]] = []

    report = verified(
        database, processes=processes, progress=lambda done, total: shown.append((done, total))
    )

    assert report.problem is None
    assert report.events == 20_000
    assert shown[-1] == (20_000, 20_000)


@pytest.mark.parametrize("processes", [1, 2])
def test_the_first_of_several_changes_is_named(
    database: Database,
    connection: Connection,
    processes: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(verifying, "WORTH", 10_000)
    fill(database, 20_000)
    at_work = steps(connection)
    while at_work.seal(at_once=True):
        pass
    with owner(database) as tampering:
        tampering.execute(
            "update es.events set topic = 'ticket.closed' where position in (9001, 19000)"
        )

    problem = verified(database, processes=processes).problem

    assert problem == (9001, "the event was changed after seal 3")


@pytest.mark.parametrize(
    "change",
    [
        "stream_id = gen_random_uuid()",
        "version = version + 100",
        "event_id = gen_random_uuid()",
        "topic = topic || ' '",
        "class_version = class_version + 1",
        f"state = {FLIP.format('state')}",
        f"metadata = {FLIP.format('metadata')}",
        "recorded_at = recorded_at + interval '1 microsecond'",
    ],
)
def test_a_change_in_any_column_is_found(database: Database, change: str) -> None:
    tampered(database, f"update es.events set {change} where position = 6")

    assert verified(database).problem == (6, "the event was changed after seal 2")


def test_a_position_that_was_moved_is_found(database: Database) -> None:
    tampered(database, "update es.events set position = 99 where position = 12")

    assert verified(database).problem == (12, "the event is missing, seal 3 covers it")


def test_a_deleted_event_is_found(database: Database) -> None:
    tampered(database, "delete from es.events where position = 7")

    assert verified(database).problem == (7, "the event is missing, seal 2 covers it")


def test_an_event_before_the_first_one_is_found(database: Database) -> None:
    tampered(
        database,
        "insert into es.events select 0, gen_random_uuid(), 1, gen_random_uuid(), topic,"
        " class_version, state, metadata, recorded_at from es.events where position = 1",
    )

    assert verified(database).problem == (0, "an event was added before the first one")


def test_a_second_event_at_a_position_is_found(database: Database) -> None:
    tampered(
        database,
        "alter table es.events drop constraint events_pkey",
        "insert into es.events select 12, gen_random_uuid(), 1, gen_random_uuid(), topic,"
        " class_version, state, metadata, recorded_at from es.events where position = 1",
    )

    assert verified(database).problem == (12, "there is more than one event, only one was sealed")


def test_events_that_changed_places_are_found(database: Database) -> None:
    tampered(
        database,
        "update es.events set position = 1000 where position = 3",
        "update es.events set position = 3 where position = 10",
        "update es.events set position = 10 where position = 1000",
    )

    assert verified(database).problem == (3, "the event was changed after seal 1")


def test_contents_that_were_exchanged_are_found(database: Database) -> None:
    tampered(
        database,
        "update es.events set state = '\"other\"' where position = 9",
        "update es.events e set state = o.state from es.events o"
        " where (e.position, o.position) in ((5, 9), (9, 5))",
    )

    assert verified(database).problem == (5, "the event was changed after seal 2")


def test_a_gap_in_what_is_not_sealed_yet_is_found(database: Database) -> None:
    sealed(database, ["one"])
    record(database, told("two"))
    with owner(database) as tampering:
        tampering.execute("delete from es.events where position = 6")

    assert verified(database).problem == (6, "the event is missing")


def test_a_cut_tail_of_events_is_found(database: Database) -> None:
    tampered(database, "delete from es.events where position > 10")

    assert verified(database).problem == (11, "the event is missing, seal 3 covers it")


def test_a_log_that_was_cut_back_with_its_seals_is_found_by_an_anchor(database: Database) -> None:
    sealed(database)
    anchored = kept(database)
    with owner(database) as tampering:
        tampering.execute("delete from es.events where position > 8")
        tampering.execute("delete from es.commands where first_position > 8")
        tampering.execute("delete from es.streams where first_position > 8")
        tampering.execute("delete from es.seals where seal = 3")

    assert verified(database).problem is None
    assert verified(database, ("the file", anchored)).problem == (
        9,
        "the log was cut back: seal 3, which the file has, is missing",
    )


def test_a_history_that_was_told_anew_is_found_by_an_anchor(
    database: Database, connection: Connection
) -> None:
    sealed(database)
    anchored = kept(database)
    with owner(database) as tampering:
        tampering.execute("delete from es.seals where seal >= 2")
        tampering.execute("update es.events set topic = 'ticket.closed' where position = 6")
    at_work = steps(connection)  # The sealer itself is deceived: what it sees is all there is.
    while at_work.seal(at_once=True):
        pass

    assert verified(database).problem is None
    assert verified(database, ("the file", anchored)).problem == (
        5,
        "the log was replaced: the file has another seal 2",
    )


def test_leaves_and_chain_made_anew_without_the_key_are_found(database: Database) -> None:
    sealed(database)
    with owner(database) as tampering:
        tampering.execute("update es.events set topic = 'ticket.closed' where position = 6")
        forge(tampering, 2, signature=kept(database)[1].signature)

    assert verified(database).problem == (
        5,
        f"seal 2 is forged: it is not signed with the key {NAMED}… that has to sign it",
    )


def test_leaves_and_chain_signed_with_another_key_are_found(database: Database) -> None:
    sealed(database)
    with owner(database) as tampering:
        tampering.execute("update es.events set topic = 'ticket.closed' where position = 2")
        for seal in (1, 2, 3):
            forge(tampering, seal, signer=7)

    problem = verified(database).problem

    assert problem is not None
    assert problem.position == 1
    assert problem.what.startswith("seal 1 is forged")


def test_changed_events_whose_leaves_were_changed_too_are_found(database: Database) -> None:
    sealed(database)
    with owner(database) as tampering:
        tampering.execute("update es.events set topic = 'ticket.closed' where position = 6")
        leaves = b"".join(read_leaves(tampering, 5, 8))
        tampering.execute("update es.seals set leaves = %s where seal = 2", [leaves])

    problem = verified(database).problem

    assert problem is not None
    assert problem.position == 5
    assert problem.what.startswith("an event from here to position 8 was changed")


@pytest.mark.parametrize(
    ("statement", "position", "what"),
    [
        (
            f"update es.seals set leaves = {FLIP.format('leaves')} where seal = 2",
            5,
            "the leaf that is kept beside its seal was changed",
        ),
        (
            "update es.seals set leaves = leaves || leaves where seal = 2",
            9,
            "the leaf that is kept beside its seal was changed",
        ),
        (
            REPLAY,
            9,
            "seal 3 was replaced by seal 1",
        ),
        (
            "delete from es.seals where seal = 2",
            5,
            "seal 2 is missing, the next one there is seal 3",
        ),
        (
            "update es.seals set statement = statement || ' ' where seal = 2",
            5,
            "seal 2 is forged: the text has not the lines of a seal",
        ),
        (
            "update es.seals set first_position = 6 where seal = 2",
            5,
            "the positions beside seal 2 are not those that it states",
        ),
    ],
)
def test_a_change_of_the_seals_is_found(
    database: Database, statement: str, position: int, what: str
) -> None:
    tampered(database, statement)

    assert verified(database).problem == (position, what)


@pytest.mark.parametrize(
    "statement",
    [
        f"update es.seals set signature = {FLIP.format('signature')} where seal = 2",
        "update es.seals set signature = '' where seal = 2",
        "update es.seals set statement = replace(statement, '2026', '2025') where seal = 2",
    ],
)
def test_a_signature_that_does_not_fit_is_found(database: Database, statement: str) -> None:
    tampered(database, statement)

    problem = verified(database).problem

    assert problem is not None
    assert problem.position == 5
    assert problem.what.startswith("seal 2 is forged: it is not signed with the key")


def test_seals_that_were_taken_from_another_log_are_found(database: Database) -> None:
    tampered(database, "update es.identity set log_id = gen_random_uuid()")

    problem = verified(database).problem

    assert problem is not None
    assert problem.position == 1
    assert problem.what.startswith("seal 1 seals another log")


@pytest.mark.parametrize(
    ("statement", "position"),
    [
        ("update es.streams set version = 1 where last_position = 8", 7),
        ("update es.streams set first_position = 8 where last_position = 8", 7),
        ("update es.streams set last_position = 7 where last_position = 8", 7),
        ("delete from es.streams where last_position = 8", 7),
        ("insert into es.streams values (gen_random_uuid(), 1, 3, 3)", 3),
    ],
)
def test_a_change_of_the_streams_is_found(
    database: Database, statement: str, position: int
) -> None:
    tampered(database, statement)

    problem = verified(database).problem

    assert problem is not None
    assert problem.position == position
    assert problem.what.startswith("es.streams does not say what the events of stream")


@pytest.mark.parametrize(
    ("statement", "position", "what"),
    [
        (
            "delete from es.commands where first_position = 5",
            5,
            "es.commands does not say which command recorded the event",
        ),
        (
            "update es.commands set last_position = 6 where first_position = 5",
            7,
            "es.commands does not say which command recorded the event",
        ),
        (
            "update es.commands set first_position = 4 where first_position = 5",
            4,
            "es.commands does not say which command recorded the event",
        ),
        (
            "delete from es.commands where first_position = 9",
            9,
            "es.commands does not end where the log does",
        ),
        (
            "update es.commands set command_id = gen_random_uuid() where first_position = 5",
            5,
            "es.commands names another command than the event does",
        ),
    ],
)
def test_a_change_of_the_commands_is_found(
    database: Database, statement: str, position: int, what: str
) -> None:
    tampered(database, statement)

    assert verified(database).problem == (position, what)


def test_only_the_events_of_a_span_are_compared(database: Database) -> None:
    tampered(database, "update es.events set topic = 'ticket.closed' where position = 2")

    assert verified(database, span=(5, 8)).problem is None
    assert verified(database, span=(5, 8)).events == 4
    assert verified(database, span=(1, 4)).problem == (2, "the event was changed after seal 1")


def test_a_chain_whose_key_has_changed_is_verified_from_its_first_key(
    database: Database, connection: Connection
) -> None:
    keys = FixedKeys()
    for name in ("one", "two"):
        append(connection, told(name))
        steps(connection, keys).seal(at_once=True)
        steps(connection, keys).rotate()

    assert verified(database).problem is None
    assert verified(database).seals == 4


def test_a_seal_signed_with_a_key_that_was_given_up_is_found(
    database: Database, connection: Connection
) -> None:
    steps(connection).rotate()
    append(connection, told("one"))
    end = seals.read_end(connection)
    leaves = read_leaves(connection, 1, 4)
    stolen = end.seal_events(leaves, key(1), AT)
    seals.add(connection, stolen, parse(stolen.statement), leaves)

    problem = verified(database).problem

    assert problem is not None
    assert problem.what.startswith("seal 2 is forged: it is not signed with the key")


def test_an_anchor_that_has_lost_a_seal_is_found(database: Database) -> None:
    sealed(database)
    one, _, three = kept(database)

    assert verified(database, ("the file", [one, three])).problem == (5, "the file has lost seal 2")


def test_an_anchor_that_lags_behind_is_no_alarm(database: Database) -> None:
    sealed(database)

    report = verified(database, ("the file", kept(database)[:2]), ("the stream", []))

    assert report.problem is None
    assert report.anchored == {"the file": 2, "the stream": 0}


def test_a_seal_that_a_stranger_put_into_an_anchor_is_named_as_such(database: Database) -> None:
    sealed(database)
    one, two, three = kept(database)
    strange = Seal(2, two.statement, bytes(64))

    assert verified(database, ("the file", [one, strange, three])).problem == (
        5,
        "the file has a seal 2 that was not signed with a key of this log",
    )
