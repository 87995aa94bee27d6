"""The table of seals: what is in it, and the only way into it."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple
from uuid import UUID

import psycopg
from psycopg.rows import args_row

from eventstore.sealing import epochs
from eventstore.sealing.chain import End
from eventstore.sealing.signatures import is_signed
from eventstore.sealing.statements import Seal, Statement, StatementMalformed, parse

PAGE: Final = 1_000
LAST: Final = "select seal, statement, signature from es.seals order by seal desc limit 1"
AFTER: Final = """
    select seal, statement, signature from es.seals where seal > %s order by seal limit %s
"""
ROWS: Final = """
    select seal, statement, signature, first_position, last_position
      from es.seals
     order by seal
"""
ADD: Final = "select es.seal(%s, %s, %s, %s, %s, %s)"


class SealOutdated(Exception):
    """Another seal was added meanwhile: look again where the chain ends."""


class SealForged(Exception):
    """The last seal can not be continued; the message says why."""


class SealRow(NamedTuple):
    """A seal as its table has it."""

    seal: int
    statement: str
    signature: bytes
    first_position: int
    last_position: int


def log_id(connection: psycopg.Connection[Any]) -> UUID:
    """Return which log this is."""
    row = connection.execute("select log_id from es.identity").fetchone()
    if row is None:
        msg = "es.identity is empty: it can not be said which log this is"
        raise SealForged(msg)
    return UUID(str(row[0]))


def read_end(connection: psycopg.Connection[Any]) -> End:
    """Return where the chain of seals ends.

    Raises `SealForged` when its last seal is no seal, or an epoch behind it no epoch.
    """
    return _after_restores(connection, _read_end(connection))


def _after_restores(connection: psycopg.Connection[Any], end: End) -> End:
    """Return the end of the chain, in the epoch that the next seal is of."""
    for row in epochs.read_rows(connection):
        if row.epoch > end.epoch:
            try:
                # Before the first seal any key may do: the one that it chooses has to have signed.
                key = end.key or epochs.parse(row.statement).key
                epochs.check(row, end.log, key, end.digest)
            except StatementMalformed as error:
                msg = f"epoch {row.epoch} is forged: {error}"
                raise SealForged(msg) from error
            end = end._replace(epoch=row.epoch)
    return end


def _read_end(connection: psycopg.Connection[Any]) -> End:
    end = End.of_nothing(log_id(connection))
    cursor = connection.cursor(row_factory=args_row(Seal))
    last = cursor.execute(LAST).fetchone()
    if last is None:
        return end
    try:
        statement = parse(last.statement)
    except StatementMalformed as error:
        msg = f"seal {last.seal}: {error}"
        raise SealForged(msg) from error
    if (statement.log, statement.seal) != (end.log, last.seal):
        msg = f"seal {last.seal} is not a seal of this log"
        raise SealForged(msg)
    if not is_signed(last, statement.key):
        msg = f"seal {last.seal} is not signed with the key that it names"
        raise SealForged(msg)
    return end.after(statement, last.digest)


def add(
    connection: psycopg.Connection[Any], seal: Seal, statement: Statement, leaves: list[bytes]
) -> None:
    """Add the next seal; raises `SealOutdated` when it is not the next one any more."""
    try:
        connection.execute(
            ADD,
            [
                seal.seal,
                statement.first,
                statement.last,
                seal.statement,
                seal.signature,
                b"".join(leaves),
            ],
        )
    except psycopg.errors.ObjectNotInPrerequisiteState as error:
        raise SealOutdated(str(error)) from error


def read_after(connection: psycopg.Connection[Any], seal: int, limit: int = PAGE) -> list[Seal]:
    """Return up to `limit` seals that follow the one of this number."""
    cursor = connection.cursor(row_factory=args_row(Seal))
    return cursor.execute(AFTER, [seal, limit]).fetchall()


def read_rows(connection: psycopg.Connection[Any]) -> Iterator[SealRow]:
    """Yield all seals in their order, in bounded memory."""
    with (
        connection.transaction(),
        connection.cursor("seals", row_factory=args_row(SealRow)) as cursor,
    ):
        cursor.itersize = PAGE
        yield from cursor.execute(ROWS)
