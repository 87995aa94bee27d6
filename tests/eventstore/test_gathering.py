"""Streams are read together when they are asked for together, and each gets its own."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest

from eventstore.gathering import FIRST, MAX_STREAMS, Gathering
from eventstore.records import Recorded, Since
from tests.eventstore.given import OTHER_TICKET, TICKET, fact


def _history(stream_id: UUID, *, events: int = 3) -> list[Recorded]:
    facts = [fact(stream_id, version) for version in range(1, events + 1)]
    at = datetime(2026, 1, 5, tzinfo=UTC)
    return [
        Recorded(e.version, stream_id, e.version, e.event_id, e.topic, 1, e.state, b"{}", at)
        for e in facts
    ]


class SlowLog:
    """A log of which each read waits until it is let go."""

    def __init__(self, *, events: int = 3) -> None:
        self._events = events
        self.reads: list[set[Since]] = []
        self.fault: Exception | None = None
        self.began = asyncio.Event()
        self._free = asyncio.Semaphore(0)

    def let_go(self) -> None:
        self._free.release()

    async def read_since(self, asked: Collection[Since], limit: int) -> dict[Since, list[Recorded]]:
        self.reads.append(set(asked))
        self.began.set()
        await self._free.acquire()
        if (fault := self.fault) is not None:
            self.fault = None
            raise fault
        return {
            since: [
                event
                for event in _history(since[0], events=self._events)
                if event.version >= since[1]
            ][:limit]
            for since in asked
        }

    async def pages(self, stream_id: UUID, after: int = 0) -> AsyncIterator[Sequence[Recorded]]:
        yield _history(stream_id, events=self._events)[after:]


async def test_what_is_asked_for_during_a_read_is_read_by_the_next() -> None:
    log = SlowLog()
    gathering = Gathering(log)
    streams = [UUID(int=n) for n in range(4)]
    asked = [asyncio.create_task(gathering.read(streams[0]))]
    await log.began.wait()

    asked += [asyncio.create_task(gathering.read(stream)) for stream in streams[1:]]
    await asyncio.sleep(0)
    log.let_go()
    log.let_go()

    assert [answer[0].stream_id for answer in await asyncio.gather(*asked)] == streams
    assert log.reads == [{(streams[0], 1)}, {(stream, 1) for stream in streams[1:]}]


async def test_who_asks_after_a_read_began_waits_for_the_next() -> None:
    log = SlowLog()
    gathering = Gathering(log)
    early = asyncio.create_task(gathering.read(TICKET))
    await log.began.wait()
    late = asyncio.create_task(gathering.read(TICKET))
    log.let_go()
    await early

    assert not late.done()

    log.let_go()
    await late
    assert len(log.reads) == 2


async def test_each_gets_a_stream_from_its_own_version_on() -> None:
    log = SlowLog()
    gathering = Gathering(log)
    log.let_go()

    whole, rest, other = await asyncio.gather(
        gathering.read(TICKET), gathering.read(TICKET, 3), gathering.read(OTHER_TICKET, 2)
    )

    assert [event.version for event in whole] == [1, 2, 3]
    assert [event.version for event in rest] == [3]
    assert [event.version for event in other] == [2, 3]
    assert log.reads == [{(TICKET, 1), (TICKET, 3), (OTHER_TICKET, 2)}]


async def test_of_a_long_stream_many_wait_for_its_beginning_only() -> None:
    log = SlowLog(events=FIRST + 1)
    gathering = Gathering(log)
    log.let_go()

    first = await gathering.read(TICKET)
    rest = [event async for page in gathering.pages(TICKET, FIRST) for event in page]

    assert [event.version for event in first] == list(range(1, FIRST + 1))
    assert [event.version for event in rest] == [FIRST + 1]


async def test_who_knows_more_of_a_long_stream_misses_nothing_for_who_knows_less() -> None:
    log = SlowLog(events=FIRST + 2)
    gathering = Gathering(log)
    log.let_go()

    _, news = await asyncio.gather(gathering.read(TICKET), gathering.read(TICKET, FIRST + 1))

    assert [event.version for event in news] == [FIRST + 1, FIRST + 2]


async def test_one_statement_reads_so_many_streams_at_most() -> None:
    log = SlowLog()
    gathering = Gathering(log)
    log.let_go()
    log.let_go()

    await asyncio.gather(*(gathering.read(UUID(int=n)) for n in range(MAX_STREAMS + 1)))

    assert [len(read) for read in log.reads] == [MAX_STREAMS, 1]


async def test_a_read_that_fails_is_heard_of_by_those_who_asked_and_by_nobody_else() -> None:
    log = SlowLog()
    gathering = Gathering(log)
    log.fault = ConnectionError("The log is away.")
    log.let_go()
    log.let_go()

    failed = await asyncio.gather(
        gathering.read(TICKET), gathering.read(OTHER_TICKET), return_exceptions=True
    )
    events = await gathering.read(TICKET)

    assert [type(failure) for failure in failed] == [ConnectionError, ConnectionError]
    assert [event.version for event in events] == [1, 2, 3]


@pytest.mark.parametrize("fault", [None, ConnectionError("The log is away.")], ids=["ok", "away"])
async def test_who_gives_up_disturbs_nobody(fault: Exception | None) -> None:
    log = SlowLog()
    gathering = Gathering(log)
    asked = [asyncio.create_task(gathering.read(stream)) for stream in (TICKET, OTHER_TICKET)]
    await log.began.wait()
    asked[0].cancel()
    await asyncio.wait([asked[0]])

    log.fault = fault
    log.let_go()
    await asyncio.wait([asked[1]])

    assert type(asked[1].exception()) is type(fault)
    log.let_go()
    assert await gathering.read(TICKET)
