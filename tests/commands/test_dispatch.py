"""How the dispatcher repeats, retries, and gives up."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

import commands.dispatch
from commands.context import Caller, Command, Context
from commands.customers.customers import RegisterCustomer
from commands.desk.tickets import ChangeTicket, CommentTicket, OpenTicket, StartTicket
from commands.dispatch import ATTEMPTS, Accepted, CharacterUnstorable, Dispatcher, Entry
from commands.table import TABLE
from domain.actors import EVERYONE
from domain.desk.tickets import Ticket, TicketNotFound
from domain.desk.tickets.work import TicketAlreadyStarted
from domain.errors import Conflict
from domain.values import Requester, TicketId
from eventstore.baselines import Baselines
from eventstore.errors import CommandIdReused, VersionConflict
from eventstore.gathering import Gathering
from eventstore.records import Append, Appended
from tests.commands.fakes import MemoryLog
from tests.commands.office import ADMIN, Office, command_id
from tests.given import CUSTOMER, T2, TICKET, commented, customer_registered, opened, started

CORRELATION = UUID("c0aa0000-0000-4000-8000-00000000000c")
CAUSATION = UUID("c0aa0000-0000-4000-8000-00000000000d")


def _comment(body: str = "Hello") -> CommentTicket:
    return CommentTicket(ticket_id=TICKET, body=body)


async def test_a_command_that_changes_nothing_appends_nothing() -> None:
    office = Office(opened, commented)

    accepted = await office.ask(ChangeTicket(ticket_id=TICKET))

    assert accepted == Accepted(TICKET, 2, 2)
    assert office.told() == []


async def test_a_command_that_changed_nothing_is_decided_anew_when_it_is_repeated() -> None:
    office = Office(opened)
    await office.ask(ChangeTicket(ticket_id=TICKET), id=command_id("once"))
    await office.ask(_comment())

    again = await office.ask(ChangeTicket(ticket_id=TICKET), id=command_id("once"))

    assert again.version == 2


async def test_a_refused_command_is_decided_anew_when_it_is_repeated() -> None:
    office = Office()
    with pytest.raises(TicketNotFound):
        await office.ask(_comment(), id=command_id("once"))
    office.log.tell(opened)

    accepted = await office.ask(_comment(), id=command_id("once"))

    assert accepted.version == 2


async def test_a_command_is_tried_until_it_is_nobodys_rival() -> None:
    office = Office(opened)
    office.log.meanwhile.extend([_rival(office)] * (ATTEMPTS - 1))

    accepted = await office.ask(_comment("mine"))

    assert accepted.version == 1 + ATTEMPTS


async def test_a_command_that_is_raced_again_and_again_hears_of_the_conflict() -> None:
    office = Office(opened)
    office.log.meanwhile.extend([_rival(office)] * ATTEMPTS)

    with pytest.raises(VersionConflict, match="somebody was faster"):
        await office.ask(_comment("mine"))

    assert len(office.told()) == ATTEMPTS


def _rival(office: Office) -> Callable[[], Awaitable[None]]:
    async def rival() -> None:
        version = len(office.log.events()) + 1
        office.log.record(commented.event(version))

    return rival


async def test_a_command_that_got_through_on_another_line_is_answered_not_refused() -> None:
    office = Office(opened)
    start = StartTicket(ticket_id=TICKET)
    answers: list[Accepted] = []

    async def the_same_and_more() -> None:
        answers.append(await office.ask(start, id=command_id("once")))
        await office.ask(_comment())

    office.log.meanwhile.append(the_same_and_more)

    answers.append(await office.ask(start, id=command_id("once")))

    assert answers[0] == answers[1]
    assert office.topics() == ["ticket.started", "ticket.commented"]


async def test_of_two_who_start_a_ticket_the_slower_one_hears_that_it_is_started() -> None:
    office = Office(opened)

    async def start() -> None:
        await office.ask(StartTicket(ticket_id=TICKET))

    office.log.meanwhile.append(start)

    with pytest.raises(TicketAlreadyStarted):
        await office.ask(StartTicket(ticket_id=TICKET))

    assert office.told() == [started(timestamp=T2)]


async def test_a_new_record_has_the_same_id_although_its_command_was_raced() -> None:
    office = Office()
    first = _RefusingOnce(office.log)
    dispatcher = Dispatcher(_HANDLERS, office.log, first, lambda: T2)

    accepted = await dispatcher.dispatch(
        _Open(), Caller(actor=ADMIN, command_id=command_id("once"))
    )

    assert first.ids == [accepted.id, accepted.id]


class _Open(Command, frozen=True):
    """Open a ticket for nobody in particular."""


async def _open(cmd: _Open, ctx: Context) -> None:
    ticket = Ticket.open(
        TicketId(ctx.new_id("ticket")),
        ticket_number=await ctx.next_number("ticket"),
        title="Printer",
        customer_id=CUSTOMER,
        at=ctx.now(),
    )
    ctx.add(ticket)


_HANDLERS = (Entry(_Open, _open, "POST /tickets", EVERYONE),)


class _Nameless(Command, frozen=True):
    """Begin with an id that does not say of what."""

    id: UUID


@pytest.mark.parametrize("command", [_Nameless, _Open], ids=["id", "no field"])
def test_a_command_whose_route_names_a_record_begins_with_its_id(command: type[Command]) -> None:
    named = rf"{command.__name__} has to begin with .* `ticket_id`: the id in 'DELETE /tickets/{{id"

    with pytest.raises(TypeError, match=named):
        Entry(command, _open, "DELETE /tickets/{id}", EVERYONE)


class _RefusingOnce:
    """An appender whose first answer is that somebody was faster."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log
        self.ids: list[UUID] = []

    async def append(self, append: Append) -> Appended:
        self.ids.append(append.events[0].stream_id)
        if len(self.ids) == 1:
            raise VersionConflict(stream_id=self.ids[0], expected=0, actual=1)
        return await self._log.append(append)


async def test_the_id_of_a_command_that_was_appended_belongs_to_it_for_ever() -> None:
    office = Office(opened)
    await office.ask(_comment("one"), id=command_id("once"))

    with pytest.raises(CommandIdReused):
        await office.ask(_comment("two"), id=command_id("once"))


async def test_a_fresh_id_is_not_looked_up() -> None:
    office = Office(opened)
    caller = Caller(actor=ADMIN, command_id=command_id("once"), fresh=True)
    office.log.command = _nobody_asks  # type: ignore[method-assign]

    accepted = await Dispatcher(TABLE, office.log, _Taking(), lambda: T2).dispatch(
        _comment(), caller
    )

    assert accepted.position == 7


async def test_a_command_that_is_appended_is_not_looked_up_before() -> None:
    office = Office(opened)
    office.log.command = _nobody_asks  # type: ignore[method-assign]
    caller = Caller(actor=ADMIN, command_id=command_id("once"))

    accepted = await Dispatcher(TABLE, office.log, _Taking(), lambda: T2).dispatch(
        _comment(), caller
    )

    assert accepted.position == 7


@pytest.mark.parametrize("page", [1, 2])
async def test_a_repeated_command_of_many_events_gets_its_first_answer(
    page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands.dispatch, "PAGE", page)
    office = Office(opened)
    register = RegisterCustomer(name="Acme", email_domains=["acme.example", "acme.test"])
    first = await office.ask(register, id=command_id("once"))
    assert len(office.told()) > 2

    again = await office.ask(register, id=command_id("once"))

    assert again == first


async def test_a_repeated_change_that_changes_nothing_any_more_gets_its_first_answer() -> None:
    office = Office(opened)
    change = ChangeTicket(ticket_id=TICKET, title="Printer gone")
    first = await office.ask(change, id=command_id("once"))
    await office.ask(_comment())

    assert await office.ask(change, id=command_id("once")) == first
    assert office.topics() == ["ticket.retitled", "ticket.commented"]


async def _nobody_asks(command_id: UUID, request_hash: bytes | None = None) -> Appended | None:
    raise AssertionError("An id was looked up.")


class _Falter(Command, frozen=True):
    """Start the ticket, and then find that it can not be."""


class _Faltered(Conflict):
    """It can not be."""


async def _falter(cmd: _Falter, ctx: Context) -> None:
    ticket = await ctx.load(Ticket, TICKET)
    ticket.start(at=ctx.now())
    raise _Faltered


async def test_a_command_that_is_refused_after_it_decided_leaves_nothing_behind() -> None:
    office = Office(opened)
    records = Baselines(Gathering(office.log))
    table = (*TABLE, Entry(_Falter, _falter, "POST /falter", EVERYONE))
    dispatcher = Dispatcher(table, office.log, office.log, lambda: T2, records)
    callers = [Caller(actor=ADMIN, command_id=command_id(str(n))) for n in range(3)]
    await dispatcher.dispatch(_comment(), callers[0])

    with pytest.raises(_Faltered):
        await dispatcher.dispatch(_Falter(), callers[1])

    started = await dispatcher.dispatch(StartTicket(ticket_id=TICKET), callers[2])
    assert started.version == 3
    assert office.topics() == ["ticket.commented", "ticket.started"]


async def test_of_two_commands_on_a_known_ticket_at_once_the_slower_sees_the_other() -> None:
    office = Office(opened)
    await office.ask(_comment("known"))

    first, second = await asyncio.gather(office.ask(_comment("one")), office.ask(_comment("two")))

    assert {first.version, second.version} == {3, 4}
    assert [event.originator_version for event in office.told()] == [2, 3, 4]


class _Taking:
    """An appender that takes everything."""

    async def append(self, append: Append) -> Appended:
        return Appended(append.command_id, 7, 7)


async def test_events_name_what_they_belong_to_and_what_led_to_them() -> None:
    office = Office(opened)
    caller = Caller(
        actor=ADMIN,
        command_id=command_id("once"),
        correlation_id=CORRELATION,
        causation_id=CAUSATION,
        source={"system": "servicenow", "row": 7},
    )

    await office.dispatcher.dispatch(_comment(), caller)

    (metadata,) = office.metadata()
    assert metadata.correlation_id == CORRELATION
    assert metadata.causation_id == CAUSATION
    assert metadata.source == {"system": "servicenow", "row": 7}


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (_comment("a\0b"), "body"),
        (ChangeTicket(ticket_id=TICKET, tags=["fire", "a\0"]), "tags"),
        (ChangeTicket(ticket_id=TICKET, requester=Requester(name="\0")), "requester.name"),
    ],
)
async def test_a_text_with_a_nul_is_refused_by_its_name(command: Command, field: str) -> None:
    office = Office(opened)

    with pytest.raises(CharacterUnstorable, match=f"`{field}`"):
        await office.ask(command)

    assert office.told() == []


async def test_a_text_that_only_looks_like_an_escaped_nul_is_taken() -> None:
    office = Office(opened)

    await office.ask(_comment("\\u0000"))

    assert office.topics() == ["ticket.commented"]


async def test_every_command_of_the_table_has_its_own_name_and_route() -> None:
    names = {entry.command.__name__ for entry in TABLE}
    routes = {entry.route for entry in TABLE}

    assert len(names) == len(routes) == len(TABLE)


async def test_a_ticket_number_is_drawn_for_each_ticket() -> None:
    office = Office(customer_registered)
    for _ in range(2):
        await office.ask(OpenTicket(customer_id=CUSTOMER, title="Printer"))

    numbers = [event.ticket_number for event in office.told()]  # type: ignore[attr-defined]
    assert numbers == [1, 2]
