"""Walks the chain of seals from its beginning: form, order, signatures."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from eventstore.sealing.chain import End
from eventstore.sealing.problems import Problem
from eventstore.sealing.seals import SealRow
from eventstore.sealing.signatures import is_signed
from eventstore.sealing.statements import Seal, Statement, StatementMalformed, parse


class Proved(NamedTuple):
    """What a good seal says about its events; `before` is the chain that they continue."""

    seal: int
    first: int
    last: int
    root: bytes
    before: bytes
    chain: bytes
    digest: bytes


class Walk(NamedTuple):
    """The good seals up to the first bad one, and the keys that the chain names."""

    seals: list[Proved]
    keys: set[bytes]
    problem: Problem | None
    end: End


class _Bad(Exception):
    pass


def walk(log: UUID, first_key: bytes, rows: Iterable[SealRow]) -> Walk:
    """Check the seals of a log one after the other, of which `first_key` has to sign the first."""
    end = End.of_nothing(log, first_key)
    seals: list[Proved] = []
    keys = {first_key}
    for row in rows:
        seal = Seal(row.seal, row.statement, row.signature)
        try:
            statement = _checked(row, seal, end)
        except _Bad as bad:
            return Walk(seals, keys, Problem(end.position + 1, str(bad)), end)
        span = (statement.first, statement.last)
        hashes = (statement.root, end.chain, statement.chain, seal.digest)
        seals.append(Proved(seal.seal, *span, *hashes))
        end = end.after(statement, seal.digest)
        keys.add(statement.next_key or statement.key)
    return Walk(seals, keys, None, end)


def _checked(row: SealRow, seal: Seal, end: End) -> Statement:
    number = end.seal + 1
    if row.seal != number:
        msg = f"seal {number} is missing, the next one there is seal {row.seal}"
        raise _Bad(msg)
    try:
        statement = parse(seal.statement)
    except StatementMalformed as error:
        msg = f"seal {number} is forged: {error}"
        raise _Bad(msg) from error
    if statement.seal != number:
        msg = f"seal {number} was replaced by seal {statement.seal}"
        raise _Bad(msg)
    if end.key is None or statement.key != end.key or not is_signed(seal, end.key):
        named = "" if end.key is None else f" {end.key.hex()[:16]}…"
        msg = f"seal {number} is forged: it is not signed with the key{named} that has to sign it"
        raise _Bad(msg)
    _follow(row, statement, end)
    return statement


def _follow(row: SealRow, statement: Statement, end: End) -> None:
    """Check what only the holder of the key can have made wrong, and the table's own columns."""
    number = statement.seal
    if statement.log != end.log:
        msg = f"seal {number} seals another log, {statement.log}"
    elif statement.previous != end.digest:
        msg = f"seal {number} does not follow the seal that is before it"
    elif statement.first <= end.position:
        msg = f"seal {number} seals positions that are sealed already, from {statement.first} on"
    elif statement.first > end.position + 1:
        msg = f"nothing seals the positions before {statement.first}, where seal {number} begins"
    elif statement.last < statement.first - (statement.next_key is not None):
        msg = f"seal {number} seals nothing"
    elif (row.first_position, row.last_position) != (statement.first, statement.last):
        msg = f"the positions beside seal {number} are not those that it states"
    else:
        return
    raise _Bad(msg)
