"""The worker: it follows the log and folds each batch into one view, in one transaction."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

import psycopg
import structlog
from psycopg import AsyncConnection, errors

from eventstore.errors import LogUnavailable
from eventstore.feed import Feed
from eventstore.records import Recorded
from projections import checkpoints
from projections.folding import Unapplicable, fold, relevant
from projections.rows import BatchRows
from projections.running.session import connect, rest
from projections.view import View

log = structlog.get_logger()

STANDBY_SECONDS: Final = 1.0
FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0

# One worker at a time folds a view; the next one takes over when its session has ended.
OWN: Final = "select pg_try_advisory_lock(hashtextextended('projections.worker.' || %s, 0))"
# All: a session that took over several times holds the lock as often.
DISOWN: Final = "select pg_advisory_unlock_all()"


class CheckpointMoved(Exception):
    """Somebody else moved the checkpoint: another worker, or a rebuild."""


TRANSIENT: Final = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    errors.UndefinedTable,  # another process makes the schema, and may start later
    errors.ReadOnlySqlTransaction,  # a primary that has just been replaced
    LogUnavailable,
)
POISONOUS: Final = (
    Unapplicable,
    psycopg.DataError,
    psycopg.IntegrityError,
    errors.ProgramLimitExceeded,
)


class Worker:
    """Folds the log into one view; several may run, one of them works.

    `moved` is called with the view's name and position after each commit.
    """

    def __init__(
        self,
        view: View,
        conninfo: str,
        feed: Feed,
        *,
        moved: Callable[[str, int], None] | None = None,
    ) -> None:
        """Plan the work; `conninfo` leads to Postgres itself, not to a pool of transactions."""
        self._view = view
        self._conninfo = conninfo
        self._feed = feed
        self._moved = moved
        self._pause = FIRST_PAUSE
        self._standing = ""
        self._log = log.bind(view=view.name)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop; raises `Unapplicable` once all before that event is in."""
        while not stop.is_set():
            try:
                async with await connect(self._conninfo) as connection:
                    await self._serve(connection, stop)
            except Unapplicable as error:
                self._log.error(
                    "event_unapplicable",
                    position=error.recorded.position,
                    topic=error.recorded.topic,
                    error=type(error.__cause__).__name__,
                )
                raise
            except TRANSIENT as error:
                self._log.warning("view_interrupted", **_account(error))
                await rest(stop, self._pause)
                self._pause = min(2 * self._pause, LONGEST_PAUSE)

    async def _serve(self, connection: AsyncConnection[Any], stop: asyncio.Event) -> None:
        while not stop.is_set():
            position = await self._take_over(connection)
            if position is None:
                await rest(stop, STANDBY_SECONDS)
                continue
            try:
                await self._follow(connection, position, stop)
            except CheckpointMoved:
                self._log.warning("checkpoint_moved")

    async def _take_over(self, connection: AsyncConnection[Any]) -> int | None:
        """Return the position to go on from, or None while the view is not ours to fold."""
        cursor = await connection.execute(OWN, [self._view.name])
        if await cursor.fetchone() != (True,):
            self._tell("view_has_another_worker")
            return None
        checkpoint = await checkpoints.read(connection, self._view)
        if checkpoint is None or checkpoint.shape != self._view.shape:
            await self._stand_back(connection, "view_needs_rebuild")
            return None
        if checkpoint.position > await checkpoints.head(connection):
            # Once the restored log has grown so far, events would be skipped and nobody could tell.
            await checkpoints.distrust(connection, self._view, checkpoint.position)
            await self._stand_back(connection, "view_ahead_of_log")
            return None
        self._tell("view_followed")
        return checkpoint.position

    async def _stand_back(self, connection: AsyncConnection[Any], standing: str) -> None:
        # In a rolling deploy the worker of the other program may be the one that fits the view.
        await connection.execute(DISOWN)
        self._tell(standing)

    def _tell(self, standing: str) -> None:
        # Asked every second, told once.
        if standing != self._standing:
            self._log.info(standing)
        self._standing = standing

    async def _follow(
        self, connection: AsyncConnection[Any], position: int, stop: asyncio.Event
    ) -> None:
        while not stop.is_set():
            delivered = await self._feed.next(position)
            # A feed may deliver twice: after a crash, or when the broker was not sure.
            events = [event for event in delivered if event.position > position]
            if events:
                position = await self._take_in(connection, position, events)
                await self._feed.acknowledge(position)
                self._pause = FIRST_PAUSE

    async def _take_in(
        self, connection: AsyncConnection[Any], position: int, events: Sequence[Recorded]
    ) -> int:
        """Commit a batch, in halves if need be, until only the event that can not be is left."""
        try:
            await self._commit(connection, position, events)
        except POISONOUS as error:
            if len(events) == 1:
                raise Unapplicable(self._view, events[0]) from error.__cause__ or error
            half = len(events) // 2
            middle = await self._take_in(connection, position, events[:half])
            return await self._take_in(connection, middle, events[half:])
        return events[-1].position

    async def _commit(
        self, connection: AsyncConnection[Any], before: int, events: Sequence[Recorded]
    ) -> None:
        after = events[-1].position
        async with connection.transaction():
            if not await checkpoints.move(connection, self._view, before, after):
                raise CheckpointMoved
            if changes := relevant(self._view, events):
                rows = BatchRows(self._view.tables)
                await rows.load(connection, changes)
                fold(self._view, changes, rows)
                await rows.flush(connection)
        if self._moved:
            self._moved(self._view.name, after)


def _account(error: Exception) -> dict[str, str]:
    """Return what the log tells of an interruption."""
    account = {"error": type(error).__name__}
    if error.__cause__ is not None:
        account["cause"] = type(error.__cause__).__name__
    return account
