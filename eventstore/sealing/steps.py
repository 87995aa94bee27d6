"""The steps of a sealer: seal what waits, or hand over to another key."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

import psycopg

from eventstore.sealing import seals
from eventstore.sealing.chain import End
from eventstore.sealing.leaves import leaf, position, read_rows
from eventstore.sealing.seals import SealOutdated
from eventstore.sealing.signatures import Keys
from eventstore.sealing.statements import Seal, parse

MOST: Final = 4_096
"""How many events a seal has at most; as many are sealed at once."""
AGE: Final = 0.7
"""How many seconds an event waits for others at most."""
STANDING: Final = """
    select coalesce((select max(position) from es.events), 0),
           coalesce((select max(seal) from es.seals), 0),
           (select extract(epoch from clock_timestamp() - recorded_at)::float8
              from es.events where position = %s + 1)
"""


class LogBroken(Exception):
    """An event is not there any more: nothing is sealed before somebody knows why."""

    def __init__(self, position: int) -> None:
        """Name the position, and what tells more."""
        super().__init__(
            f"The event at position {position} is not there any more: nothing more is sealed; "
            "`psa audit verify` says what is wrong."
        )


class Steps:
    """Seals the log step by step, on a connection that commits by itself.

    Several may do so at once: the table takes only the seal that follows, from one of them.
    Every step may raise `SealKeyMissing`, `SealForged` and `LogBroken`, which no repetition mends.
    """

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        keys: Keys,
        now: Callable[[], datetime],
        *,
        age: float = AGE,
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._now = now
        self._age = age
        self._end: End | None = None
        self.sealed = 0
        """The number of the last seal, as far as it is known here."""

    def seal(self, *, at_once: bool = False) -> int:
        """Seal the next events if enough of them wait, or one for long, and say how many.

        `at_once` seals whatever waits.
        """
        end = self._known()
        row = self._connection.execute(STANDING, [end.position]).fetchone()
        head, last, age = row or (0, 0, None)
        if last != end.seal:
            self._end = None  # The key was changed, or another sealer leads as well.
            return self.seal(at_once=at_once)
        waiting = head - end.position
        if not waiting:
            return 0
        if waiting < 0 or age is None:
            raise LogBroken(min(head, end.position) + 1)
        if not (at_once or waiting >= MOST or age >= self._age):
            return 0
        return self._seal(end, min(waiting, MOST))

    def rotate(self) -> Seal:
        """Hand over to a new key, and return the seal that says so.

        Whoever seals meanwhile goes on with the new key.
        """
        new = self._keys.make()  # Kept before the chain names it: a seal without its key were last.
        while True:
            self._end = None
            end = self._known()
            signer = self._keys.first() if end.key is None else self._keys.of(end.key)
            seal = end.change_key(new.public, signer, self._now())
            try:
                self._add(end, seal, [])
            except SealOutdated:
                continue  # Somebody was faster.
            return seal

    def _known(self) -> End:
        if self._end is None:
            self._end = seals.read_end(self._connection)
            self.sealed = self._end.seal
        return self._end

    def _seal(self, end: End, count: int) -> int:
        signer = self._keys.first() if end.key is None else self._keys.of(end.key)
        leaves = self._leaves(end.position + 1, end.position + count)
        with suppress(SealOutdated):  # Somebody has sealed them.
            self._add(end, end.seal_events(leaves, signer, self._now()), leaves)
        return count

    def _add(self, end: End, seal: Seal, leaves: list[bytes]) -> None:
        self._end = None  # Whatever happens now, only the table knows it.
        statement = parse(seal.statement)
        seals.add(self._connection, seal, statement, leaves)
        self._end = end.after(statement, seal.digest)
        self.sealed = seal.seal

    def _leaves(self, first: int, last: int) -> list[bytes]:
        leaves: list[bytes] = []
        for row in read_rows(self._connection, first, last):
            if position(row) == first + len(leaves):
                leaves.append(leaf(row))
        if len(leaves) != last - first + 1:
            raise LogBroken(first + len(leaves))
        return leaves
