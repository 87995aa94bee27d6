"""Anchors: places outside the database that keep every seal, so that none of them can go away."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple, Protocol

import psycopg
import structlog

from eventstore.broker import BrokerUnavailable
from eventstore.log import LINE
from eventstore.rests import rest
from eventstore.sealing import seals
from eventstore.sealing.problems import Problem, first
from eventstore.sealing.signatures import is_signed
from eventstore.sealing.statements import Seal, StatementMalformed, parse
from eventstore.sealing.walk import Walk

POLL: Final = 0.2
RETRY: Final = 2.0
BATCH: Final = 200

logger = structlog.get_logger()


class Anchor(Protocol):
    """Keeps seals for good; all of it may raise BrokerUnavailable or OSError."""

    name: str
    """What people call it."""

    async def last(self) -> Seal | None:
        """Return the seal that was added last."""
        ...

    async def add(self, seals: Sequence[Seal]) -> None:
        """Keep these seals behind the others; one that is kept already does no harm."""
        ...

    def read(self) -> AsyncIterator[Seal]:
        """Yield everything that was ever kept, in its order."""
        ...


class Anchoring:
    """Brings the seals of the table to one anchor, in order, as soon as it can be reached."""

    def __init__(self, conninfo: str, anchor: Anchor, head: Callable[[], int]) -> None:
        """Plan the work; `head` tells the last seal's number while this process leads, else 0."""
        self._conninfo = conninfo
        self._anchor = anchor
        self._head = head
        self._alone = asyncio.Lock()
        self._done: int | None = None
        self._reason = ""

    async def run(self, stop: asyncio.Event) -> None:
        """Follow the seals until told to stop."""
        while not stop.is_set():
            await rest(stop, POLL if await self.follow() else RETRY)

    async def follow(self) -> bool:
        """Add what the anchor does not have yet, and tell whether that could be done."""
        try:
            async with self._alone:
                await self._catch_up()
        except (BrokerUnavailable, OSError, psycopg.Error) as error:
            self._failed(error)
            return False
        self._reason = ""
        return True

    async def _catch_up(self) -> None:
        head = self._head()
        if not head:
            self._done = None  # Another process leads, and adds.
            return
        if self._done is None:
            self._done = await self._find_end()
        while self._done < head:
            following = await asyncio.to_thread(self._after, self._done)
            if not following:
                return
            await self._anchor.add(following)
            self._done = following[-1].seal

    async def _find_end(self) -> int:
        last = await self._anchor.last()
        if last is None or await asyncio.to_thread(self._is_ours, last):
            return 0 if last is None else last.seal
        # The log was restored, or cut back: what the anchor has stays, as evidence.
        common = 0
        async for seal in self._anchor.read():
            if seal.seal > common and await asyncio.to_thread(self._is_ours, seal):
                common = seal.seal
        logger.error("anchor_has_other_seals", anchor=self._anchor.name, common=common)
        return common

    def _after(self, seal: int) -> list[Seal]:
        with psycopg.connect(self._conninfo, autocommit=True, **LINE) as connection:
            return seals.read_after(connection, seal, BATCH)

    def _is_ours(self, anchored: Seal) -> bool:
        with psycopg.connect(self._conninfo, autocommit=True, **LINE) as connection:
            return seals.read_after(connection, anchored.seal - 1, 1) == [anchored]

    def _failed(self, error: Exception) -> None:
        self._done = None
        reason = f"{type(error).__name__}: {error}"
        if reason != self._reason:  # It is the same one at every attempt.
            self._reason = reason
            logger.warning("seals_not_anchored", anchor=self._anchor.name, reason=reason)


class Lost(NamedTuple):
    """A seal that an anchor has, and that the log lost when an epoch began."""

    epoch: int
    """The epoch that began then."""
    seal: int
    first: int
    last: int
    root: bytes
    sealed_at: datetime


class Anchored(NamedTuple):
    """What an anchor was found to keep."""

    name: str
    seals: int
    problem: Problem | None
    lost: list[Lost] = []  # noqa: RUF012 - nobody changes it


def compare(name: str, kept: Iterable[Seal], walk: Walk) -> Anchored:
    """Compare what an anchor keeps with the seals of the log; those of other logs do not matter."""
    known = {seal.seal: seal for seal in walk.seals}
    problems: list[Problem | None] = []
    found: set[int] = set()
    lost: list[Lost] = []
    keys = set(walk.keys)
    for seal in kept:
        if seal.seal in known and known[seal.seal].digest == seal.digest:
            found.add(seal.seal)
        elif (loss := _lost(seal, walk, keys)) is not None:
            lost.append(loss)
        elif (problem := _differs(name, seal, walk)) is not None:
            problems.append(problem)
            found.add(seal.seal)
    newest = max(found, default=0)
    hole = next((n for n in known if n < newest and n not in found), None)
    if hole is not None:
        problems.append(Problem(known[hole].first, f"{name} has lost seal {hole}"))
    return Anchored(name, len(found & known.keys()), first(problems), lost)


def _lost(seal: Seal, walk: Walk, keys: set[bytes]) -> Lost | None:
    """Return what a restore took away, if that seal was: one of an older epoch, behind its end.

    A seal that handed over to a key may be lost itself: `keys` grows by those.
    """
    try:
        statement = parse(seal.statement)
    except StatementMalformed:
        return None
    later = [each for each in walk.epochs if each.epoch > statement.epoch]
    over = next((each for each in later if each.last_seal < statement.seal), None)
    signed = statement.key in keys and is_signed(seal, statement.key)
    if over is None or not signed or statement.log != walk.end.log:
        return None
    keys.add(statement.next_key or statement.key)
    span = (statement.first, statement.last)
    return Lost(over.epoch, seal.seal, *span, statement.root, statement.sealed_at)


def _differs(name: str, seal: Seal, walk: Walk) -> Problem | None:
    try:
        statement = parse(seal.statement)
    except StatementMalformed:
        return Problem(1, f"{name} has something that is no seal, as seal {seal.seal}")
    if statement.log != walk.end.log:
        return None
    if not any(is_signed(seal, key) for key in walk.keys):
        what = f"{name} has a seal {seal.seal} that was not signed with a key of this log"
    elif seal.seal > walk.end.seal:
        what = f"the log was cut back: seal {seal.seal}, which {name} has, is missing"
    else:
        what = f"the log was replaced: {name} has another seal {seal.seal}"
    return Problem(statement.first, what)
