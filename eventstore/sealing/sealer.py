"""The sealer: follows the log and seals what is new, a second at most behind an append."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import datetime
from typing import Any, Final

import psycopg
import structlog

from eventstore.leadership import Leadership
from eventstore.log import LINE
from eventstore.rests import rest
from eventstore.sealing.signatures import Keys
from eventstore.sealing.steps import AGE, Steps

SEALER: Final = 20256
POLL: Final = 0.15
"""Seconds between two looks; together with the age of the oldest event less than one."""
RETRY: Final = 1.0

logger = structlog.get_logger()


class Sealer:
    """Seals the log whenever no other sealer does."""

    def __init__(
        self, conninfo: str, keys: Keys, now: Callable[[], datetime], *, age: float = AGE
    ) -> None:
        """Plan the work; `conninfo` leads to Postgres itself, not to a pool of transactions."""
        self._conninfo = conninfo
        self._keys = keys
        self._now = now
        self._age = age
        self._leadership = Leadership(conninfo, SEALER)
        self._steps: Steps | None = None

    @property
    def sealed(self) -> int:
        """The number of the last seal, while this sealer leads; else 0."""
        return 0 if self._steps is None else self._steps.sealed

    async def run(
        self, stop: asyncio.Event, before_the_end: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """Lead whenever nobody else does, until told to stop; then leave nothing unsealed.

        Whoever leads at the end awaits `before_the_end` while it still does. Raises what no
        repetition mends: `SealKeyMissing`, `SealForged`, `LogBroken`.
        """
        try:
            while not stop.is_set():
                try:
                    if await self._leadership.take():
                        await self._lead(stop, before_the_end)
                    else:
                        await rest(stop, POLL)
                except psycopg.Error as error:
                    logger.warning(
                        "sealer_interrupted", error=type(error).__name__, reason=str(error)
                    )
                    await self._leadership.give_back()
                    await rest(stop, RETRY)
        finally:
            await self._leadership.give_back()

    async def _lead(
        self, stop: asyncio.Event, before_the_end: Callable[[], Awaitable[None]] | None
    ) -> None:
        with closing(await asyncio.to_thread(self._connect)) as connection:
            self._steps = Steps(connection, self._keys, self._now, age=self._age)
            try:
                await self._follow(self._steps, stop)
                if before_the_end is not None:
                    await before_the_end()
            finally:
                self._steps = None

    async def _follow(self, steps: Steps, stop: asyncio.Event) -> None:
        logger.info("sealer_leads")
        while not stop.is_set():
            await self._leadership.take()
            # In a thread: a step of thousands of events must not keep the anchors waiting.
            if not await asyncio.to_thread(steps.seal):
                await rest(stop, POLL)
        while await asyncio.to_thread(steps.seal, at_once=True):
            pass

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self._conninfo, autocommit=True, **LINE)
