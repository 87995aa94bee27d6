"""A log that begins a new epoch, for tests of what goes by epochs and not by signatures."""

import psycopg

from tests.conftest import Database

BEGIN = """
    insert into es.epochs (epoch, first_position, last_seal, reason, actor, recorded_at,
                           statement, signature)
    select %s, coalesce(max(position), 0) + 1, 0, 'restore', 'mia', now(), '', ''
      from es.events
 returning first_position
"""


def begin_epoch(database: Database, number: int = 2) -> int:
    """Let the log, of which nothing is sealed, begin an epoch; returns its first position."""
    with psycopg.connect(database.owner_url) as owner:
        row = owner.execute(BEGIN, [number]).fetchone()
    assert row is not None
    return int(row[0])
