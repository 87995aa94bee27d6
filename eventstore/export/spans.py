"""Which part of the log is meant: positions, or the days on which events were recorded."""

from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple

import psycopg

FIRST_ON: Final = """
    select min(position) from es.events
     where recorded_at >= %s::date::timestamp at time zone 'UTC'
"""
LAST_ON: Final = """
    select max(position) from es.events
     where recorded_at < (%s::date + 1)::timestamp at time zone 'UTC'
"""
LOWEST: Final = "select min(position) from es.events"
HEAD: Final = "select coalesce(max(position), 0) from es.events"
ENDS: Final = """
    select count(*), min(recorded_at), max(recorded_at)
      from es.events
     where position between %s and %s
"""
COUNTS: Final = """
    select topic, count(*) from es.events
     where position between %s and %s
     group by topic
"""

Edge = int | date | None
"""A position, a day of recording in UTC, or None for the end of the log on this side."""


class NothingRecorded(Exception):
    """No event is in the part of the log that was asked for; the message says so."""


class Span(NamedTuple):
    """Positions from the first to the last, both included."""

    first: int
    last: int


class Extent(NamedTuple):
    """What a span holds, and where the log ended when that was asked."""

    events: int
    begins: datetime
    """When its earliest event was recorded."""
    ends: datetime
    head: int


def find(connection: psycopg.Connection[Any], first: Edge, last: Edge) -> tuple[Span, Extent]:
    """Return the positions that are meant, and what is there; raises `NothingRecorded`.

    Where the clock was put back, events of other days may lie between those of the days asked for:
    positions are without gaps.
    """
    head = int(_one(connection, HEAD) or 0)
    begin = _one(connection, FIRST_ON, first) if isinstance(first, date) else first
    if isinstance(last, date):
        end = _one(connection, LAST_ON, last)
    else:
        end = head if last is None else min(last, head)
    if first is None:
        # An owner who tampers may put an event before position 1: it is told, not left out.
        begin = min(1, _one(connection, LOWEST) or 1)
    span = Span(head + 1 if begin is None else begin, end or 0)
    row = connection.execute(ENDS, span).fetchone()
    if row is None or not row[0]:
        asked = f"from {first or 'the beginning'} to {last or 'the end'}"
        msg = f"No event is recorded {asked}: the log ends at position {head}."
        raise NothingRecorded(msg)
    return span, Extent(row[0], row[1].astimezone(UTC), row[2].astimezone(UTC), head)


def count(connection: psycopg.Connection[Any], span: Span) -> dict[str, int]:
    """Return how many events of each topic the log has in a span."""
    return dict(sorted(connection.execute(COUNTS, span).fetchall()))


def _one(connection: psycopg.Connection[Any], query: str, *values: date) -> Any:
    row = connection.execute(query.encode(), values).fetchone()
    return row[0] if row else None
