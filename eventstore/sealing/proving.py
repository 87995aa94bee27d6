"""Finds in the log what the proof of an event is made of."""

from contextlib import suppress
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.rows import args_row

from eventstore.sealing.leaves import position as position_of
from eventstore.sealing.leaves import read_rows, split
from eventstore.sealing.proofs import NotProved, Proof, check, make, read, write
from eventstore.sealing.statements import Seal

END: Final = 2**63 - 1
DIGITS: Final = 40
"""As many characters as are read of a position: no event has a longer one."""
BY_ID: Final = "select position from es.events where event_id = %s order by position limit 1"
SEAL: Final = """
    select seal, statement, signature, leaves from es.seals
     where %s between first_position and last_position
     order by seal limit 1
"""
CHANGES: Final = r"""
    select seal, statement, signature from es.seals
     where seal < %s and position(E'\nnext-key ' in statement) > 0
     order by seal
"""


class Unprovable(Exception):
    """There is no proof of this event; the message says why, and the way out."""


class EventUnknown(Unprovable):
    """There is no such event."""

    def __init__(self, event: str) -> None:
        super().__init__(
            f"There is no event {event}: give a position of the log or an event's id, "
            "as `psa audit show --json` lists them."
        )


class EventUnsealed(Unprovable):
    """The event is not sealed yet."""

    def __init__(self, position: int) -> None:
        super().__init__(
            f"The event at position {position} is not sealed yet: while a sealer runs "
            "(`psa up` or `psa seal`) that takes a second; try again."
        )


class EventBroken(Unprovable):
    """The event is not as it was sealed."""

    def __init__(self, position: int, what: str) -> None:
        super().__init__(
            f"The event at position {position} can not be proved: {what}; "
            "`psa audit verify` says what is wrong with the log."
        )


def prove(connection: psycopg.Connection[Any], event: str, first_key: bytes) -> Proof:
    """Return the proof of an event, given by its position or its id, that holds for `first_key`.

    An id is looked for in the whole log. Raises `Unprovable`.
    """
    # One moment for all: the seal may come between two questions.
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        at = _position(connection, event)
        rows = list(read_rows(connection, at, at))
        found = connection.execute(SEAL, [at]).fetchone()
        if found is None:
            raise EventUnsealed(at) if rows else EventUnknown(event)
        if not rows:
            raise EventBroken(at, f"it is missing, seal {found[0]} covers it")
        seal, leaves = Seal(*found[:3]), split(found[3])
        cursor = connection.cursor(row_factory=args_row(Seal))
        changes = cursor.execute(CHANGES, [seal.seal]).fetchall()
    return _proved(rows[0], seal, leaves, changes, first_key)


def _proved(
    row: bytes, seal: Seal, leaves: list[bytes], changes: list[Seal], first_key: bytes
) -> Proof:
    try:
        proof = make(row, seal, leaves, changes)
        # As it will be read: what is written here holds elsewhere.
        check(read(write(proof).encode()), first_key)
    except (NotProved, ValueError, OverflowError, RecursionError) as error:
        raise EventBroken(position_of(row), str(error)) from error
    return proof


def _position(connection: psycopg.Connection[Any], event: str) -> int:
    if event.isascii() and event.isdecimal():
        position = int(event[:DIGITS])
        if not 0 < position <= END:
            raise EventUnknown(event[:DIGITS])
        return position
    row = None
    with suppress(ValueError):
        row = connection.execute(BY_ID, [UUID(event)]).fetchone()
    if row is None:
        raise EventUnknown(event)
    return int(row[0])
