"""The connection of a worker or of a rebuild to Postgres, and what may interrupt it."""

from typing import Any, Final

import msgspec
import psycopg
from psycopg import AsyncConnection, errors
from psycopg.types.json import set_json_loads

from eventstore.errors import LogUnavailable

# A plan made while a table was small must not scan it once it is large: rows are always found by
# their keys. And a batch that a crash of Postgres takes back is folded again, from a log that is
# older in the same write-ahead log: no commit of a view waits for the disk, or makes the appends
# wait for it.
SESSION: Final = """
    select set_config('timezone', 'UTC', false),
           set_config('enable_seqscan', 'off', false),
           set_config('enable_hashjoin', 'off', false),
           set_config('enable_mergejoin', 'off', false),
           set_config('synchronous_commit', 'off', false)
"""
TRANSIENT: Final = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    errors.UndefinedTable,  # another process makes the schema, and may start later
    errors.ReadOnlySqlTransaction,  # a primary that has just been replaced
    LogUnavailable,
)
"""What goes away again: whoever meets it tries once more, on a new connection."""


async def connect(conninfo: str) -> AsyncConnection[Any]:
    """Open a connection that notices within seconds when the other side is gone."""
    connection = await AsyncConnection.connect(
        conninfo,
        autocommit=True,
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
    )
    set_json_loads(msgspec.json.decode, connection)
    await connection.execute(SESSION)
    return connection


def account(error: Exception) -> dict[str, str]:
    """Return what the log tells of an interruption: names, no texts."""
    found = {"error": type(error).__name__}
    if error.__cause__ is not None:
        found["cause"] = type(error.__cause__).__name__
    return found
