"""Names that only one record may bear: taken, released, taken again, and wanted by two."""

from dataclasses import dataclass
from uuid import UUID

import pytest

from commands.context import Command
from commands.customers.customers import ChangeCustomer, RegisterCustomer
from commands.desk.groups import ChangeGroup, FormGroup
from commands.desk.tickets import OpenTicket
from commands.people.users import ChangeUser, RegisterUser
from domain.reservations import AlreadyTaken
from domain.values import CustomerId, ExternalReference, GroupId, UserId
from tests.commands.office import Office, command_id
from tests.given import CUSTOMER, customer_registered


@dataclass(frozen=True)
class Name:
    """A kind of name, and two commands that want the same one."""

    scope: str
    first: Command
    second: Command

    @property
    def refusal(self) -> str:
        """What is said of the field and of the kind of record that bears the name."""
        kind, _, field = self.scope.partition(".")
        return f"`{field}` .* by the {kind} "

    def __str__(self) -> str:
        return self.scope


NAMES = (
    Name(
        "customer.number",
        RegisterCustomer(name="Acme", number=10_001),
        RegisterCustomer(name="Bolt", number=10_001),
    ),
    Name(
        "customer.email_domain",
        RegisterCustomer(name="Acme", email_domains=["acme.ch", "acme.example"]),
        RegisterCustomer(name="Bolt", email_domains=["bolt.ch", "ACME.example"]),
    ),
    Name(
        "user.email",
        RegisterUser(name="Ada", email="ada@acme.example"),
        RegisterUser(name="Another Ada", email=" ADA@acme.example"),
    ),
    Name("group.name", FormGroup(name="First level"), FormGroup(name="FIRST LEVEL ")),
    Name(
        "ticket.external",
        OpenTicket(
            customer_id=CUSTOMER, title="One", external=ExternalReference("servicenow", "INC1")
        ),
        OpenTicket(
            customer_id=CUSTOMER, title="Two", external=ExternalReference("ServiceNow", "inc1 ")
        ),
    ),
)
each = pytest.mark.parametrize("name", NAMES, ids=str)


@each
async def test_a_name_that_is_taken_is_refused_by_its_field(name: Name) -> None:
    office = Office(customer_registered)
    await office.ask(name.first)
    office.settle()

    with pytest.raises(AlreadyTaken, match=name.refusal):
        await office.ask(name.second)

    assert office.told() == []


@each
async def test_of_two_who_want_a_name_at_the_same_time_one_gets_it(name: Name) -> None:
    office = Office(customer_registered)

    async def first() -> None:
        await office.ask(name.first)

    office.log.meanwhile.append(first)

    with pytest.raises(AlreadyTaken, match=name.refusal):
        await office.ask(name.second)

    assert office.topics().count(office.topics()[0]) == 1


@each
async def test_who_is_repeated_has_taken_the_name_from_nobody(name: Name) -> None:
    office = Office(customer_registered)
    first = await office.ask(name.first, id=command_id("once"))

    assert await office.ask(name.first, id=command_id("once")) == first


async def test_a_released_address_can_be_taken_again() -> None:
    office = Office()
    ada = await office.ask(RegisterUser(name="Ada", email="ada@acme.example"))
    await office.ask(ChangeUser(user_id=UserId(ada.id), email="li@acme.example"))

    await office.ask(RegisterUser(name="Another Ada", email="ada@acme.example"))

    assert office.topics()[-1] == "reservation.reclaimed"


async def test_an_address_returns_to_who_gave_it_up() -> None:
    office = Office()
    ada = UserId((await office.ask(RegisterUser(name="Ada", email="ada@acme.example"))).id)
    await office.ask(ChangeUser(user_id=ada, email="li@acme.example"))

    await office.ask(ChangeUser(user_id=ada, email="ada@acme.example"))

    assert sorted(office.topics()[-3:]) == [
        "reservation.reclaimed",
        "reservation.released",
        "user.email_changed",
    ]


async def test_a_released_domain_can_be_taken_again() -> None:
    office = Office()
    acme = await office.ask(
        RegisterCustomer(name="Acme", email_domains=["acme.ch", "acme.example"])
    )
    await office.ask(ChangeCustomer(customer_id=CustomerId(acme.id), email_domains=["acme.ch"]))

    await office.ask(RegisterCustomer(name="Bolt", email_domains=["acme.example"]))

    assert office.topics()[-1] == "reservation.reclaimed"


async def test_a_domain_that_stays_stays_reserved() -> None:
    office = Office()
    acme = await office.ask(RegisterCustomer(name="Acme", email_domains=["acme.ch"]))
    await office.ask(
        ChangeCustomer(customer_id=CustomerId(acme.id), email_domains=["acme.ch", "acme.example"])
    )

    with pytest.raises(AlreadyTaken):
        await office.ask(RegisterCustomer(name="Bolt", email_domains=["acme.ch"]))


async def test_a_domain_that_another_customer_has_is_not_taken_over() -> None:
    office = Office()
    await office.ask(RegisterCustomer(name="Acme", email_domains=["acme.ch"]))
    bolt = await office.ask(RegisterCustomer(name="Bolt"))
    office.settle()

    with pytest.raises(AlreadyTaken):
        await office.ask(
            ChangeCustomer(
                customer_id=CustomerId(bolt.id), name="Bolt AG", email_domains=["acme.ch"]
            )
        )

    assert office.told() == []


async def test_the_name_a_group_gave_up_can_be_taken_again() -> None:
    office = Office()
    group = await office.ask(FormGroup(name="First level"))
    await office.ask(ChangeGroup(group_id=GroupId(group.id), name="Service desk"))

    await office.ask(FormGroup(name="First level"))

    assert office.topics()[-1] == "reservation.reclaimed"


async def test_a_group_that_is_spelt_otherwise_bears_the_name_it_shows() -> None:
    office = Office()
    group = await office.ask(FormGroup(name="Straße"))
    await office.ask(ChangeGroup(group_id=GroupId(group.id), name="Strasse"))

    with pytest.raises(AlreadyTaken):
        await office.ask(FormGroup(name="Strasse"))


async def test_a_user_who_keeps_their_address_in_other_letters_keeps_its_reservation() -> None:
    office = Office()
    ada = await office.ask(RegisterUser(name="Ada", email="ada@acme.example"))
    await office.ask(ChangeUser(user_id=UserId(ada.id), email="ADA@acme.example"))

    with pytest.raises(AlreadyTaken):
        await office.ask(RegisterUser(name="Bo", email="ada@acme.example"))


async def test_users_without_an_address_do_not_get_in_each_others_way() -> None:
    office = Office()

    ids: set[UUID] = {(await office.ask(RegisterUser(name="Nobody", email=""))).id for _ in "ab"}

    assert len(ids) == 2


async def test_the_same_name_in_two_scopes_is_two_names() -> None:
    office = Office()

    await office.ask(RegisterCustomer(name="Acme", email_domains=["acme.example"]))
    await office.ask(FormGroup(name="acme.example"))

    assert office.topics().count("reservation.claimed") == 3
