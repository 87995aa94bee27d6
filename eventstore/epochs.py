"""Positions as the outside keeps them: with the epoch in which they were given.

A restore to an earlier instant lets positions be given a second time (ADR 11). In the first epoch a
position is written as it is, `4711`; one that was given in epoch 2 is `2-4711`. A position of an
older epoch is still true as long as it lies before everything that was given anew.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

import psycopg

from domain.errors import Refused

FORM: Final = r"^([1-9][0-9]{0,9}-)?[0-9]{1,19}$"
"""A position as the outside may send it."""
KNOWN: Final = "select epoch, first_position from es.epochs"

_FORM: Final = re.compile(FORM)


class PositionOutdated(Refused):
    """{what} {sent} is of before a restore: from {first_position} on, read anew and without it."""


class Epochs:
    """The epochs of the log, as far as this process has heard.

    Whoever opens a connection to the log calls `learn`: a restore ends all connections, so that
    nobody reads a restored log without having heard of it.
    """

    def __init__(self, known: Iterable[tuple[int, int]] = ()) -> None:
        """Begin with these: each a number and its first position."""
        self._known = sorted(known)

    @property
    def current(self) -> int:
        """The epoch of today, 1 before the first restore."""
        return self._known[-1][0] if self._known else 1

    async def learn(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """Take note of the epochs of the log at the other end; it commits by itself."""
        try:
            cursor = await connection.execute(KNOWN)
            self._known = sorted(await cursor.fetchall())
        except psycopg.errors.UndefinedTable:
            self._known = []  # A log of the version before: it was never restored.

    def write(self, position: int) -> str:
        """Return a position of the log as the outside gets it."""
        given = max((epoch for epoch, first in self._known if first <= position), default=1)
        return str(position) if given == 1 else f"{given}-{position}"

    def read(self, sent: str, what: str = "The position") -> int:
        """Return the position that somebody got earlier; raises `PositionOutdated`.

        Raises `ValueError` for what is no position.
        """
        sent = sent.strip()
        if not _FORM.fullmatch(sent):
            msg = f"{sent!r} is no position"
            raise ValueError(msg)
        epoch, _, position = sent.rpartition("-")
        self.require(int(epoch or 1), int(position), what, sent)
        return int(position)

    def require_current(self, epoch: int, what: str) -> None:
        """Refuse what was made in an older epoch, wherever it leads."""
        over = [known for known in self._known if known[0] > epoch]
        if over:
            first = min(first for _, first in over)
            raise PositionOutdated(what=what, sent="that was sent", first_position=first)

    def require(self, epoch: int, position: int, what: str, sent: str) -> None:
        """Refuse a position that was given again since that epoch."""
        over = [known for known in self._known if known[0] > epoch and known[1] <= position]
        if over:
            first = min(first for _, first in over)
            raise PositionOutdated(what=what, sent=sent, first_position=first)
