"""Commands on the real log: what only real concurrency shows."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import pytest

from commands.context import Caller, Command, VersionMismatch
from commands.customers.customers import RegisterCustomer
from commands.desk.groups import FormGroup
from commands.desk.tickets import CommentTicket, OpenTicket, StartTicket
from commands.dispatch import Accepted, Dispatcher
from commands.people.users import ChangeUser, RegisterUser
from commands.table import TABLE
from domain.desk.tickets.work import TicketAlreadyStarted
from domain.errors import Conflict, Refused
from domain.reservations import AlreadyTaken
from domain.values import CustomerId, TicketId, UserId
from eventstore.appender import Appender
from eventstore.baselines import Baselines
from eventstore.gathering import Gathering
from eventstore.log import Log, open_pool
from tests.commands.office import ADMIN, command_id
from tests.conftest import Database
from tests.given import T2

PROCESSES = 3


class Offices:
    """Several processes' dispatchers on one database, asked in turn."""

    def __init__(self, log: Log, appenders: Sequence[Appender]) -> None:
        self.log = log
        self._dispatchers = [
            Dispatcher(TABLE, log, each, lambda: T2, Baselines(Gathering(log)))
            for each in appenders
        ]
        self._asked = 0

    async def ask(
        self, command: Command, *, id: UUID | None = None, expecting: int | None = None
    ) -> Accepted:
        """Dispatch a command through the next process."""
        self._asked += 1
        caller = Caller(
            actor=ADMIN,
            command_id=id or command_id(str(self._asked)),
            expected_version=expecting,
        )
        return await self._dispatchers[self._asked % PROCESSES].dispatch(command, caller)

    async def together(
        self, *commands: Command, id: UUID | None = None, expecting: int | None = None
    ) -> tuple[list[Accepted], list[Refused]]:
        """Dispatch all at once; return who was accepted and who was refused."""
        asked = [self.ask(command, id=id, expecting=expecting) for command in commands]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(answer, Accepted | Refused) for answer in answers), answers
        return (
            [answer for answer in answers if isinstance(answer, Accepted)],
            [answer for answer in answers if isinstance(answer, Refused)],
        )

    async def ticket(self) -> TicketId:
        """Return a new ticket of a new customer."""
        customer = await self.ask(RegisterCustomer(name="Acme"))
        opened = await self.ask(OpenTicket(customer_id=CustomerId(customer.id), title="Printer"))
        return TicketId(opened.id)


@pytest.fixture
async def offices(database: Database) -> AsyncIterator[Offices]:
    async with (
        open_pool(database.url, size=PROCESSES) as pool,
        Appender(database.url) as one,
        Appender(database.url) as two,
        Appender(database.url) as three,
    ):
        yield Offices(Log(pool), [one, two, three])


@pytest.mark.parametrize(
    "command",
    [
        RegisterUser(name="Ada", email="ada@acme.example"),
        RegisterCustomer(name="Acme", number=10_001),
        RegisterCustomer(name="Acme", email_domains=["acme.example"]),
        FormGroup(name="First level"),
    ],
    ids=["email", "number", "domain", "group"],
)
async def test_of_many_who_want_a_name_exactly_one_gets_it(
    offices: Offices, command: Command
) -> None:
    accepted, refused = await offices.together(*[command] * 6)

    assert len(accepted) == 1
    assert {type(refusal) for refusal in refused} == {AlreadyTaken}
    assert await offices.log.stream_version(accepted[0].id) == 1


async def test_comments_written_at_the_same_time_are_all_in_the_log_in_order(
    offices: Offices,
) -> None:
    ticket = await offices.ticket()
    comments = [CommentTicket(ticket_id=ticket, body=f"Comment {n}") for n in range(12)]

    accepted, refused = await offices.together(*comments)

    assert refused == []
    assert sorted(answer.version for answer in accepted) == list(range(2, 14))
    assert [e.version for e in await offices.log.read_stream(ticket)] == list(range(1, 14))


async def test_of_two_who_start_a_ticket_one_hears_that_it_is_started(offices: Offices) -> None:
    ticket = await offices.ticket()

    accepted, refused = await offices.together(*[StartTicket(ticket_id=ticket)] * 2)

    assert len(accepted) == 1
    assert [type(refusal) for refusal in refused] == [TicketAlreadyStarted]


async def test_of_many_who_decide_on_one_version_one_is_accepted(offices: Offices) -> None:
    ticket = await offices.ticket()
    comments = [CommentTicket(ticket_id=ticket, body=f"Comment {n}") for n in range(6)]

    accepted, refused = await offices.together(*comments, expecting=1)

    assert [answer.version for answer in accepted] == [2]
    assert {type(refusal) for refusal in refused} == {VersionMismatch}


async def test_what_one_process_recorded_all_others_know_at_once(offices: Offices) -> None:
    ticket = await offices.ticket()
    for _ in range(PROCESSES):
        await offices.ask(CommentTicket(ticket_id=ticket, body="All have read it"))

    await offices.ask(StartTicket(ticket_id=ticket))

    for _ in range(PROCESSES):
        with pytest.raises(TicketAlreadyStarted):
            await offices.ask(StartTicket(ticket_id=ticket))


async def test_a_known_ticket_is_decided_on_by_one_of_many_at_one_version(
    offices: Offices,
) -> None:
    ticket = await offices.ticket()
    for _ in range(PROCESSES):
        await offices.ask(CommentTicket(ticket_id=ticket, body="All have read it"))
    comments = [CommentTicket(ticket_id=ticket, body=f"Comment {n}") for n in range(6)]

    accepted, refused = await offices.together(*comments, expecting=1 + PROCESSES)

    assert [answer.version for answer in accepted] == [2 + PROCESSES]
    assert {type(refusal) for refusal in refused} == {VersionMismatch}
    assert (await offices.ask(StartTicket(ticket_id=ticket))).version == 3 + PROCESSES


async def test_the_same_command_sent_many_times_at_once_is_appended_once(
    offices: Offices,
) -> None:
    ticket = await offices.ticket()
    comment = CommentTicket(ticket_id=ticket, body="Once")

    accepted, refused = await offices.together(*[comment] * 6, id=command_id("once"))

    assert refused == []
    assert len(set(map(str, accepted))) == 1
    assert await offices.log.stream_version(ticket) == 2


async def test_a_registration_sent_many_times_at_once_makes_one_record(offices: Offices) -> None:
    register = RegisterUser(name="Ada", email="ada@acme.example")

    accepted, refused = await offices.together(*[register] * 6, id=command_id("once"))

    assert refused == []
    assert len({answer.id for answer in accepted}) == 1
    assert await offices.log.head() == 2


async def test_two_requests_under_one_id_at_once_are_one_command_and_a_refusal(
    offices: Offices,
) -> None:
    ticket = await offices.ticket()
    comments = [CommentTicket(ticket_id=ticket, body=body) for body in ("One", "Two")]

    accepted, refused = await offices.together(*comments, id=command_id("once"))

    assert (len(accepted), len(refused)) == (1, 1)
    assert isinstance(refused[0], Conflict)
    assert await offices.log.stream_version(ticket) == 2


async def test_an_address_goes_from_one_to_the_other_once(offices: Offices) -> None:
    ada = await offices.ask(RegisterUser(name="Ada", email="ada@acme.example"))
    await offices.ask(ChangeUser(user_id=UserId(ada.id), email="li@acme.example"))
    again = [RegisterUser(name=name, email="ada@acme.example") for name in ("Bo", "Cy", "Di")]

    accepted, refused = await offices.together(*again)

    assert len(accepted) == 1
    assert {type(refusal) for refusal in refused} == {AlreadyTaken}


async def test_customers_registered_at_once_get_numbers_of_their_own(offices: Offices) -> None:
    await offices.ask(RegisterCustomer(name="By hand", number=2))

    accepted, refused = await offices.together(*[RegisterCustomer(name="Acme")] * 4)

    assert refused == []
    assert len({answer.id for answer in accepted}) == 4
