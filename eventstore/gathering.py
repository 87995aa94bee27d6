"""Streams read for many who ask at the same time, as the appender appends for many."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, Protocol
from uuid import UUID

from eventstore.records import Recorded

MAX_STREAMS: Final = 100
"""How many streams one statement reads."""


class Source(Protocol):
    """What streams are read from."""

    async def read_since(self, versions: Mapping[UUID, int]) -> dict[UUID, list[Recorded]]:
        """Return each stream's events from a version of its own on, oldest first."""
        ...


class _Asked(NamedTuple):
    stream_id: UUID
    since: int
    answer: "asyncio.Future[Sequence[Recorded]]"


class Gathering:
    """Reads with one statement what was asked for during the one before it.

    No read begins before it was asked for: whatever was committed until then is in the answer.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._asked: list[_Asked] = []
        self._reading: asyncio.Task[None] | None = None

    async def read(self, stream_id: UUID, since: int = 1) -> Sequence[Recorded]:
        """Return a stream's events with `version >= since`, oldest first."""
        answer: asyncio.Future[Sequence[Recorded]] = asyncio.get_running_loop().create_future()
        self._asked.append(_Asked(stream_id, since, answer))
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())
        return await answer

    async def _read(self) -> None:
        try:
            while self._asked:
                together, self._asked = self._asked[:MAX_STREAMS], self._asked[MAX_STREAMS:]
                await self._answer(together)
        finally:
            self._reading = None

    async def _answer(self, together: list[_Asked]) -> None:
        versions: dict[UUID, int] = {}
        for stream_id, since, _ in together:
            versions[stream_id] = min(since, versions.get(stream_id, since))
        try:
            streams = await self._source.read_since(versions)
        except Exception as error:  # noqa: BLE001 - whatever it is, those who asked get it
            for asked in together:
                if not asked.answer.done():
                    asked.answer.set_exception(error)
            return
        for stream_id, since, answer in together:
            if not answer.done():
                events = streams[stream_id]
                if since > versions[stream_id]:  # somebody else knew less of it
                    events = [event for event in events if event.version >= since]
                answer.set_result(events)
