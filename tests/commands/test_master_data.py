"""What the commands about customers, users and groups refuse, and what they pass on."""

import pytest

from commands.context import Command
from commands.customers.customers import (
    ArchiveCustomer,
    ChangeCustomer,
    RegisterCustomer,
    RestoreCustomer,
)
from commands.desk.groups import ArchiveGroup, ChangeGroup, FormGroup, RestoreGroup
from commands.people.users import ChangeUser, DeactivateUser, ReactivateUser, RegisterUser
from domain.actors import Role
from domain.addresses import AddressCountryMissing, CountryUnknown
from domain.customers.customers import CustomerArchived, CustomerNotFound
from domain.customers.particulars import CustomerNumberInvalid
from domain.desk.groups import GroupArchived
from domain.errors import Refused
from domain.people.users import CustomerRequired, UserDeactivated
from domain.rules import DomainInvalid, EmailInvalid, TextMissing, TextTooLong
from domain.values import Address
from tests.commands.office import Office
from tests.given import (
    CUSTOMER,
    GROUP,
    OTHER_CUSTOMER,
    T2,
    USER,
    Fact,
    customer_archived,
    customer_registered,
    customer_renamed,
    deactivated,
    group_archived,
    group_formed,
    group_renamed,
    role_changed,
    user_registered,
)


@pytest.mark.parametrize(
    ("facts", "command", "refusal"),
    [
        ([], RegisterCustomer(name=" "), TextMissing),
        ([], RegisterCustomer(name="x" * 201), TextTooLong),
        ([], RegisterCustomer(name="Acme", number=1_000_000_000), CustomerNumberInvalid),
        ([], RegisterCustomer(name="Acme", number=-1), CustomerNumberInvalid),
        ([], RegisterCustomer(name="Acme", address=Address(country="DEU")), CountryUnknown),
        ([], RegisterCustomer(name="Acme", address=Address(street="x" * 201)), TextTooLong),
        ([], RegisterCustomer(name="Acme", email_domains=["acme"]), DomainInvalid),
        ([customer_registered], ChangeCustomer(customer_id=CUSTOMER, name=" "), TextMissing),
        (
            [customer_registered],
            ChangeCustomer(customer_id=CUSTOMER, address=Address(city="x" * 101)),
            TextTooLong,
        ),
        (
            [customer_registered],
            ChangeCustomer(customer_id=CUSTOMER, address=Address(city="Wien")),
            AddressCountryMissing,
        ),
        (
            [customer_registered],
            ChangeCustomer(customer_id=CUSTOMER, email_domains=["-.example"]),
            DomainInvalid,
        ),
        (
            [customer_registered, customer_archived],
            ArchiveCustomer(customer_id=CUSTOMER),
            CustomerArchived,
        ),
        ([], RegisterUser(name=" ", email=""), TextMissing),
        ([], RegisterUser(name="x" * 201, email=""), TextTooLong),
        ([], RegisterUser(name="Ada", email="ada"), EmailInvalid),
        ([], RegisterUser(name="Ada", email="", role=Role.CUSTOMER), CustomerRequired),
        (
            [],
            RegisterUser(name="Ada", email="", role=Role.CUSTOMER, customer_id=CUSTOMER),
            CustomerNotFound,
        ),
        ([user_registered], ChangeUser(user_id=USER, name=""), TextMissing),
        ([user_registered], ChangeUser(user_id=USER, email=""), EmailInvalid),
        ([user_registered], ChangeUser(user_id=USER, customer_id=OTHER_CUSTOMER), CustomerNotFound),
        ([user_registered], ChangeUser(user_id=USER, customer_id=None), CustomerRequired),
        (
            [user_registered(role=Role.ADMIN, customer_id=None)],
            ChangeUser(user_id=USER, role=Role.CUSTOMER),
            CustomerRequired,
        ),
        ([user_registered, deactivated], DeactivateUser(user_id=USER), UserDeactivated),
        ([], FormGroup(name=" "), TextMissing),
        ([], FormGroup(name="x" * 201), TextTooLong),
        ([], FormGroup(name="Network", description="x" * 2001), TextTooLong),
        ([group_formed], ChangeGroup(group_id=GROUP, name=" "), TextMissing),
        ([group_formed], ChangeGroup(group_id=GROUP, description="x" * 2001), TextTooLong),
        ([group_formed, group_archived], ArchiveGroup(group_id=GROUP), GroupArchived),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Command) else None,
)
async def test_a_command_that_can_not_be_is_refused(
    facts: list[Fact], command: Command, refusal: type[Refused]
) -> None:
    office = Office(*facts)

    with pytest.raises(refusal):
        await office.ask(command)

    assert office.told() == []


@pytest.mark.parametrize(
    ("facts", "command"),
    [
        ([customer_registered], RestoreCustomer(customer_id=CUSTOMER)),
        ([customer_registered], ChangeCustomer(customer_id=CUSTOMER)),
        ([customer_registered], ChangeCustomer(customer_id=CUSTOMER, name="Acme Werke GmbH ")),
        (
            [customer_registered],
            ChangeCustomer(customer_id=CUSTOMER, email_domains=["ACME.test", "@acme.example"]),
        ),
        ([user_registered], ReactivateUser(user_id=USER)),
        ([user_registered], ChangeUser(user_id=USER)),
        ([user_registered], ChangeUser(user_id=USER, email="ADA@acme.example")),
        ([group_formed], RestoreGroup(group_id=GROUP)),
        ([group_formed], ChangeGroup(group_id=GROUP)),
        ([group_formed], ChangeGroup(group_id=GROUP, name="First level")),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Command) else None,
)
async def test_a_command_that_changes_nothing_is_accepted_and_tells_nothing(
    facts: list[Fact], command: Command
) -> None:
    office = Office(*facts)

    accepted = await office.ask(command)

    assert (accepted.version, accepted.position) == (1, 1)
    assert office.told() == []


async def test_a_customer_without_a_number_gets_the_next_one() -> None:
    office = Office()

    for name in ("Acme", "Bolt"):
        await office.ask(RegisterCustomer(name=name))

    assert _numbers(office) == [1, 2]


async def test_a_customer_without_a_number_gets_none_that_was_given_by_hand() -> None:
    office = Office()
    for number in (1, 2, 4):
        await office.ask(RegisterCustomer(name="By hand", number=number))

    for name in ("Acme", "Bolt"):
        await office.ask(RegisterCustomer(name=name))

    assert _numbers(office) == [1, 2, 4, 3, 5]


def _numbers(office: Office) -> list[int]:
    return [event.number for event in office.told() if event.TOPIC == "customer.registered"]  # type: ignore[attr-defined]


async def test_a_customer_that_is_archived_can_still_be_corrected() -> None:
    office = Office(customer_registered, customer_archived)

    await office.ask(ChangeCustomer(customer_id=CUSTOMER, name="Acme AG"))

    assert office.told() == [customer_renamed(timestamp=T2)]


async def test_a_portal_user_can_belong_to_another_customer() -> None:
    office = Office(customer_registered, user_registered(customer_id=OTHER_CUSTOMER))

    await office.ask(ChangeUser(user_id=USER, customer_id=CUSTOMER))

    assert office.told() == [role_changed(customer_id=CUSTOMER, timestamp=T2)]


async def test_staff_belong_to_no_customer() -> None:
    office = Office(customer_registered, user_registered)

    await office.ask(ChangeUser(user_id=USER, role=Role.TECHNICIAN))

    assert office.told() == [role_changed(role=Role.TECHNICIAN, customer_id=None, timestamp=T2)]


async def test_a_group_can_be_written_in_other_letters() -> None:
    office = Office()
    formed = await office.ask(FormGroup(name="First level"))

    await office.ask(ChangeGroup(group_id=formed.id, name="FIRST LEVEL"))  # type: ignore[arg-type]

    assert office.topics() == ["group.formed", "reservation.claimed", "group.renamed"]
    assert office.told()[-1].name == group_renamed(name="FIRST LEVEL").values["name"]  # type: ignore[attr-defined]
