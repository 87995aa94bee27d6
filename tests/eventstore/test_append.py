"""es.append decides each command of a batch as if it came alone, one after another."""

from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest

from eventstore.errors import CommandIdReused, VersionConflict
from eventstore.records import Appended
from tests.conftest import Database
from tests.eventstore.given import (
    OTHER_TICKET,
    TICKET,
    append,
    as_facts,
    command,
    fact,
)


@pytest.fixture
def log(database: Database) -> Iterator[psycopg.Connection]:
    """The log, as the application reaches it."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        yield connection


def test_the_positions_of_a_batch_follow_each_other(log: psycopg.Connection) -> None:
    first = command(1, fact(TICKET, 1), fact(TICKET, 2))
    second = command(2, fact(OTHER_TICKET, 1))

    outcomes = append(log, first, second)

    assert outcomes == [
        Appended(first.command_id, 1, 2),
        Appended(second.command_id, 3, 3),
    ]


def test_positions_go_on_where_the_last_batch_ended(log: psycopg.Connection) -> None:
    later = command(2, fact(TICKET, 2))
    append(log, command(1, fact(TICKET, 1)))

    outcomes = append(log, later)

    assert outcomes == [Appended(later.command_id, 2, 2)]


def test_a_refused_command_takes_no_position(log: psycopg.Connection) -> None:
    last = command(3, fact(OTHER_TICKET, 1))
    append(log, command(1, fact(TICKET, 1)))

    outcomes = append(log, command(2, fact(TICKET, 1)), last)

    assert outcomes[1] == Appended(last.command_id, 2, 2)


@pytest.mark.parametrize("version", [1, 3])
def test_a_command_that_expects_another_version_is_refused(
    log: psycopg.Connection, version: int
) -> None:
    append(log, command(1, fact(TICKET, 1)))

    [outcome] = append(log, command(2, fact(TICKET, version)))

    assert isinstance(outcome, VersionConflict)
    assert outcome.facts == {"stream_id": TICKET, "expected": version - 1, "actual": 1}


def test_a_stream_that_does_not_exist_begins_with_version_one(
    log: psycopg.Connection,
) -> None:
    [outcome] = append(log, command(1, fact(TICKET, 2)))

    assert as_facts(outcome) == {"stream_id": TICKET, "expected": 1, "actual": 0}


def test_a_stream_may_begin_anywhere_when_the_caller_says_so(
    log: psycopg.Connection,
) -> None:
    begun = command(1, fact(TICKET, 0))

    outcomes = append(log, begun, command(2, fact(TICKET, 1)), any_first=True)

    assert outcomes[0] == Appended(begun.command_id, 1, 1)
    assert isinstance(outcomes[1], Appended)


def test_all_streams_of_a_command_accept_it_or_none_does(
    log: psycopg.Connection,
) -> None:
    append(log, command(1, fact(TICKET, 1)))

    [outcome] = append(log, command(2, fact(OTHER_TICKET, 1), fact(TICKET, 1)))

    assert as_facts(outcome) == {"stream_id": TICKET, "expected": 0, "actual": 1}
    assert rows(log, "select stream_id from es.streams") == [(TICKET,)]


def test_events_of_several_streams_keep_the_order_they_were_given(
    log: psycopg.Connection,
) -> None:
    append(log, command(1, fact(TICKET, 1), fact(OTHER_TICKET, 1), fact(TICKET, 2)))

    journal = rows(log, "select stream_id, version from es.events order by position")

    assert journal == [(TICKET, 1), (OTHER_TICKET, 1), (TICKET, 2)]


def test_a_command_sees_the_versions_of_those_accepted_before_it(
    log: psycopg.Connection,
) -> None:
    outcomes = append(log, command(1, fact(TICKET, 1)), command(2, fact(TICKET, 2)))

    assert all(isinstance(outcome, Appended) for outcome in outcomes)


def test_a_command_that_builds_on_a_refused_one_is_refused(
    log: psycopg.Connection,
) -> None:
    append(log, command(1, fact(TICKET, 1)))

    outcomes = append(
        log,
        command(2, fact(TICKET, 1), fact(OTHER_TICKET, 1)),
        command(3, fact(OTHER_TICKET, 2)),
    )

    assert as_facts(outcomes[1]) == {
        "stream_id": OTHER_TICKET,
        "expected": 1,
        "actual": 0,
    }


def test_of_many_commands_for_one_version_the_first_wins(
    log: psycopg.Connection,
) -> None:
    rivals = [command(n, fact(TICKET, 1)) for n in range(64)]

    outcomes = append(log, *rivals)

    assert outcomes[0] == Appended(rivals[0].command_id, 1, 1)
    assert all(isinstance(outcome, VersionConflict) for outcome in outcomes[1:])


def test_a_repeated_command_is_answered_with_its_first_positions(
    log: psycopg.Connection,
) -> None:
    again = command(1, fact(TICKET, 1))
    append(log, again)

    outcomes = append(log, command(2, fact(OTHER_TICKET, 1)), again)

    assert outcomes[1] == Appended(again.command_id, 1, 1, repeated=True)
    assert rows(log, "select count(*) from es.events") == [(2,)]


def test_a_command_repeated_within_a_batch_is_appended_once(
    log: psycopg.Connection,
) -> None:
    twice = command(1, fact(TICKET, 1))

    outcomes = append(log, twice, twice, command(2, fact(TICKET, 2)))

    assert outcomes[1] == Appended(twice.command_id, 1, 1, repeated=True)
    assert isinstance(outcomes[2], Appended)


@pytest.mark.parametrize("batches", [1, 2])
def test_an_id_that_belongs_to_another_request_is_refused(
    log: psycopg.Connection, batches: int
) -> None:
    mine = command(1, fact(TICKET, 1))
    yours = command(1, fact(OTHER_TICKET, 1), request=b"other")

    if batches == 1:
        outcome = append(log, mine, yours)[1]
    else:
        append(log, mine)
        [outcome] = append(log, yours)

    assert isinstance(outcome, CommandIdReused)


def test_the_id_of_a_refused_command_is_free_again(log: psycopg.Connection) -> None:
    append(log, command(1, fact(TICKET, 2)))

    [outcome] = append(log, command(1, fact(TICKET, 1), request=b"another try"))

    assert isinstance(outcome, Appended)


@pytest.mark.parametrize("versions", [(1, 3), (1, 1), (2, 1)])
def test_a_command_whose_versions_do_not_ascend_by_one_is_an_error(
    log: psycopg.Connection, versions: tuple[int, int]
) -> None:
    broken = command(2, *(fact(TICKET, version) for version in versions))

    with pytest.raises(psycopg.IntegrityError, match="must ascend by one"):
        append(log, command(1, fact(OTHER_TICKET, 1)), broken)

    assert rows(log, "select count(*) from es.events") == [(0,)]


def test_an_event_keeps_everything_it_came_with(log: psycopg.Connection) -> None:
    given = fact(TICKET, 1)
    append(log, command(1, given))

    [row] = rows(
        log,
        "select stream_id, version, event_id, topic, class_version, state, metadata"
        "  from es.events",
    )

    assert row == (
        *(TICKET, 1, given.event_id, "ticket.opened", 1, given.state),
        b'{"actor":"mia"}',
    )


def test_the_journal_can_be_read_by_people(log: psycopg.Connection) -> None:
    append(log, command(1, fact(TICKET, 1)))

    journal = rows(log, "select position, topic, state, metadata from es.journal")

    assert journal == [(1, "ticket.opened", '{"title":"Printer on fire"}', '{"actor":"mia"}')]


def test_numbers_ascend_and_a_block_belongs_to_one_caller(
    log: psycopg.Connection,
) -> None:
    draw = "select es.next_numbers('ticket', %s)"

    drawn = [rows(log, draw, count)[0][0] for count in (1, 10, 1)]

    assert drawn == [1, 2, 12]


def test_a_number_series_must_exist(log: psycopg.Connection) -> None:
    with pytest.raises(psycopg.DataError, match="no number series tickte"):
        log.execute("select es.next_numbers('tickte')")


def test_answers_are_forgotten_when_they_are_old(log: psycopg.Connection) -> None:
    log.execute(
        "insert into es.answers (command_id, request_hash, status, headers, body,"
        " recorded_at) values (%s, '', 200, '', '', now() - interval '25 hours'),"
        "                     (%s, '', 200, '', '', now() - interval '23 hours')",
        [TICKET, OTHER_TICKET],
    )

    [(forgotten,)] = rows(log, "select es.forget_answers()")

    assert forgotten == 1
    assert rows(log, "select command_id from es.answers") == [(OTHER_TICKET,)]


def rows(log: psycopg.Connection, query: str, *values: int | UUID) -> list[tuple[object, ...]]:
    """The rows of a query."""
    return log.execute(query.encode(), values).fetchall()
