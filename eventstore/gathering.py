"""Streams read for many who ask at the same time, as the appender appends for many.

What is read together is bounded: of a long stream only its beginning, so that nobody waits for all
of somebody else's. The rest of it is read alone, page by page.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextvars import Context
from typing import Final, NamedTuple, Protocol
from uuid import UUID

from eventstore.errors import LogUnavailable
from eventstore.records import Recorded, Since

MAX_STREAMS: Final = 100
"""How many streams one statement reads."""
FIRST: Final = 200
"""How many events of each: of 100 streams it holds 20,000 events, most of which have 20."""


class Source(Protocol):
    """What streams are read from."""

    async def read_since(self, asked: Collection[Since], limit: int) -> dict[Since, list[Recorded]]:
        """Return the events of streams, each from a version of its own on: the first `limit`."""
        ...

    def pages(self, stream_id: UUID, after: int = 0) -> AsyncIterator[Sequence[Recorded]]:
        """Yield a stream's events with `version > after`, oldest first, in pages."""
        ...


class _Asked(NamedTuple):
    since: Since
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
        """Return a stream's events with `version >= since`, oldest first: `FIRST` of them.

        Fewer are all that there are.
        """
        answer: asyncio.Future[Sequence[Recorded]] = asyncio.get_running_loop().create_future()
        self._asked.append(_Asked((stream_id, since), answer))
        if self._reading is None:
            # In nobody's context: it reads for many.
            self._reading = asyncio.create_task(self._read(), context=Context())
        return await answer

    def pages(self, stream_id: UUID, after: int) -> AsyncIterator[Sequence[Recorded]]:
        """Yield a stream's events with `version > after`, oldest first, in pages."""
        return self._source.pages(stream_id, after)

    async def _read(self) -> None:
        try:
            while self._asked:
                together, self._asked = self._asked[:MAX_STREAMS], self._asked[MAX_STREAMS:]
                await self._answer(together)
        finally:
            self._reading = None

    async def _answer(self, together: list[_Asked]) -> None:
        try:
            streams = await self._source.read_since({each.since for each in together}, FIRST)
        except BaseException as error:
            for asked in together:
                if not asked.answer.done():
                    asked.answer.set_exception(_told(error))
            if not isinstance(error, Exception):
                raise
            return
        for asked in together:
            if not asked.answer.done():
                asked.answer.set_result(streams[asked.since])


def _told(error: BaseException) -> Exception:
    """Return what those who asked hear: the error, or that the reading was called off."""
    return error if isinstance(error, Exception) else LogUnavailable()
