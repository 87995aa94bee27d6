"""Erasures are carried out once, wholly, and only when all is known that falls with the person."""

import asyncio
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest

from commands.context import Caller, Command
from commands.customers.contacts import AddContact
from commands.customers.customers import RegisterCustomer
from commands.desk.tickets.request import OpenTicket
from commands.people.erasures import EraseSubject
from domain.customers.contacts import Contact
from domain.customers.customers import Customer
from domain.desk.tickets import Ticket
from domain.people.erasures import Erasure, ErasureBasis, Progress, SubjectKind, erasure_id
from domain.personal import REDACTED, Retention
from domain.values import ContactId, CustomerId
from eventstore import mapper
from eventstore.records import Recorded
from infra import bootstrap
from infra.embedded import Urls
from infra.erasing import Pauses, ViewsBehind, alone, carry_out, pending, shred_again
from infra.settings import Settings
from projections.schema import ensure
from projections.table import PERSONAL
from tests.conftest import Database
from tests.readapi.folding import fold_all

AT_ONCE: Final = Pauses(writers=0, readers=0)


class Killed(Exception):
    """The process ends here."""


class House:
    """A platform whose processes run when they are told to."""

    def __init__(self, settings: Settings, urls: Urls) -> None:
        self.settings = settings
        self.urls = urls
        self.steps: list[str] = []

    async def do(self, *commands: Command) -> list[UUID]:
        async with bootstrap.writing(self.settings, self.urls) as side:
            caller = [Caller(actor=bootstrap.LOCAL_ADMIN, command_id=uuid4()) for _ in commands]
            return [
                (await side.dispatcher.dispatch(command, by)).id
                for command, by in zip(commands, caller, strict=True)
            ]

    async def person(self) -> tuple[UUID, UUID, UUID]:
        """A customer, its contact, and a ticket of theirs."""
        (customer,) = await self.do(RegisterCustomer(name="Acme Ltd"))
        (ada,) = await self.do(AddContact(customer_id=CustomerId(customer), name="Ada Zürn"))
        asked = OpenTicket(
            customer_id=CustomerId(customer), contact_id=ContactId(ada), title="My phone is dead"
        )
        (ticket,) = await self.do(asked)
        return customer, ada, ticket

    async def order(self, kind: SubjectKind, id: UUID) -> None:
        basis = ErasureBasis.REQUEST
        await self.do(EraseSubject(subject_id=id, subject_kind=kind, basis=basis))

    async def fold(self) -> None:
        async with bootstrap.opened_vault(self.settings, self.urls) as vault:
            await fold_all(self.urls.postgres, vault=vault)

    async def carry_out(self, *, until: str = "") -> None:
        def tell(step: str) -> None:
            self.steps.append(step)
            if until and step.startswith(until):
                raise Killed

        async with alone(self.urls):
            await carry_out(self.settings, self.urls, tell, AT_ONCE)

    async def history(self, id: UUID) -> list[Recorded]:
        async with bootstrap.reading(self.settings, self.urls) as sources:
            return await sources.log.read_stream(id)

    async def erasure(self, subject: UUID) -> Erasure:
        found = mapper.rebuild(Erasure, await self.history(erasure_id(subject)))
        assert found is not None
        return found

    async def contact(self, id: UUID) -> Contact:
        found = mapper.rebuild(Contact, await self.history(id))
        assert found is not None
        return found

    def held(self) -> list[tuple[UUID, str]]:
        with psycopg.connect(self.urls.keys_owner) as connection:
            return connection.execute(
                "select subject, keep from keys.subject_keys order by 1, 2"
            ).fetchall()


@pytest.fixture
def house(database: Database, urls: Urls, tmp_path: Path) -> House:
    ensure(database.url)
    own = msgspec.structs.replace(
        urls,
        postgres=database.url,
        postgres_owner=database.owner_url,
        keys=database.url,
        keys_owner=database.owner_url,
    )
    return House(Settings(home=tmp_path), own)


async def test_a_person_is_erased_with_what_was_written_about_them(house: House) -> None:
    customer, ada, ticket = await house.person()
    await house.order(SubjectKind.CONTACT, ada)
    await house.fold()

    await house.carry_out()

    erasure = await house.erasure(ada)
    assert (erasure.status, erasure.keys_destroyed) == (Progress.CARRIED_OUT, 1)
    assert set(erasure.subjects) == {ada, ticket}
    assert [subject for subject, _ in house.held()] == [customer]
    assert (await house.contact(ada)).name is REDACTED
    found = mapper.rebuild(Ticket, await house.history(ticket))
    assert found is not None
    assert found.title is REDACTED
    assert await pending(house.urls) == []


async def test_an_erasure_that_is_killed_anywhere_is_carried_out_once(house: House) -> None:
    _, ada, _ = await house.person()
    await house.order(SubjectKind.CONTACT, ada)
    await house.fold()
    await house.carry_out()
    steps = [*house.steps]
    _, bob, _ = await house.person()
    await house.order(SubjectKind.CONTACT, bob)
    await house.fold()

    for step in steps:
        with pytest.raises(Killed):
            await house.carry_out(until=step)
    await house.carry_out()

    erasure = await house.erasure(bob)
    assert (erasure.status, erasure.keys_destroyed, erasure.version) == (Progress.CARRIED_OUT, 1, 2)
    assert len(steps) == 6 + len(PERSONAL) - 1


async def test_nothing_is_erased_while_the_views_do_not_show_all_of_it(house: House) -> None:
    _, ada, _ = await house.person()
    await house.order(SubjectKind.CONTACT, ada)
    kept = house.held()

    with pytest.raises(ViewsBehind):
        await house.carry_out()

    assert house.held() == kept
    assert await pending(house.urls) == [erasure_id(ada)]


async def test_who_waits_for_his_turn_does_not_keep_what_is_erased(house: House) -> None:
    _, ada, _ = await house.person()
    await house.order(SubjectKind.CONTACT, ada)
    await house.fold()
    async with alone(house.urls):
        second = asyncio.create_task(house.carry_out())
        await _until_asked(house.urls)

        await carry_out(house.settings, house.urls, house.steps.append, AT_ONCE)

    await second
    assert (await house.erasure(ada)).status is Progress.CARRIED_OUT


async def _until_asked(urls: Urls) -> None:
    """Wait until somebody has asked for the lock, which another holds."""
    asking = (
        "select count(*) from pg_stat_activity where query like '%%advisory_lock%%' and pid <> %s"
    )
    async with await psycopg.AsyncConnection.connect(urls.postgres, autocommit=True) as connection:
        mine = connection.info.backend_pid
        while True:
            cursor = await connection.execute(f"{asking} and datname = current_database()", [mine])
            if (await cursor.fetchone() or (0,))[0] >= 2:
                return
            await asyncio.sleep(0.01)


async def test_what_the_books_need_is_kept_and_named(house: House) -> None:
    customer, _, _ = await house.person()
    await house.order(SubjectKind.CUSTOMER, customer)
    await house.fold()

    await house.carry_out()

    (kept,) = (await house.erasure(customer)).kept
    assert (kept.subject_id, kept.retention) == (customer, Retention.BOOKS)
    assert house.held() == [(customer, "books")]
    found = mapper.rebuild(Customer, await house.history(customer))
    assert found is not None
    assert found.name == "Acme Ltd"


async def test_a_key_that_a_copy_brings_back_is_shredded_again(house: House) -> None:
    _, ada, _ = await house.person()
    with psycopg.connect(house.urls.keys_owner) as owner:
        owner.execute("create table copy as select * from keys.subject_keys")
    await house.order(SubjectKind.CONTACT, ada)
    await house.fold()
    await house.carry_out()
    with psycopg.connect(house.urls.keys_owner) as owner:
        owner.execute("insert into keys.subject_keys select * from copy on conflict do nothing")

    shredded = await shred_again(house.settings, house.urls)

    assert shredded == 1
    assert ada not in {subject for subject, _ in house.held()}
    assert (await house.contact(ada)).name is REDACTED
