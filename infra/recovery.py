"""The order of a recovery, the same one whoever restores: the embedded stack, or pgBackRest.

    fence        nobody records or reads while the past changes
    restore      to the instant, replayed and promoted
    epoch        which positions are given a second time, signed with the key that seals the log
    shred again  what had been erased since is erased once more, before any command is accepted
    heal         what was copied out of the database is made anew: the search index; the stream and
                 the consumers go by the epoch; views that can tell of people are folded anew
    verify       chain, events, anchors: what was lost is named
    open         for commands

A step that fails leaves everything as it was before the recovery.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any, Final, Protocol

import msgspec
import psycopg

from eventstore.log import LINE
from eventstore.migrate import migrate
from eventstore.sealing import epochs, seals
from eventstore.sealing.epochs import Epoch
from eventstore.sealing.signatures import Keys
from eventstore.sealing.statements import StatementMalformed, parse
from eventstore.sealing.verify import Kept, Report, verify
from infra.embedded.clusters import LOG
from projections import checkpoints, schema
from projections.table import PERSONAL

ORDER: Final = ("fence", "restore", "epoch", "shred again", "heal", "verify", "open")
HEAD: Final = "select coalesce(max(position), 0) from es.events"


class RecoveryRefused(Exception):
    """What was restored is not fit to be opened; the message says why, and the way out."""


class Ground(Protocol):
    """What a recovery works on: a data folder, or a cluster of servers."""

    def fence(self) -> None:
        """Let nobody else in."""
        ...

    def restore(self) -> str:
        """Restore, replay and promote, and return where the owner of the log gets in."""
        ...

    def open(self) -> None:
        """Let everybody in to what was restored."""
        ...

    def abandon(self) -> None:
        """Leave everything as it was before; harmless at any time."""
        ...


Shred = Callable[[str], Awaitable[int]]
"""Destroys again, for the log at this address, the keys of all who were erased: how many?"""
Tell = Callable[[str], None]


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """Who restores to when, and why; and what the result is compared with."""

    restored_to: datetime | None
    reason: str
    actor: str
    now: datetime
    keys: Keys
    first_key: bytes
    """The public key of the first seal."""
    anchored: Sequence[Kept] = ()
    least_epoch: int = 1
    """The newest epoch that is known from elsewhere: its number is not given again."""
    even_if_broken: bool = False


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a recovery has brought about."""

    epoch: Epoch
    head: int
    shredded: int
    report: Report
    seconds: dict[str, float]


async def nothing_to_shred(conninfo: str) -> int:  # noqa: ARG001 - one for all
    """Return 0: the log keeps no key of a person yet."""
    return 0


async def recover(ground: Ground, terms: Terms, shred: Shred, tell: Tell) -> Outcome:
    """Go through all steps; raises what a step raises, with everything as it was before."""
    taken: dict[str, float] = {}
    begun = time.monotonic()

    def done(step: str) -> None:
        nonlocal begun
        now = time.monotonic()
        taken[step] = round(now - begun, 2)
        begun = now
        following = ORDER[ORDER.index(step) + 1 :]
        tell(f"{step}: {taken[step]:.1f} s" + (f"; {following[0]} …" if following else ""))

    try:
        ground.fence()
        done("fence")
        conninfo = ground.restore()
        done("restore")
        epoch = begin_epoch(conninfo, terms)
        done("epoch")
        shredded = await shred(conninfo)
        done("shred again")
        heal(conninfo)
        done("heal")
        report = verify(conninfo, terms.first_key, terms.anchored)
        _require_sound(report, terms)
        done("verify")
        ground.open()
        done("open")
    except BaseException:
        ground.abandon()
        raise
    head = epoch.first - 1
    return Outcome(epoch=epoch, head=head, shredded=shredded, report=report, seconds=taken)


def begin_epoch(conninfo: str, terms: Terms) -> Epoch:
    """State and sign which positions are given a second time.

    Raises `SealKeyMissing` when the key is not here that has to sign the next seal.
    """
    migrate(conninfo, app_role=LOG.accounts.app)  # The past may know nothing of epochs.
    with closing(psycopg.connect(conninfo, autocommit=True, **LINE)) as connection:
        end = seals.read_end(connection)
        signer = terms.keys.first() if end.key is None else terms.keys.of(end.key)
        epoch = Epoch(
            log=end.log,
            epoch=1 + max(end.epoch, terms.least_epoch),
            first=_head(connection) + 1,
            last_seal=end.seal,
            previous=end.digest,
            restored_to=terms.restored_to,
            recorded_at=terms.now,
            actor=epochs.plain(terms.actor),
            reason=epochs.plain(terms.reason),
            key=signer.public,
        )
        epochs.add(connection, epoch, signer)
    return epoch


def heal(conninfo: str) -> None:
    """Let nobody rely on copies of views that lie outside of the database.

    What tells of people is folded anew: the restored rows know nothing of who was erased since.
    """
    schema.begin_anew(conninfo, PERSONAL)
    with psycopg.connect(conninfo, autocommit=True, **LINE) as connection:
        checkpoints.forget_mirrors(connection)


def newest_epoch(anchored: Sequence[Kept]) -> int:
    """Return the newest epoch that an anchored seal is of."""
    newest = 1
    for _, kept in anchored:
        for seal in kept:
            try:
                newest = max(newest, parse(seal.statement).epoch)
            except StatementMalformed:
                continue
    return newest


def _head(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute(HEAD).fetchone()
    return int(row[0]) if row else 0


def _require_sound(report: Report, terms: Terms) -> None:
    if report.problem is not None and not terms.even_if_broken:
        msg = (
            f"What was restored is not as it was sealed: {report.problem}. Nothing was replaced; "
            "restore to an earlier instant, or open it all the same with --even-if-broken."
        )
        raise RecoveryRefused(msg)
