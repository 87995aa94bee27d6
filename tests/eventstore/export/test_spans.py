"""A part of the log is named by positions, or by the days of recording in UTC."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest

from eventstore.export.spans import Edge, NothingRecorded, Span, count, find
from tests.conftest import Database
from tests.eventstore.sealing.given import owner, record, told

RECORDED = {
    1: "2026-03-01 23:59:59.999999+00",
    2: "2026-03-02 00:00:00+00",
    3: "2026-03-03 01:30:00+02",  # still the second, in UTC
    4: "2026-03-03 00:00:00+00",
}


@pytest.fixture
def log(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """A log of four events, recorded on three days; the session's own time zone is far away."""
    record(database, told("one"))
    with owner(database) as tampering:
        for position, at in RECORDED.items():
            tampering.execute(
                "update es.events set recorded_at = %s where position = %s", [at, position]
            )
    with psycopg.connect(database.url, options="-c timezone=Pacific/Auckland") as connection:
        yield connection


@pytest.mark.parametrize(
    ("first", "last", "span"),
    [
        (None, None, (1, 4)),
        (2, 3, (2, 3)),
        (3, None, (3, 4)),
        (None, 900, (1, 4)),
        (date(2026, 3, 2), date(2026, 3, 2), (2, 3)),
        (date(2026, 3, 2), None, (2, 4)),
        (None, date(2026, 3, 1), (1, 1)),
        (2, date(2026, 3, 2), (2, 3)),
        (date(1, 1, 1), date(9999, 12, 31), (1, 4)),
    ],
)
def test_a_span_is_found(
    log: psycopg.Connection[Any], first: Edge, last: Edge, span: tuple[int, int]
) -> None:
    found, extent = find(log, first, last)

    assert found == span
    assert extent.events == span[1] - span[0] + 1
    assert extent.head == 4
    assert sum(count(log, found).values()) == extent.events


def test_the_days_of_a_span_are_told_in_utc(log: psycopg.Connection[Any]) -> None:
    _, extent = find(log, 2, 3)

    assert extent.begins == datetime(2026, 3, 2, tzinfo=UTC)
    assert extent.begins.tzinfo is UTC
    assert extent.ends.date() == date(2026, 3, 2)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (5, None),
        (date(2026, 3, 4), None),
        (None, date(2026, 2, 28)),
        (date(2026, 3, 2), 1),
    ],
)
def test_where_nothing_is_recorded_it_is_said(
    log: psycopg.Connection[Any], first: Edge, last: Edge
) -> None:
    with pytest.raises(NothingRecorded, match="the log ends at position 4"):
        find(log, first, last)


def test_an_event_before_the_first_position_is_not_left_out(
    log: psycopg.Connection[Any], database: Database
) -> None:
    log.commit()
    with owner(database) as tampering:
        tampering.execute("update es.events set position = -3 where position = 2")

    span, extent = find(log, None, None)

    assert span == Span(-3, 4)
    assert extent.events == 4
