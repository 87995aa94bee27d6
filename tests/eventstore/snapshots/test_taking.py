"""Snapshots are taken behind everybody's back, and found by the very code that took them."""

import asyncio
from uuid import UUID

import psycopg
import pytest

from domain.base import AggregateRoot
from domain.desk.tickets import Ticket
from domain.personal import REDACTED
from eventstore.baselines import Folded
from eventstore.snapshots.code import this_code
from eventstore.snapshots.taking import AFTER, WAITING, Snapshots
from tests.eventstore.snapshots.fakes import MemoryTable
from tests.given import TICKET, given, opened, retitled

EVENT = UUID(int=7)


def folded(record: AggregateRoot | None = None, at: float = 0.0) -> Folded:
    return Folded(record or given(Ticket, opened), 4711, EVENT, at)


async def settled() -> None:
    """Let whoever can go on do so; nothing here waits for anything outside."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_record_of_many_events_is_kept_as_it_was_folded() -> None:
    table = MemoryTable()

    async with Snapshots(table, clock=lambda: 3.0) as snapshots:
        snapshots.offer(folded(), AFTER + 1)
        await settled()

    kept = table.kept[TICKET]
    assert (kept.version, kept.position, kept.event_id) == (1, 4711, EVENT)
    assert kept.code == this_code()


async def test_a_snapshot_is_found_with_its_last_event() -> None:
    table = MemoryTable()
    async with Snapshots(table) as snapshots:
        snapshots.offer(folded(), AFTER + 1)
        await settled()

        assert await snapshots.find(TICKET) == (given(Ticket, opened), EVENT)


async def test_a_record_of_few_events_is_not_worth_one() -> None:
    table = MemoryTable()

    async with Snapshots(table) as snapshots:
        snapshots.offer(folded(), AFTER)
        await settled()

        assert snapshots.waiting == 0
    assert table.kept == {}


async def test_what_other_code_took_is_not_loaded_and_makes_room() -> None:
    table = MemoryTable()
    async with Snapshots(table, code=b"older") as snapshots:
        snapshots.offer(folded(), AFTER + 1)
        await settled()

    async with Snapshots(table, code=b"newer") as snapshots:
        assert await snapshots.find(TICKET) is None
        snapshots.offer(folded(given(Ticket, opened, retitled)), AFTER + 1)
        await settled()

        assert await snapshots.find(TICKET) == (given(Ticket, opened, retitled), EVENT)


async def test_what_is_no_state_of_the_record_is_not_loaded() -> None:
    table = MemoryTable()
    async with Snapshots(table) as snapshots:
        snapshots.offer(folded(), AFTER + 1)
        await settled()
        kept = table.kept.pop(TICKET)
        other = UUID(int=8)
        table.kept = {TICKET: kept._replace(state=b"{"), other: kept}

        assert await snapshots.find(TICKET) is None
        assert await snapshots.find(other) is None


async def test_snapshots_that_can_not_be_read_are_as_good_as_none() -> None:
    table = MemoryTable()
    table.fault = psycopg.errors.LockNotAvailable()

    assert await Snapshots(table).find(TICKET) is None


async def test_a_record_of_which_something_is_erased_is_not_kept_and_the_next_one_is() -> None:
    table = MemoryTable()
    erased, other = given(Ticket, opened), given(Ticket, opened(originator_id=UUID(int=8)))
    erased.title = REDACTED

    async with Snapshots(table) as snapshots:
        snapshots.offer(folded(erased), AFTER + 1)
        snapshots.offer(folded(other), AFTER + 1)
        await settled()

    assert list(table.kept) == [other.id]


async def test_what_can_not_be_kept_is_let_go_and_the_next_one_is_kept() -> None:
    table = MemoryTable()
    table.fault = psycopg.OperationalError("The database is away.")

    async with Snapshots(table) as snapshots:
        snapshots.offer(folded(), AFTER + 1)
        await settled()
        table.fault = None
        snapshots.offer(folded(given(Ticket, opened(originator_id=UUID(int=8)))), AFTER + 1)
        await settled()

    assert list(table.kept) == [UUID(int=8)]


async def test_what_was_read_before_all_were_dropped_is_not_kept() -> None:
    table = MemoryTable()
    table.drop()

    async with Snapshots(table, clock=lambda: 60.0) as snapshots:
        snapshots.offer(folded(at=0.0), AFTER + 1)
        await settled()

    assert table.kept == {}


async def test_so_many_records_wait_at_most() -> None:
    snapshots = Snapshots(MemoryTable())

    for n in range(WAITING + 10):
        snapshots.offer(folded(given(Ticket, opened(originator_id=UUID(int=n)))), AFTER + 1)

    assert snapshots.waiting == WAITING


async def test_nobody_waits_for_one_that_takes_its_time() -> None:
    table = Stuck()

    async with Snapshots(table) as snapshots:
        snapshots.offer(folded(), AFTER + 1)
        await table.began.wait()
        snapshots.offer(folded(), AFTER + 1)

        assert snapshots.waiting == 1
    assert table.cancelled


class Stuck(MemoryTable):
    """A table in which nothing ever comes to be kept."""

    def __init__(self) -> None:
        super().__init__()
        self.began = asyncio.Event()
        self.cancelled = False

    async def keep(self, *_: object) -> bool:
        self.began.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        return True


@pytest.mark.parametrize("version", [1, 2])
async def test_the_newest_that_was_offered_is_taken(version: int) -> None:
    table = MemoryTable()
    facts = (opened, retitled)[:version]
    async with Snapshots(table) as snapshots:
        snapshots.offer(folded(given(Ticket, opened)), AFTER + 1)
        snapshots.offer(folded(given(Ticket, *facts)), AFTER + 1)
        await settled()

    assert table.kept[TICKET].version == version
