"""A record comes from memory only as far as the log proves it, and is nobody else's."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import msgspec
import pytest

from domain.base import AggregateRoot
from domain.catalogue import AGGREGATES
from domain.customers.customers import Customer
from domain.desk.tickets import Ticket
from eventstore import mapper
from eventstore.baselines import (
    LONG_READS,
    MAX_RECORDS,
    TRUSTED_SECONDS,
    Baselines,
    Folded,
    Found,
    copied,
)
from eventstore.gathering import FIRST, Gathering
from eventstore.records import Recorded
from tests.commands.fakes import MemoryLog
from tests.eventstore.lives import lives
from tests.given import (
    T1,
    TICKET,
    commented,
    customer_registered,
    given,
    opened,
    retitled,
)

ATOMS = (str, int, float, bool, bytes, UUID, datetime, date, timedelta, Decimal, Enum, type(None))


class Kept:
    """Snapshots as they are given; what is offered is noted."""

    def __init__(self) -> None:
        self.records: dict[UUID, tuple[AggregateRoot, UUID]] = {}
        self.asked: list[UUID] = []
        self.offered: list[tuple[Folded, int]] = []

    async def find(self, id: UUID) -> tuple[AggregateRoot, UUID] | None:
        self.asked.append(id)
        return self.records.get(id)

    def offer(self, folded: Folded, count: int) -> None:
        self.offered.append((folded, count))


class Desk:
    """A log, what is found in it, and a clock that stands still."""

    def __init__(self, *facts: Any) -> None:
        self.log = MemoryLog()
        self.log.tell(*facts)
        self.seconds = 0.0
        self.takes = 0.0
        """How many seconds a read takes."""
        self.most_at_once = self._at_once = 0
        self.asked: list[tuple[UUID, int]] = []
        self._gathering = Gathering(self.log)
        self.snapshots = Kept()
        self.baselines = Baselines(self, lambda: self.seconds, self.snapshots)

    async def read(self, stream_id: UUID, since: int = 1) -> Any:
        self.asked.append((stream_id, since))
        self.seconds += self.takes
        return await self._gathering.read(stream_id, since)

    async def pages(self, stream_id: UUID, after: int) -> AsyncIterator[Sequence[Recorded]]:
        self.asked.append((stream_id, after + 1))
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        async for page in self._gathering.pages(stream_id, after):
            await asyncio.sleep(0)
            yield page
        self._at_once -= 1

    async def ticket(self, id: UUID = TICKET) -> Ticket:
        found = await self.baselines.find(id)
        assert found is not None
        assert isinstance(found.record, Ticket)
        return found.record

    def snapshot(self, event_id: UUID | None = None) -> Ticket:
        """Take a snapshot of the ticket as it is, and return the record in it."""
        ticket = mapper.rebuild(Ticket, self.log.recorded)
        assert ticket is not None
        last = self.log.recorded[-1].event_id
        self.snapshots.records[TICKET] = ticket, event_id or last
        return ticket

    def since(self) -> list[int]:
        """Return the versions from which streams were read since the last call."""
        asked, self.asked = self.asked, []
        return [since for _, since in asked]


async def test_there_is_no_record_where_nothing_was_recorded() -> None:
    desk = Desk()

    assert await desk.baselines.find(TICKET) is None


async def test_a_record_is_found_as_the_log_has_it_with_its_newest_place() -> None:
    desk = Desk(opened, commented)

    found = await desk.baselines.find(TICKET)

    assert found == Found(given(Ticket, opened, commented), 2)


async def test_a_known_record_is_asked_for_from_its_last_event_on() -> None:
    desk = Desk(opened, commented)
    await desk.ticket()
    desk.log.tell(retitled(title="Printer gone"))

    tickets = [await desk.ticket(), await desk.ticket()]

    assert desk.since() == [1, 2, 3]
    whole = given(Ticket, opened, commented, retitled(title="Printer gone"))
    assert tickets == [whole, whole]


async def test_the_place_of_a_known_record_is_that_of_its_newest_event() -> None:
    desk = Desk(opened)
    await desk.ticket()
    desk.log.tell(commented)

    found = await desk.baselines.find(TICKET)

    assert found is not None
    assert found.position == 2


async def test_what_is_done_to_a_record_is_seen_by_nobody_else() -> None:
    desk = Desk(opened)
    first, beside = await asyncio.gather(desk.ticket(), desk.ticket())

    first.change(Ticket.Retitled, T1, title="Never appended")

    untouched = given(Ticket, opened)
    assert beside == untouched
    assert await desk.ticket() == untouched


async def test_a_past_that_is_another_one_now_is_read_from_its_beginning() -> None:
    desk = Desk(opened, retitled(title="Lost"))
    await desk.ticket()
    desk.log.recorded[1] = msgspec.structs.replace(desk.log.recorded[1], event_id=UUID(int=1))
    desk.since()

    await desk.ticket()

    assert desk.since() == [2, 1]


async def test_a_log_that_was_restored_to_an_earlier_time_is_read_from_its_beginning() -> None:
    desk = Desk(opened, retitled(title="Lost"))
    await desk.ticket()
    desk.log.recorded.pop()

    assert await desk.ticket() == given(Ticket, opened)


async def test_a_record_that_is_gone_from_the_log_is_gone() -> None:
    desk = Desk(opened)
    await desk.ticket()
    desk.log.recorded.clear()

    assert await desk.baselines.find(TICKET) is None


async def test_however_often_a_record_is_asked_for_it_is_folded_anew_after_a_minute() -> None:
    desk = Desk(opened, commented)
    await desk.ticket()
    desk.seconds = TRUSTED_SECONDS - 1
    desk.log.tell(retitled(title="Later"))
    await desk.ticket()

    desk.seconds = TRUSTED_SECONDS
    await desk.ticket()

    assert desk.since() == [1, 2, 1]


async def test_a_fold_that_took_longer_than_a_record_is_trusted_is_answered_all_the_same() -> None:
    desk = Desk(opened)
    desk.takes = TRUSTED_SECONDS

    assert await desk.ticket() == given(Ticket, opened)


async def test_a_long_record_is_read_page_by_page() -> None:
    desk = Desk(opened, *[commented] * (FIRST + 20))
    desk.log.page = 50

    ticket = await desk.ticket()

    assert ticket.version == FIRST + 21
    assert desk.since() == [1, 1]


async def test_what_a_long_record_has_become_is_read_page_by_page() -> None:
    desk = Desk(opened)
    await desk.ticket()
    desk.log.tell(*[commented] * (FIRST + 20))
    desk.log.page = 50

    ticket = await desk.ticket()

    assert ticket.version == FIRST + 21
    assert desk.since() == [1, 1, FIRST + 1]


async def test_a_long_record_that_many_ask_for_at_once_is_folded_once() -> None:
    desk = Desk(opened, *[commented] * FIRST)

    tickets = await asyncio.gather(*(desk.ticket() for _ in range(8)))

    assert {ticket.version for ticket in tickets} == {FIRST + 1}
    # All have asked for its beginning; one has read it all, the others what followed.
    assert sorted(desk.since()) == [1] * 9 + [FIRST + 1] * 7


async def test_of_many_long_records_a_few_are_read_at_once() -> None:
    ids = [UUID(int=n) for n in range(LONG_READS + 2)]
    desk = Desk(*(opened(originator_id=id) for id in ids))
    desk.log.tell(*(commented(originator_id=id) for id in ids for _ in range(FIRST)))

    await asyncio.gather(*(desk.ticket(id) for id in ids))

    assert desk.most_at_once == LONG_READS


async def test_the_record_that_was_not_asked_for_the_longest_makes_room() -> None:
    ids = [UUID(int=n) for n in range(MAX_RECORDS + 1)]
    desk = Desk(*(opened(originator_id=id) for id in ids))
    desk.log.tell(commented(originator_id=ids[0]), commented(originator_id=ids[1]))
    for id in [*ids[:MAX_RECORDS], ids[0], ids[MAX_RECORDS]]:
        await desk.ticket(id)
    desk.asked.clear()

    await desk.ticket(ids[0])
    await desk.ticket(ids[1])

    assert desk.asked == [(ids[0], 2), (ids[1], 1)]


async def test_a_record_of_many_events_is_offered_to_be_kept_once_it_was_folded() -> None:
    desk = Desk(opened, *[commented] * FIRST)
    desk.seconds = 5.0

    ticket = await desk.ticket()

    ((folded, count),) = desk.snapshots.offered
    last = desk.log.recorded[-1]
    assert (folded.record, folded.position) == (ticket, last.position)
    assert (folded.event_id, folded.folded_at, count) == (last.event_id, 5.0, FIRST + 1)


async def test_what_is_offered_is_changed_by_nobody() -> None:
    desk = Desk(opened, *[commented] * FIRST)

    (await desk.ticket()).change(Ticket.Retitled, T1, title="Never appended")
    desk.log.tell(retitled(title="Later"))
    await desk.ticket()

    ((folded, _),) = desk.snapshots.offered
    assert folded.record == given(Ticket, opened, *[commented] * FIRST)


async def test_of_a_long_record_only_what_followed_its_snapshot_is_read() -> None:
    desk = Desk(opened, *[commented] * FIRST)
    snapshot = desk.snapshot()
    desk.log.tell(retitled(title="Later"))

    ticket = await desk.ticket()

    assert desk.since() == [1, FIRST + 1]
    assert ticket == given(Ticket, opened, *[commented] * FIRST, retitled(title="Later"))
    assert snapshot == given(Ticket, opened, *[commented] * FIRST)
    assert [count for _, count in desk.snapshots.offered] == [1]


async def test_what_a_snapshot_has_become_is_read_page_by_page() -> None:
    desk = Desk(opened, *[commented] * FIRST)
    desk.snapshot()
    desk.log.tell(*[commented] * (FIRST + 20))
    desk.log.page = 50

    ticket = await desk.ticket()

    assert ticket.version == 2 * FIRST + 21
    assert desk.since() == [1, FIRST + 1, 2 * FIRST + 1]


async def test_a_snapshot_of_which_nothing_followed_has_the_place_that_the_log_shows() -> None:
    desk = Desk(opened, *[commented] * FIRST)
    desk.snapshot()

    found = await desk.baselines.find(TICKET)

    assert found is not None
    assert found.position == FIRST + 1


async def test_a_snapshot_is_not_believed_unless_the_log_has_its_last_event() -> None:
    desk = Desk(opened, *[commented] * FIRST)
    desk.snapshot(event_id=UUID(int=1)).title = "Lost"

    ticket = await desk.ticket()

    assert ticket.title == given(Ticket, opened).title
    assert desk.since() == [1, FIRST + 1, 1]
    assert [count for _, count in desk.snapshots.offered] == [FIRST + 1]


async def test_a_snapshot_beyond_the_end_of_a_restored_log_is_not_believed() -> None:
    desk = Desk(opened, *[commented] * FIRST)
    desk.snapshot()
    desk.log.recorded.pop()
    desk.log.tell(retitled(title="Another past"))
    desk.log.recorded.pop()

    assert (await desk.ticket()).version == FIRST


async def test_a_short_record_is_not_looked_for_among_the_snapshots() -> None:
    desk = Desk(opened, *[commented] * (FIRST - 2))

    await desk.ticket()

    assert (desk.snapshots.asked, desk.snapshots.offered) == ([], [])


async def test_a_record_in_memory_is_not_looked_for_among_the_snapshots() -> None:
    desk = Desk(opened, *[commented] * FIRST)
    await desk.ticket()
    desk.snapshots.asked.clear()

    await desk.ticket()

    assert desk.snapshots.asked == []


@pytest.mark.parametrize("kind", AGGREGATES, ids=lambda kind: kind.TOPIC)
def test_a_copy_of_a_record_shares_nothing_with_it_that_can_change(
    kind: type[AggregateRoot],
) -> None:
    for record in lives(kind):
        copy = copied(record)

        assert copy == record
        assert [
            name
            for name, value in vars(copy).items()
            if not _is_fixed(value) and value is vars(record)[name]
        ] == []
        assert all(_is_fixed(value) or type(value) in (dict, list) for value in vars(copy).values())


def test_a_copys_collections_are_copies_down_to_the_bottom() -> None:
    customer = given(Customer, customer_registered)
    customer.custom = {"colours": ["red"]}
    colours: Any = copied(customer).custom["colours"]

    colours.append("blue")

    assert customer.custom == {"colours": ["red"]}


def _is_fixed(value: Any) -> bool:
    if isinstance(value, tuple | frozenset):
        return all(map(_is_fixed, value))
    if is_dataclass(value):
        parameters: Any = vars(type(value))["__dataclass_params__"]
        return parameters.frozen and all(_is_fixed(getattr(value, f.name)) for f in fields(value))
    return isinstance(value, ATOMS)
