"""Mirrors: copies of a view outside of Postgres that follow it at their own pace.

The view never waits for its mirror. A mirror is written first and its checkpoint moved after, so
that one that was away, or whose process was killed, is offered some rows twice and misses none.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

import structlog
from psycopg import AsyncConnection

from eventstore.rests import rest
from projections import checkpoints
from projections.running.session import account, connect
from projections.view import Row, View

log = structlog.get_logger()

PAGE: Final = 500
IDLE_SECONDS: Final = 0.2
STANDBY_SECONDS: Final = 1.0
FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0

OWN: Final = "select pg_try_advisory_lock(hashtextextended('projections.mirror.' || %s, 0))"


class Mirror(Protocol):
    """A copy of a view outside of Postgres, e.g. a search index."""

    async def fill(self) -> None:
        """Make it hold the view and its checkpoint say so, unless both is the case."""
        ...

    async def changed(
        self, connection: AsyncConnection[Any], after: int, limit: int
    ) -> Sequence[Row]:
        """Return rows of the view beyond a position, as the mirror takes them, oldest first."""
        ...

    async def write(self, changed: Sequence[Row]) -> None:
        """Take in rows; one that is known by its `position` may come again."""
        ...


class MirrorUnavailable(Exception):
    """The mirror of a view did not take rows; they will be offered again."""


class RowRefused(Exception):
    """The mirror of a view does not take a row, however often it is offered."""

    def __init__(self, key: str, sentence: str) -> None:
        """Name the row by its key, and say why."""
        super().__init__(sentence)
        self.key = key


class MirrorWorker:
    """Keeps the mirror of one view up to date; several may run, one of them works."""

    def __init__(
        self,
        view: View,
        conninfo: str,
        mirror: Mirror,
        *,
        moved: Callable[[int], None] | None = None,
    ) -> None:
        """Plan the work; `conninfo` leads to Postgres itself, not to a pool of transactions.

        `moved` is called with the mirror's position each time it has come further.
        """
        self._view = view
        self._conninfo = conninfo
        self._mirror = mirror
        self._moved = moved
        self._pause = FIRST_PAUSE
        self._told: int | None = None
        self._log = log.bind(view=view.name)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop; whatever fails is tried again."""
        while not stop.is_set():
            try:
                async with await connect(self._conninfo) as connection:
                    await self._serve(connection, stop)
            except Exception as error:  # noqa: BLE001 - a mirror is away in ways of its own
                await self._wait(stop, error)

    async def _serve(self, connection: AsyncConnection[Any], stop: asyncio.Event) -> None:
        while not await self._own(connection):
            await rest(stop, STANDBY_SECONDS)
            if stop.is_set():
                return
        # After each interruption: a node that is back may have lost its index.
        await self._mirror.fill()
        position = await self._position(connection)
        while not stop.is_set() and position is not None:
            self._tell(position)
            position = await self._advance(connection, position, stop)
        await rest(stop, FIRST_PAUSE)

    async def _own(self, connection: AsyncConnection[Any]) -> bool:
        cursor = await connection.execute(OWN, [self._view.name])
        return await cursor.fetchone() == (True,)

    async def _position(self, connection: AsyncConnection[Any]) -> int | None:
        """Return where the mirror stands, or None when it has to be filled anew."""
        checkpoint = await checkpoints.read_mirror(connection, self._view)
        return checkpoint.position if checkpoint.shape == self._view.shape else None

    async def _advance(
        self, connection: AsyncConnection[Any], position: int, stop: asyncio.Event
    ) -> int | None:
        """Mirror the next rows, and return the position after them; None as `_position` has it."""
        # First, so that the rows may be newer than we say, but never older.
        view = await checkpoints.read(connection, self._view)
        if view is None or view.shape != self._view.shape:
            await rest(stop, STANDBY_SECONDS)
            return await self._position(connection)
        rows = await self._mirror.changed(connection, position, PAGE)
        await self._mirror.write(rows)
        after = rows[-1]["position"] if rows else position
        if len(rows) < PAGE:
            after = max(after, view.position)
        if after == position:
            await rest(stop, IDLE_SECONDS)
            return await self._position(connection)
        if not await checkpoints.move_mirror(connection, self._view, position, after):
            return await self._position(connection)
        self._pause = FIRST_PAUSE
        return after

    def _tell(self, position: int) -> None:
        if self._moved and position != self._told:
            self._moved(position)
        self._told = position

    async def _wait(self, stop: asyncio.Event, error: Exception) -> None:
        self._log.warning("mirror_interrupted", **_account(error))
        await rest(stop, self._pause)
        self._pause = min(2 * self._pause, LONGEST_PAUSE)


def _account(error: Exception) -> dict[str, str]:
    refused = error if isinstance(error, RowRefused) else error.__cause__
    row = {"row": refused.key} if isinstance(refused, RowRefused) else {}
    return account(error) | row
