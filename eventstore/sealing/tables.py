"""Checks what stands beside the events against them: positions, streams, commands."""

from typing import Any, Final

import psycopg

from eventstore.sealing.problems import Problem

BEFORE_THE_FIRST: Final = """
    select min(position), 'an event was added before the first one'
      from es.events
     where position < 1
"""
GAP: Final = """
    select min(before) + 1, 'the event is missing'
      from (select position, lag(position, 1, %(after)s::bigint) over (order by position) as before
              from es.events
             where position > %(after)s) e
     where position <> before + 1
"""
STREAMS: Final = """
    with told as (
        select stream_id, max(version) as version, min(version) as first_version,
               count(*) as events, min(position) as first_position, max(position) as last_position
          from es.events
         group by stream_id
    )
    select coalesce(told.first_position, s.first_position),
           'es.streams does not say what the events of stream ' || stream_id || ' say'
      from told
      full join es.streams s using (stream_id)
     where told.events is distinct from told.version - told.first_version + 1
        or (s.version, s.first_position, s.last_position)
           is distinct from (told.version, told.first_position, told.last_position)
     order by 1
     limit 1
"""
# Commands lie side by side, from the first position to the last, and their events name them.
COMMANDS: Final = """
    with command as (
        select command_id, first_position, last_position,
               lag(last_position, 1, 0::bigint) over (order by first_position, last_position)
                   as before
          from es.commands
    ), wrong (position, what) as (
        select least(before + 1, first_position),
               'es.commands does not say which command recorded the event'
          from command
         where first_position <> before + 1 or last_position < first_position
        union all
        select least(c.last, e.head) + 1, 'es.commands does not end where the log does'
          from (select coalesce(max(last_position), 0) as last from es.commands) c,
               (select coalesce(max(position), 0) as head from es.events) e
         where c.last <> e.head
        union all
        select c.first_position, 'es.commands names another command than the event does'
          from command c
          join es.events e on e.position = c.first_position
         where position('"command_id":"'::bytea in e.metadata) > 0
           and position(convert_to('"command_id":"' || c.command_id || '"', 'UTF8')
                        in e.metadata) = 0
    )
    select position, what from wrong order by position limit 1
"""
TAIL: Final = """
    select count(*), extract(epoch from clock_timestamp() - min(recorded_at))::float8
      from es.events
     where position > %s
"""


def check_positions(connection: psycopg.Connection[Any], sealed: int) -> list[Problem]:
    """Return what is wrong with the positions that no seal covers, those after `sealed`."""
    return [
        *_asked(connection, BEFORE_THE_FIRST),
        *_asked(connection, GAP, {"after": sealed}),
    ]


def check_tables(connection: psycopg.Connection[Any]) -> list[Problem]:
    """Return what streams and commands say otherwise than the events; each the first of its kind.

    An append that goes on meanwhile does not matter: every query sees one moment.
    """
    return [*_asked(connection, STREAMS), *_asked(connection, COMMANDS)]


def unsealed(connection: psycopg.Connection[Any], sealed: int) -> tuple[int, float | None]:
    """Return how many events follow `sealed`, and the seconds since the oldest was recorded."""
    row = connection.execute(TAIL, [sealed]).fetchone()
    return (row[0], row[1]) if row else (0, None)


def _asked(
    connection: psycopg.Connection[Any], query: str, values: dict[str, int] | None = None
) -> list[Problem]:
    rows = connection.execute(query, values).fetchall()
    return [Problem(*row) for row in rows if row[0] is not None]
