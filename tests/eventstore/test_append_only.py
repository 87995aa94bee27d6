"""What is recorded stays as it is, whoever asks."""

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from tests.conftest import Database
from tests.eventstore.given import TICKET, append, command, fact

TAMPERING = [
    "update es.events set state = ''",
    "delete from es.events",
    "truncate es.events",
    "update es.commands set request_hash = ''",
    "delete from es.commands",
    "truncate es.commands",
]
FURTHER = [
    "insert into es.events select * from es.events",
    "insert into es.commands select * from es.commands",
    "insert into es.streams select * from es.streams",
    "update es.streams set version = 0",
    "delete from es.streams",
    "truncate es.streams",
    "update es.numbers set next = 1",
    "update es.answers set status = 500",
    "delete from es.answers",
    "delete from es.migrations",
    "drop table es.events",
    "alter table es.events disable trigger all",
    "create table es.mine ()",
    "create function es.mine() returns int language sql return 1",
]


@pytest.fixture
def log(database: Database) -> Database:
    """A log with one event."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        append(connection, command(1, fact(TICKET, 1)))
    return database


def test_the_owner_can_not_change_what_is_recorded(log: Database) -> None:
    done = [statement for statement in TAMPERING if not is_refused(log.owner_url, statement)]

    assert done == []
    assert journal(log) == [(1, '{"title":"Printer on fire"}')]


def test_the_application_can_only_append(log: Database) -> None:
    statements = [*TAMPERING, *FURTHER]

    done = [statement for statement in statements if not is_refused(log.url, statement)]

    assert done == []
    assert journal(log) == [(1, '{"title":"Printer on fire"}')]


def test_a_refusal_says_why_and_what_to_do(log: Database) -> None:
    with psycopg.connect(log.owner_url) as owner, pytest.raises(InsufficientPrivilege) as refused:
        owner.execute("delete from es.events")

    assert refused.value.diag.message_primary == (
        "es.events is append-only: what is recorded stays as it is"
    )
    assert refused.value.diag.message_hint == "Correct a fact by appending another one."


def test_a_session_that_plays_a_replica_can_not_change_it_either(log: Database) -> None:
    with psycopg.connect(log.owner_url) as owner:
        row = owner.execute(
            "select every(tgenabled = 'A') from pg_trigger where tgname = 'append_only'"
        ).fetchone()

    assert row == (True,)


def test_the_application_may_read_the_log(log: Database) -> None:
    with psycopg.connect(log.url) as app:
        row = app.execute(
            "select count(*) from es.events join es.streams using (stream_id)"
            "  join es.journal using (position) cross join es.commands"
        ).fetchone()

    assert row == (1,)


def test_the_functions_of_the_log_ignore_the_search_path_of_the_caller(log: Database) -> None:
    with psycopg.connect(log.owner_url) as owner:
        rows = owner.execute(
            "select proname from pg_proc where pronamespace = 'es'::regnamespace"
            "   and prosecdef and not 'search_path=pg_catalog, pg_temp' = any (proconfig)"
        ).fetchall()

    assert rows == []


def test_nobody_else_may_call_the_functions_of_the_log(log: Database) -> None:
    with psycopg.connect(log.owner_url) as owner:
        rows = owner.execute(
            "select proname from pg_proc where pronamespace = 'es'::regnamespace"
            "   and has_function_privilege('public', oid, 'execute')"
        ).fetchall()

    assert rows == []


def is_refused(url: str, statement: str) -> bool:
    """Try a statement, without any consequence."""
    with psycopg.connect(url) as connection, connection.transaction(force_rollback=True):
        try:
            connection.execute(statement.encode())
        except InsufficientPrivilege:
            return True
        return False


def journal(log: Database) -> list[tuple[object, ...]]:
    """What the log says."""
    with psycopg.connect(log.url) as app:
        return app.execute("select position, state from es.journal").fetchall()
