"""Epochs of the log: what a restore states and signs, and what the table has of it."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
import psycopg
from psycopg.rows import args_row

from eventstore.sealing.signatures import Signer, is_signed_text
from eventstore.sealing.statements import StatementMalformed, instant

NEVER: Final = "the end"
"""What is stated where the log was restored as far as it went."""
WORDS: Final = 200
"""Characters of a reason or a name at most."""
FORM: Final = re.compile(
    r"psa-epoch/1\n"
    r"log (?P<log>[0-9a-f-]{36})\n"
    r"epoch (?P<epoch>[1-9][0-9]{0,18})\n"
    r"first-position (?P<first>[1-9][0-9]{0,18})\n"
    r"last-seal (?P<last_seal>0|[1-9][0-9]{0,18})\n"
    r"previous (?P<previous>[0-9a-f]{64})\n"
    r"restored-to (?P<restored_to>the end|[0-9T:.-]{23}Z)\n"
    r"recorded-at (?P<recorded_at>[0-9T:.-]{23}Z)\n"
    r"actor (?P<actor>[^\n]{1,200})\n"
    r"reason (?P<reason>[^\n]{1,200})\n"
    r"key (?P<key>[0-9a-f]{64})\n"
)
ROWS: Final = """
    select epoch, first_position, last_seal, statement, signature from es.epochs order by epoch
"""
ADD: Final = """
    insert into es.epochs (epoch, first_position, last_seal, restored_to, reason, actor,
                           recorded_at, statement, signature)
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


class EpochRow(NamedTuple):
    """An epoch as its table has it."""

    epoch: int
    first_position: int
    last_seal: int
    statement: str
    signature: bytes


class Epoch(msgspec.Struct, frozen=True, kw_only=True):
    """What a restore states: that positions from `first` on are given once more."""

    log: UUID
    epoch: int
    first: int
    last_seal: int
    """The seals that follow this one in an older epoch were lost."""
    previous: bytes
    """The digest of that seal."""
    restored_to: datetime | None
    recorded_at: datetime
    actor: str
    reason: str
    key: bytes

    @property
    def text(self) -> str:
        """The statement as it is signed."""
        to = NEVER if self.restored_to is None else instant(self.restored_to)
        return (
            f"psa-epoch/1\nlog {self.log}\nepoch {self.epoch}\nfirst-position {self.first}\n"
            f"last-seal {self.last_seal}\nprevious {self.previous.hex()}\nrestored-to {to}\n"
            f"recorded-at {instant(self.recorded_at)}\nactor {self.actor}\nreason {self.reason}\n"
            f"key {self.key.hex()}\n"
        )


def plain(words: str) -> str:
    """Return words as a statement can hold them: on one line, not too long, never none."""
    return " ".join(words.split())[:WORDS].strip() or "-"


def parse(text: str) -> Epoch:
    """Return what a text states; raises `StatementMalformed` for any other text."""
    found = FORM.fullmatch(text)
    try:
        epoch = _epoch(found.groupdict()) if found else None
    except ValueError as error:
        raise StatementMalformed(str(error)) from error
    if epoch is None or epoch.text != text:
        msg = "the text has not the lines of an epoch"
        raise StatementMalformed(msg)
    return epoch


def _epoch(said: dict[str, str]) -> Epoch:
    to = said["restored_to"]
    return Epoch(
        log=UUID(said["log"]),
        epoch=int(said["epoch"]),
        first=int(said["first"]),
        last_seal=int(said["last_seal"]),
        previous=bytes.fromhex(said["previous"]),
        restored_to=None if to == NEVER else datetime.fromisoformat(to),
        recorded_at=datetime.fromisoformat(said["recorded_at"]),
        actor=said["actor"],
        reason=said["reason"],
        key=bytes.fromhex(said["key"]),
    )


def read_rows(connection: psycopg.Connection[Any]) -> list[EpochRow]:
    """Return all epochs, in their order; none where the log is of the version before."""
    try:
        with connection.transaction():
            return connection.cursor(row_factory=args_row(EpochRow)).execute(ROWS).fetchall()
    except psycopg.errors.UndefinedTable:
        return []


def add(connection: psycopg.Connection[Any], epoch: Epoch, signer: Signer) -> None:
    """Begin an epoch; only the owner of the log may."""
    statement = epoch.text
    connection.execute(
        ADD,
        [
            epoch.epoch,
            epoch.first,
            epoch.last_seal,
            epoch.restored_to,
            epoch.reason,
            epoch.actor,
            epoch.recorded_at.astimezone(UTC),
            statement,
            signer.sign(statement.encode()),
        ],
    )


def check(row: EpochRow, log: UUID, key: bytes, digest: bytes) -> Epoch:
    """Return what a row states, signed with the key that seals the log there.

    `digest` is that of the seal that it follows. Raises `StatementMalformed`, saying what is wrong.
    """
    epoch = parse(row.statement)
    columns = (epoch.epoch, epoch.first, epoch.last_seal)
    if columns != row[:3] or epoch.log != log:
        msg = "its statement is not of this row"
    elif epoch.key != key or not is_signed_text(row.statement, row.signature, key):
        msg = "it is not signed with the key that seals the log there"
    elif epoch.previous != digest:
        msg = f"it does not follow seal {epoch.last_seal}"
    else:
        return epoch
    raise StatementMalformed(msg)


def in_force(epochs: Sequence[Epoch], after_seal: int) -> int:
    """Return the epoch of the seal that follows this one."""
    return max((each.epoch for each in epochs if each.last_seal <= after_seal), default=1)
