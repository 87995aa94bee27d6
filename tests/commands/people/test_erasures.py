"""What may be asked about erasures, and what is noted when one is carried out."""

from uuid import UUID

import pytest

from commands.context import Caller, Command
from commands.customers.locations import RegisterLocation
from commands.dispatch import Dispatcher
from commands.people.erasures import KINDS, EraseSubject, NoteErasureCarriedOut, RetireSubject
from commands.people.users import RegisterUser
from commands.table import INTERNAL, TABLE
from domain.actors import EVERYONE, PRIVACY, RoleForbidden
from domain.customers.contacts import ContactNotFound
from domain.customers.customers import CustomerNotFound
from domain.customers.interactions import InteractionNotFound
from domain.customers.locations import LocationNotFound
from domain.desk.tickets import TicketNotFound
from domain.errors import NotFound
from domain.merging import MergedAway
from domain.people.erasures import (
    Erasure,
    ErasureBasis,
    ErasureCarriedOut,
    ErasureNotFound,
    ErasureUnderWay,
    SubjectKind,
    erasure_id,
)
from domain.people.users import UserNotFound
from domain.reservations import AlreadyTaken
from tests.commands.office import ADMIN, PORTAL, TECHNICIAN, Office, command_id, told_of
from tests.given import (
    CONTACT,
    CUSTOMER,
    ERASURE,
    LOCATION,
    T2,
    TICKET,
    USER,
    Fact,
    contact_added,
    contact_archived,
    contact_merged,
    customer_archived,
    customer_merged,
    customer_registered,
    deactivated,
    erasure_carried_out,
    erasure_ordered,
    location_registered,
    opened,
    user_registered,
)
from tests.given.interactions import INTERACTION, interaction_recorded

NOTED = NoteErasureCarriedOut(
    erasure_id=ERASURE,
    subjects=list(erasure_carried_out.values["subjects"]),
    keys_destroyed=2,
    kept=list(erasure_carried_out.values["kept"]),
    plain_events=3,
)


def erase(kind: SubjectKind, id: UUID, basis: ErasureBasis = ErasureBasis.REQUEST) -> EraseSubject:
    return EraseSubject(subject_id=id, subject_kind=kind, basis=basis)


@pytest.mark.parametrize(
    ("kind", "id", "given", "topics"),
    [
        (SubjectKind.CONTACT, CONTACT, (contact_added,), ["contact.archived"]),
        (SubjectKind.CONTACT, CONTACT, (contact_added, contact_archived), []),
        (SubjectKind.USER, USER, (user_registered,), ["user.deactivated"]),
        (SubjectKind.USER, USER, (user_registered, deactivated), []),
        (SubjectKind.CUSTOMER, CUSTOMER, (customer_registered,), ["customer.archived"]),
        (SubjectKind.CUSTOMER, CUSTOMER, (customer_registered, customer_archived), []),
        (SubjectKind.LOCATION, LOCATION, (location_registered,), ["location.archived"]),
        (SubjectKind.TICKET, TICKET, (opened,), []),
        (SubjectKind.INTERACTION, INTERACTION, (interaction_recorded,), ["interaction.archived"]),
    ],
    ids=str,
)
async def test_who_is_forgotten_is_out_of_use_at_once(
    kind: SubjectKind, id: UUID, given: tuple[Fact, ...], topics: list[str]
) -> None:
    office = Office(*given)

    accepted = await office.ask(erase(kind, id))

    assert accepted.id == erasure_id(id)
    assert office.topics() == ["erasure.ordered", *topics]
    ordered = erasure_ordered(subject_id=id, subject_kind=kind, timestamp=T2)
    assert office.told()[0] == told_of(erasure_id(id), ordered.event())


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        (SubjectKind.CONTACT, ContactNotFound),
        (SubjectKind.USER, UserNotFound),
        (SubjectKind.CUSTOMER, CustomerNotFound),
        (SubjectKind.LOCATION, LocationNotFound),
        (SubjectKind.TICKET, TicketNotFound),
        (SubjectKind.INTERACTION, InteractionNotFound),
    ],
    ids=str,
)
async def test_who_is_not_there_can_not_be_forgotten(
    kind: SubjectKind, missing: type[NotFound]
) -> None:
    # Something is there under this id, but nothing of that kind.
    office = Office(erasure_ordered)

    with pytest.raises(missing, match=str(ERASURE)):
        await office.ask(erase(kind, ERASURE))

    assert office.told() == []


@pytest.mark.parametrize(
    ("kind", "id", "given"),
    [
        (SubjectKind.CONTACT, CONTACT, (contact_added, contact_merged)),
        (SubjectKind.CONTACT, CONTACT, (contact_added, contact_archived, contact_merged)),
        (SubjectKind.CUSTOMER, CUSTOMER, (customer_registered, customer_merged)),
    ],
    ids=["contact", "archived contact", "customer"],
)
async def test_who_is_merged_is_forgotten_with_whom_stands_in_their_place(
    kind: SubjectKind, id: UUID, given: tuple[Fact, ...]
) -> None:
    office = Office(*given)

    with pytest.raises(MergedAway):
        await office.ask(erase(kind, id))

    assert office.told() == []


async def test_the_address_of_a_forgotten_user_can_be_used_again() -> None:
    office = Office()
    again = RegisterUser(name="Ada", email="ada@acme.example")
    user = (await office.ask(again)).id
    office.settle()
    with pytest.raises(AlreadyTaken):
        await office.ask(again)

    await office.ask(erase(SubjectKind.USER, user))

    assert office.topics() == ["erasure.ordered", "user.deactivated", "reservation.released"]
    await office.ask(again)
    assert office.topics()[3:] == ["user.registered", "reservation.reclaimed"]


async def test_the_name_of_a_forgotten_location_can_be_used_again() -> None:
    office = Office(customer_registered)
    again = RegisterLocation(
        customer_id=CUSTOMER, name="Home", address=location_registered.values["address"]
    )
    location = (await office.ask(again)).id
    office.settle()

    await office.ask(erase(SubjectKind.LOCATION, location))
    await office.ask(again)

    assert office.topics() == [
        "erasure.ordered",
        "location.archived",
        "reservation.released",
        "location.registered",
        "reservation.reclaimed",
    ]


async def test_an_order_under_way_is_not_given_again() -> None:
    office = Office(contact_added)
    await office.ask(erase(SubjectKind.CONTACT, CONTACT))
    office.settle()

    with pytest.raises(ErasureUnderWay):
        await office.ask(erase(SubjectKind.CONTACT, CONTACT, ErasureBasis.PURPOSE))

    assert office.told() == []


async def test_of_two_orders_at_the_same_time_one_is_refused() -> None:
    office = Office(contact_added)
    order = erase(SubjectKind.CONTACT, CONTACT)

    async def first() -> None:
        await office.ask(order)

    office.log.meanwhile.append(first)
    with pytest.raises(ErasureUnderWay):
        await office.ask(order)

    assert office.topics() == ["erasure.ordered", "contact.archived"]


async def test_what_is_carried_out_is_ordered_again_when_a_term_is_over() -> None:
    office = Office(customer_registered)
    order = await office.ask(erase(SubjectKind.CUSTOMER, CUSTOMER))
    await office.ask(
        NoteErasureCarriedOut(
            erasure_id=erasure_id(CUSTOMER),
            subjects=[CUSTOMER],
            keys_destroyed=1,
            kept=NOTED.kept,
            plain_events=0,
        )
    )
    office.settle()

    again = await office.ask(erase(SubjectKind.CUSTOMER, CUSTOMER, ErasureBasis.TERM))

    assert (again.id, again.version) == (order.id, 3)
    assert office.topics() == ["erasure.reordered"]


async def test_it_is_noted_that_an_erasure_is_carried_out() -> None:
    office = Office(erasure_ordered)

    accepted = await office.ask(NOTED)

    assert accepted.id == ERASURE
    assert office.told() == [erasure_carried_out(timestamp=T2)]


async def test_a_note_that_is_repeated_is_noted_once() -> None:
    office = Office(erasure_ordered)
    first = await office.ask(NOTED, id=command_id("once"))

    second = await office.ask(NOTED, id=command_id("once"))

    assert second == first
    assert office.topics() == ["erasure.carried_out"]


async def test_of_two_notes_at_the_same_time_one_is_refused() -> None:
    office = Office(erasure_ordered)

    async def first() -> None:
        await office.ask(NOTED)

    office.log.meanwhile.append(first)
    with pytest.raises(ErasureCarriedOut):
        await office.ask(NOTED)

    assert office.topics() == ["erasure.carried_out"]


async def test_what_nobody_ordered_is_not_carried_out() -> None:
    office = Office(contact_added)

    with pytest.raises(ErasureNotFound):
        await office.ask(NOTED)

    assert office.told() == []


@pytest.mark.parametrize(
    ("kind", "id", "given", "topics"),
    [
        (SubjectKind.CONTACT, CONTACT, (contact_added,), ["contact.archived"]),
        (SubjectKind.CONTACT, CONTACT, (contact_added, contact_archived), []),
        (SubjectKind.CONTACT, CONTACT, (contact_added, contact_merged), []),
        (SubjectKind.USER, USER, (user_registered,), ["user.deactivated"]),
        (SubjectKind.TICKET, TICKET, (opened,), []),
    ],
    ids=["contact", "archived contact", "merged contact", "user", "ticket"],
)
async def test_what_falls_with_somebody_is_put_out_of_use_once(
    kind: SubjectKind, id: UUID, given: tuple[Fact, ...], topics: list[str]
) -> None:
    office = Office(*given)
    retire = RetireSubject(subject_id=id, subject_kind=kind)

    await office.ask(retire)
    await office.ask(retire)

    assert office.topics() == topics


async def test_the_address_of_a_user_who_falls_can_be_used_again() -> None:
    office = Office()
    again = RegisterUser(name="Ada", email="ada@acme.example")
    user = (await office.ask(again)).id
    office.settle()

    await office.ask(RetireSubject(subject_id=user, subject_kind=SubjectKind.USER))
    await office.ask(again)

    assert office.topics()[:2] == ["user.deactivated", "reservation.released"]


@pytest.mark.parametrize(
    "command",
    [NOTED, RetireSubject(subject_id=CONTACT, subject_kind=SubjectKind.CONTACT)],
    ids=lambda command: type(command).__name__,
)
async def test_what_the_platform_asks_for_itself_nobody_else_can_ask_for(command: Command) -> None:
    office = Office(contact_added, erasure_ordered)
    offered = Dispatcher(TABLE, office.log, office.log, lambda: T2)

    with pytest.raises(KeyError):
        await offered.dispatch(command, Caller(actor=ADMIN, command_id=command_id("1")))
    for actor in (TECHNICIAN, PORTAL):
        with pytest.raises(RoleForbidden):
            await office.ask(command, by=actor)

    assert office.told() == []


def test_only_people_who_administrate_may_have_somebody_forgotten() -> None:
    entries = [entry for entry in (*TABLE, *INTERNAL) if entry.command.__module__.endswith("sures")]

    assert len(entries) == 3
    assert {frozenset(entry.may) for entry in entries} == {PRIVACY}
    assert {role.value for role in EVERYONE & PRIVACY} == {"admin"}


def test_every_kind_of_subject_is_a_kind_of_record() -> None:
    assert {kind.value: record.TOPIC for kind, record in KINDS.items()} == {
        kind.value: kind.value for kind in SubjectKind
    }
    assert Erasure not in KINDS.values()
