"""What a handler may rely on: its time, its ids, and the records it works on."""

from datetime import timedelta
from uuid import UUID

import pytest

from commands.context import Caller, Context
from domain.actors import Actor
from domain.base import Event
from domain.customers.customers import Customer, CustomerNotFound
from domain.desk.groups import Group, GroupNotFound
from domain.desk.tickets import Ticket, TicketNotFound
from domain.reservations import AlreadyTaken, Reservation, reservation_id
from tests.commands.fakes import MemoryLog
from tests.commands.office import ADMIN, PORTAL, STRANGER, UNBOUND, command_id
from tests.given import (
    CUSTOMER,
    GROUP,
    MERGED_CUSTOMERS,
    OTHER_CUSTOMER,
    OTHER_USER,
    T0,
    T1,
    T2,
    TICKET,
    TWO_CUSTOMERS,
    USER,
    commented,
    customer_merged,
    customer_registered,
    customer_unmerged,
    group_formed,
    opened,
)


def _context(
    log: MemoryLog, by: Actor = ADMIN, *, id: str = "one", expecting: int | None = None
) -> Context:
    caller = Caller(actor=by, command_id=command_id(id), expected_version=expecting)
    return Context(log, caller, lambda: T1)


def _log(*facts: object) -> MemoryLog:
    log = MemoryLog()
    log.tell(*facts)  # type: ignore[arg-type]
    return log


async def test_the_time_is_the_clocks() -> None:
    ctx = _context(_log(opened(timestamp=T0)))

    await ctx.load(Ticket, TICKET)

    assert ctx.now() == T1


async def test_the_time_is_never_before_the_records_last_event() -> None:
    ctx = _context(_log(opened(timestamp=T0), commented(timestamp=T2)))

    ticket = await ctx.load(Ticket, TICKET)
    ticket.change(Ticket.Categorized, ctx.now(), category="fire")

    assert ticket.modified_on == T2


async def test_the_time_is_never_before_a_record_that_the_decision_depends_on() -> None:
    ctx = _context(_log(customer_registered(timestamp=T2)))

    await ctx.look(Customer, CUSTOMER)

    assert ctx.now() == T2


async def test_a_name_that_was_released_later_is_claimed_no_earlier() -> None:
    log = MemoryLog()
    reservation = Reservation.claim("user.email", "a@b.example", holder=OTHER_USER, at=T0)
    reservation.release(holder=OTHER_USER, at=T2)
    for event in reservation.collect_events():
        log.record(event)  # type: ignore[arg-type]
    ctx = _context(log)

    await ctx.claim("user.email", "a@b.example", holder=USER)

    assert ctx.now() == T2


def test_the_clock_is_read_once() -> None:
    times = iter([T0, T0 + timedelta(seconds=1)])
    caller = Caller(actor=ADMIN, command_id=command_id("one"))
    ctx = Context(MemoryLog(), caller, lambda: next(times))

    assert [ctx.now(), ctx.now()] == [T0, T0]


def test_a_new_id_is_the_same_when_the_command_is_tried_again() -> None:
    first, second = _context(MemoryLog()), _context(MemoryLog())

    assert first.new_id("ticket") == second.new_id("ticket")


def test_new_ids_differ_by_command_and_by_kind() -> None:
    one, other = _context(MemoryLog()), _context(MemoryLog(), id="other")

    ids = {one.new_id("ticket"), one.new_id("comment"), other.new_id("ticket")}

    assert len(ids) == 3


async def test_a_record_is_read_once_however_often_it_is_asked_for() -> None:
    log = _log(opened)
    ctx = _context(log)

    records = {id(await ctx.load(Ticket, TICKET)), id(await ctx.look(Ticket, TICKET))}

    assert len(records) == 1
    assert log.reads == [TICKET]


async def test_the_expected_version_is_asked_of_the_target_only() -> None:
    ctx = _context(_log(opened, group_formed, commented), expecting=2)

    await ctx.look(Group, GROUP)

    assert (await ctx.load(Ticket, TICKET)).version == 2


async def test_a_record_of_another_kind_does_not_exist() -> None:
    ctx = _context(_log(customer_registered))

    with pytest.raises(GroupNotFound):
        await ctx.look(Group, CUSTOMER)


async def test_a_record_of_another_kind_does_not_exist_although_it_was_looked_at() -> None:
    ctx = _context(_log(customer_registered))
    await ctx.look(Customer, CUSTOMER)

    with pytest.raises(GroupNotFound):
        await ctx.look(Group, CUSTOMER)


async def test_a_portal_user_sees_their_own_customer() -> None:
    ctx = _context(_log(customer_registered), PORTAL)

    assert (await ctx.look(Customer, CUSTOMER)).id == CUSTOMER


@pytest.mark.parametrize("actor", [STRANGER, UNBOUND], ids=["of another", "of none"])
async def test_a_portal_user_sees_no_other_customer(actor: Actor) -> None:
    ctx = _context(_log(customer_registered), actor)

    with pytest.raises(CustomerNotFound):
        await ctx.look(Customer, CUSTOMER)


@pytest.mark.parametrize("actor", [PORTAL, STRANGER], ids=["of the merged", "of the other"])
async def test_a_portal_users_bound_follows_a_merge_in_both_directions(actor: Actor) -> None:
    ctx = _context(_log(*MERGED_CUSTOMERS, opened), actor)

    assert (await ctx.look(Customer, CUSTOMER)).id == CUSTOMER
    assert (await ctx.look(Customer, OTHER_CUSTOMER)).id == OTHER_CUSTOMER
    assert (await ctx.look(Ticket, TICKET)).id == TICKET


async def test_a_portal_user_of_two_that_are_merged_into_a_third_sees_all_three() -> None:
    third = UUID(int=3)
    others = [
        customer_registered(originator_id=third, number=3, email_domains=()),
        customer_merged(originator_id=third, into=OTHER_CUSTOMER),
    ]
    ctx = _context(_log(*MERGED_CUSTOMERS, *others), PORTAL)

    assert (await ctx.look(Customer, third)).id == third


async def test_a_merge_that_was_taken_back_opens_nothing() -> None:
    ctx = _context(_log(*MERGED_CUSTOMERS, customer_unmerged, opened), STRANGER)

    with pytest.raises(TicketNotFound):
        await ctx.look(Ticket, TICKET)


async def test_merges_open_nothing_to_who_has_no_bound() -> None:
    ctx = _context(_log(*MERGED_CUSTOMERS, opened), UNBOUND)

    with pytest.raises(TicketNotFound):
        await ctx.look(Ticket, TICKET)


async def test_what_lies_within_the_own_bound_costs_no_look_at_customers() -> None:
    log = _log(*MERGED_CUSTOMERS, opened)

    await _context(log, PORTAL).look(Ticket, TICKET)

    assert log.reads == [TICKET]


async def test_who_wants_to_be_alone_takes_a_turn() -> None:
    log = _log(customer_registered)
    ctx = _context(log)
    customer = await ctx.load(Customer, CUSTOMER)
    customer.change(Customer.Renamed, ctx.now(), name="Acme AG")

    await ctx.alone("customer.tree")

    told = [event.TOPIC for event in ctx.collect() if isinstance(event, Event)]
    assert told == ["customer.renamed", "reservation.claimed"]


async def test_two_who_want_to_be_alone_meet_at_one_version() -> None:
    log = _log(*TWO_CUSTOMERS)
    stream = reservation_id("customer.tree", "")
    contexts = [_context(log), _context(log, id="other")]

    for ctx, customer_id in zip(contexts, (CUSTOMER, OTHER_CUSTOMER), strict=True):
        await ctx.load(Customer, customer_id)
        await ctx.alone("customer.tree")

    versions = [
        [event.originator_version for event in ctx.collect() if event.originator_id == stream]
        for ctx in contexts
    ]
    assert versions == [[1], [1]]


@pytest.mark.parametrize("actor", [PORTAL, STRANGER, UNBOUND], ids=lambda a: str(a.id))
async def test_a_portal_user_sees_no_group(actor: Actor) -> None:
    ctx = _context(_log(group_formed), actor)

    with pytest.raises(GroupNotFound):
        await ctx.look(Group, GROUP)


async def test_a_handler_that_names_no_target_is_a_fault() -> None:
    ctx = _context(_log(group_formed))
    await ctx.look(Group, GROUP)

    with pytest.raises(LookupError):
        ctx.collect()


async def test_the_targets_events_come_first_whatever_was_touched_before() -> None:
    ctx = _context(_log(opened))
    await ctx.claim("ticket.external", "a:1", holder=TICKET)
    ticket = await ctx.load(Ticket, TICKET)
    ticket.change(Ticket.Categorized, ctx.now(), category="fire")

    streams = [event.originator_id for event in ctx.collect()]

    assert streams[0] == TICKET
    assert len(streams) == 2


async def test_the_position_is_that_of_the_newest_event_that_was_read() -> None:
    ctx = _context(_log(opened, group_formed, commented))

    await ctx.load(Ticket, TICKET)
    await ctx.look(Group, GROUP)

    assert ctx.position == 3


async def test_a_name_that_nobody_bears_is_not_taken() -> None:
    assert not await _context(MemoryLog()).is_taken("group.name", "First level")


async def test_a_name_is_taken_as_soon_as_it_is_claimed() -> None:
    ctx = _context(MemoryLog())

    await ctx.claim("group.name", "First level", holder=GROUP)

    assert await ctx.is_taken("group.name", "FIRST LEVEL")


async def test_a_name_can_not_be_claimed_for_two_records_in_one_command() -> None:
    ctx = _context(MemoryLog())
    await ctx.claim("user.email", "a@b.example", holder=USER)

    with pytest.raises(AlreadyTaken):
        await ctx.claim("user.email", "a@b.example", holder=OTHER_USER)


async def test_a_name_can_be_released_and_claimed_in_one_command() -> None:
    ctx = _context(MemoryLog())
    await ctx.claim("user.email", "a@b.example", holder=USER)

    await ctx.release("user.email", "a@b.example", holder=USER)
    await ctx.claim("user.email", "a@b.example", holder=OTHER_USER)

    assert await ctx.is_taken("user.email", "a@b.example")


async def test_a_name_of_somebody_else_is_not_released() -> None:
    ctx = _context(MemoryLog())
    await ctx.claim("user.email", "a@b.example", holder=USER)

    await ctx.release("user.email", "a@b.example", holder=OTHER_USER)

    assert await ctx.is_taken("user.email", "a@b.example")


async def test_a_name_that_was_never_claimed_is_released_without_a_word() -> None:
    log = MemoryLog()

    await _context(log).release("user.email", "a@b.example", holder=UUID(int=1))

    assert log.recorded == []
