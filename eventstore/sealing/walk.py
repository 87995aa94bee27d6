"""Walks the chain of seals from its beginning: form, order, signatures."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from eventstore.sealing import epochs
from eventstore.sealing.chain import End
from eventstore.sealing.epochs import Epoch, EpochRow
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
    epochs: list[Epoch] = []  # noqa: RUF012 - nobody changes it
    """The epochs that the log began anew, each signed with the key in force there."""


class _Bad(Exception):
    pass


def walk(
    log: UUID, first_key: bytes, rows: Iterable[SealRow], restores: Sequence[EpochRow] = ()
) -> Walk:
    """Check the seals of a log one after the other, of which `first_key` has to sign the first.

    `restores` are the epochs that it has, in their order; each has to be signed, too.
    """
    end = End.of_nothing(log, first_key)
    seals: list[Proved] = []
    keys = {first_key}
    begun: list[Epoch] = []
    problem = None
    for row in rows:
        seal = Seal(row.seal, row.statement, row.signature)
        try:
            end = _begin(end, restores, begun)
            statement = _checked(row, seal, end)
        except _Bad as bad:
            return Walk(seals, keys, Problem(end.position + 1, str(bad)), end, begun)
        span = (statement.first, statement.last)
        hashes = (statement.root, end.chain, statement.chain, seal.digest)
        seals.append(Proved(seal.seal, *span, *hashes))
        end = end.after(statement, seal.digest)
        keys.add(statement.next_key or statement.key)
    try:
        end = _begin(end, restores, begun)
        _require_all(restores, begun)
    except _Bad as bad:
        problem = Problem(end.position + 1, str(bad))
    return Walk(seals, keys, problem, end, begun)


def _begin(end: End, restores: Sequence[EpochRow], begun: list[Epoch]) -> End:
    """Begin the epochs that follow the last seal, and return the end in the newest of them."""
    for row in restores[len(begun) :]:
        if row.last_seal != end.seal:
            break
        try:
            epoch = epochs.check(row, end.log, end.key or b"", end.digest)
        except StatementMalformed as error:
            msg = f"epoch {row.epoch} is forged: {error}"
            raise _Bad(msg) from error
        if epoch.epoch <= end.epoch or epoch.first <= end.position:
            msg = f"epoch {row.epoch} is forged: it does not begin where the log ended"
            raise _Bad(msg)
        begun.append(epoch)
        end = end._replace(epoch=epoch.epoch)
    return end


def _require_all(restores: Sequence[EpochRow], begun: list[Epoch]) -> None:
    if len(begun) < len(restores):
        row = restores[len(begun)]
        msg = f"epoch {row.epoch} follows seal {row.last_seal}, which the log does not have"
        raise _Bad(msg)


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
    if statement.epoch != end.epoch:
        msg = f"seal {number} is of epoch {statement.epoch}, where the log is in epoch {end.epoch}"
    elif statement.log != end.log:
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
