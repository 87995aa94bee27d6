"""The leaf of an event: the hash of its whole row, as PostgreSQL itself sends it."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, Final

import psycopg
from psycopg.pq import ExecStatus

LEAF: Final = b"\x00"
SIZE: Final = 32
"""Bytes of a leaf, as of every other hash here."""
COPY: Final = """
    copy (select position, stream_id, version, event_id, topic,
                 class_version, state, metadata, recorded_at
            from es.events
           where position between {first} and {last}
           order by position)
      to stdout (format binary)
"""
HEADER: Final = 19
"""Bytes before the first row: a signature of 11, flags of 4, the length of no extension, 4."""
TRAILER: Final = b"\xff\xff"
NO_MORE: Final = -1
AT_ONCE: Final = 0
"""Ask libpq to wait for the next row, not to come back without one."""


def leaf(row: bytes) -> bytes:
    """Return the leaf of an event whose row is given as a tuple of `COPY … (FORMAT binary)`."""
    return sha256(LEAF + row).digest()


def chained(before: bytes, leaves: list[bytes]) -> bytes:
    """Return the chain after these leaves: each link is the hash of the one before and a leaf."""
    for each in leaves:
        before = sha256(before + each).digest()
    return before


def position(row: bytes) -> int:
    """Return the position in a row: its first field."""
    return int.from_bytes(row[6:14], "big", signed=True)


def read_rows(connection: psycopg.Connection[Any], first: int, last: int) -> Iterator[bytes]:
    """Yield the rows of the events from position `first` to `last`, oldest first.

    The connection does nothing else meanwhile, and its thread waits for the server. Psycopg's own
    `copy` takes several times as long for a row as hashing does.
    """
    pgconn = connection.pgconn
    result = pgconn.exec_(COPY.format(first=int(first), last=int(last)).encode())
    if result.status != ExecStatus.COPY_OUT:
        raise psycopg.errors.error_from_result(result)
    read = pgconn.get_copy_data
    size, data = read(AT_ONCE)
    row = bytes(data[HEADER:])
    while size != NO_MORE:
        if row != TRAILER:
            yield row
        size, data = read(AT_ONCE)
        row = bytes(data)
    while (end := pgconn.get_result()) is not None:
        if end.status != ExecStatus.COMMAND_OK:
            raise psycopg.errors.error_from_result(end)


def read_leaves(connection: psycopg.Connection[Any], first: int, last: int) -> list[bytes]:
    """Return the leaves of the events from position `first` to `last`, oldest first."""
    return [leaf(row) for row in read_rows(connection, first, last)]


def split(leaves: bytes) -> list[bytes]:
    """Return the leaves that are stored one behind the other."""
    return [leaves[at : at + SIZE] for at in range(0, len(leaves), SIZE)]
