"""Keeps an installation backed up: carries the write-ahead log, and makes a base backup a day."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from eventstore.rests import rest
from infra.backup.carrying import carry
from infra.backup.creating import Source, create
from infra.backup.errors import BackupError
from infra.backup.pruning import prune
from infra.backup.repository import Repository

log = structlog.get_logger()

POLL: Final = 1.0
RETRY: Final = 30.0
AT_FIRST: Final = 60.0
"""Seconds until the first backup: who only tries something out need not wait for it."""
EVERY: Final = timedelta(hours=24)


class _Stopped(Exception):
    pass


class Keeper:
    """Works until told to stop; what fails is said, and tried again."""

    def __init__(self, source: Source, repository: Repository, keep: int) -> None:
        self._source = source
        self._repository = repository
        self._keep = keep
        self._reason = ""

    async def run(self, stop: asyncio.Event) -> None:
        """Carry as soon as something waits, and back up as soon as that is due."""
        loop = asyncio.get_running_loop()
        next_look = loop.time() + AT_FIRST
        while not stop.is_set():
            pause = POLL if await self._tried(self._carry) else RETRY
            if loop.time() >= next_look and not stop.is_set():
                next_look = loop.time() + RETRY
                await self._tried(lambda: self._back_up(stop))
            await rest(stop, pause)
        await self._tried(self._carry)

    async def _tried(self, work: Callable[[], None]) -> bool:
        try:
            # In a thread: while a backup is made, a signal to stop has to be heard.
            await asyncio.to_thread(work)
        except _Stopped:
            return False
        except (BackupError, OSError) as error:
            reason = str(error)
            if reason != self._reason:
                log.error("backup_interrupted", reason=reason)  # noqa: TRY400 - the reason says it
            self._reason = reason
            return False
        return True

    def _carry(self) -> None:
        carry(self._source.spool, self._repository)

    def _back_up(self, stop: asyncio.Event) -> None:
        backups = self._repository.backups()
        if backups and datetime.now(UTC) - backups[-1].finished_at < EVERY:
            return

        def go_on(_: int, __: int) -> None:
            if stop.is_set():
                raise _Stopped

        backup = create(self._source, self._repository, go_on)
        gone = prune(self._repository, self._keep)
        log.info("backup_made", backup=backup.id, stored=backup.stored, taken_away=len(gone))
