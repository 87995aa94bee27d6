"""Snapshots taken in the background: no command ever waits for one."""

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Protocol, Self
from uuid import UUID

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from domain.base import AggregateRoot
from eventstore.baselines import Folded
from eventstore.snapshots.code import this_code
from eventstore.snapshots.states import StateInvalid, dump, load
from eventstore.snapshots.table import Snapshot

AFTER: Final = 500
"""From how many events a record is folded before a snapshot of it is worth while."""
WAITING: Final = 100
"""How many records wait for a snapshot at most: what comes then is let go, and comes again."""

logger = structlog.get_logger()


class Kept(Protocol):
    """Where snapshots are kept."""

    async def find(self, stream_id: UUID) -> tuple[UUID, bytes, bytes] | None:
        """Return the last event's id, the code and the state of a snapshot, or None."""
        ...

    async def keep(self, snapshot: Snapshot, seconds: float) -> bool:
        """Keep a snapshot whose first event was read `seconds` ago; False where it is too old."""
        ...


class Snapshots:
    """Finds snapshots, and takes one after the other of the records it is offered.

    Entered, it takes them until it is left; what waits then is let go.
    """

    def __init__(
        self,
        table: Kept,
        code: bytes | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep them in `table`; `clock` is the one that offered records were folded by."""
        self._table = table
        self._code = code or this_code()
        self._clock = clock
        self._waiting: dict[UUID, Folded] = {}
        self._bell = asyncio.Event()
        self._taking: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many records wait for their snapshot."""
        return len(self._waiting)

    async def __aenter__(self) -> Self:
        """Begin to take them."""
        self._taking = asyncio.create_task(self._take())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop; a snapshot that is being kept is kept or not, never half."""
        if self._taking is not None:
            self._taking.cancel()
            await asyncio.wait([self._taking])

    async def find(self, id: UUID) -> tuple[AggregateRoot, UUID] | None:
        """Return a record, for the caller alone, and the id of its last event; None if none.

        What other code took is none, nor what can not be read: the log has it all.
        """
        try:
            found = await self._table.find(id)
            if found is None or found[1] != self._code:
                return None
            record = load(found[2])
        except (StateInvalid, psycopg.Error, PoolTimeout) as error:
            logger.warning("snapshot_unread", stream_id=str(id), error=type(error).__name__)
            return None
        return (record, found[0]) if record.id == id else None

    def offer(self, folded: Folded, count: int) -> None:
        """Take a snapshot of the record later, if it was folded from many events."""
        id = folded.record.id
        if count > AFTER and (id in self._waiting or len(self._waiting) < WAITING):
            self._waiting[id] = folded
            self._bell.set()

    async def _take(self) -> None:
        while True:
            await self._bell.wait()
            while self._waiting:
                folded = self._waiting.pop(next(iter(self._waiting)))
                try:
                    await self._keep(folded)
                except Exception as error:  # noqa: BLE001 - whatever it is, the log has it all
                    where = str(folded.record.id)
                    logger.warning("snapshot_lost", stream_id=where, error=type(error).__name__)
            self._bell.clear()

    async def _keep(self, folded: Folded) -> None:
        record = folded.record
        state = dump(record)
        if state is None:
            logger.debug("snapshot_impossible", stream_id=str(record.id))
            return
        snapshot = Snapshot(
            record.id, record.version, folded.position, folded.event_id, self._code, state
        )
        if await self._table.keep(snapshot, self._clock() - folded.folded_at):
            logger.info("snapshot_taken", stream_id=str(record.id), version=record.version)
