"""However long a stream is, no more than two of its pages are in memory: the last and the next."""

from collections.abc import AsyncIterator
from weakref import WeakSet

import psycopg
import pytest

from domain.desk.tickets import Ticket
from eventstore.baselines import Afresh, Baselines
from eventstore.folding import rebuilt
from eventstore.gathering import FIRST, Gathering
from eventstore.log import PAGE, Log, open_pool
from eventstore.mapper import encode
from eventstore.personal.parts import in_plain
from eventstore.records import Recorded
from eventstore.snapshots.table import Table
from eventstore.snapshots.taking import Snapshots
from projections.desk.tickets import VIEW
from readapi.asof import row_as_of
from tests.conftest import Database
from tests.eventstore.carried import eventually
from tests.eventstore.given import append, command
from tests.given import TICKET, commented, opened

LENGTH = 4 * PAGE + 1


class Page(list[Recorded]):
    """Events of which is known whether somebody still has them."""

    __hash__ = object.__hash__  # type: ignore[assignment] # a page is one thing, not its contents


class Watching:
    """Opens nothing, and counts the pages that are in memory."""

    def __init__(self) -> None:
        self._held: WeakSet[Page] = WeakSet()
        self.most = 0
        self.longest = 0
        self.events = 0

    async def open(self, events: list[Recorded]) -> list[Recorded]:
        page = Page(events)
        self._held.add(page)
        self.most = max(self.most, len(self._held))
        self.longest = max(self.longest, len(page))
        self.events += len(page)
        return page


@pytest.fixture
def watching() -> Watching:
    return Watching()


@pytest.fixture
async def log(database: Database, watching: Watching) -> AsyncIterator[Log]:
    """A log with one long ticket."""
    facts = [opened.event(1), *(commented.event(n) for n in range(2, LENGTH + 1))]
    with psycopg.connect(database.url, autocommit=True) as connection:
        append(connection, command("all", *(in_plain(encode(fact)) for fact in facts)))
    async with open_pool(database.url, size=2) as pool:
        yield Log(pool, watching)


async def test_a_record_is_folded_with_two_pages_in_memory(log: Log, watching: Watching) -> None:
    ticket = await rebuilt(Ticket, log.pages(TICKET))

    assert ticket is not None
    assert (ticket.version, watching.events) == (LENGTH, LENGTH)
    assert (watching.most, watching.longest) == (2, PAGE)


async def test_a_handler_finds_a_record_with_two_pages_in_memory(
    log: Log, watching: Watching
) -> None:
    found = await Afresh(log).find(TICKET)

    assert found is not None
    assert (found.record.version, found.position) == (LENGTH, LENGTH)
    assert (watching.most, watching.longest) == (2, PAGE)


async def test_a_command_finds_a_record_with_two_pages_in_memory(
    log: Log, watching: Watching
) -> None:
    found = await Baselines(Gathering(log)).find(TICKET)

    assert found is not None
    assert (found.record.version, watching.events) == (LENGTH, FIRST + LENGTH)
    assert (watching.most, watching.longest) == (2, PAGE)


async def test_a_record_as_of_now_is_folded_with_two_pages_in_memory(
    log: Log, watching: Watching
) -> None:
    row = await row_as_of(log, VIEW, TICKET, None, None)

    assert row is not None
    assert row["version"] == LENGTH
    assert (watching.most, watching.longest) == (2, PAGE)


async def test_a_record_as_of_a_position_is_read_no_further_than_the_page_it_is_in(
    log: Log, watching: Watching
) -> None:
    row = await row_as_of(log, VIEW, TICKET, None, PAGE + 1)

    assert row is not None
    assert (row["version"], watching.events) == (PAGE + 1, 2 * PAGE)


async def test_another_process_reads_what_followed_the_snapshot_that_one_has_taken(
    database: Database, log: Log, watching: Watching
) -> None:
    async with open_pool(database.url, size=1) as pool:
        table = Table(pool)

        async def taken() -> bool:
            return await table.find(TICKET) is not None

        async with Snapshots(table) as snapshots:
            one = await Baselines(Gathering(log), snapshots=snapshots).find(TICKET)
            await eventually(taken)
        watching.events = 0
        with psycopg.connect(database.url, autocommit=True) as connection:
            append(connection, command("later", in_plain(encode(commented.event(LENGTH + 1)))))

        other = await Baselines(Gathering(log), snapshots=Snapshots(table)).find(TICKET)

    assert one is not None
    assert other is not None
    commented.event(LENGTH + 1).mutate(one.record)
    assert other == (one.record, LENGTH + 1)
    # Its beginning, since it might be short; the last event of the snapshot, and the new one.
    assert watching.events == FIRST + 2
