"""What may be asked about contacts."""

import pytest

from commands.customers.contacts import AddContact, ChangeContact, MergeContact, UnmergeContact
from domain.customers.contacts import Contact, ContactNotFound, MergedAcrossCustomers
from domain.customers.customers import CustomerArchived
from domain.customers.locations import LocationArchived, LocationElsewhere, LocationNotFound
from domain.customers.particulars import Language
from domain.merging import NotMerged
from tests.commands.office import TECHNICIAN, Office
from tests.given import (
    CONTACT,
    CUSTOMER,
    LOCATION,
    OTHER_CONTACT,
    OTHER_CUSTOMER,
    OTHER_LOCATION,
    Fact,
    contact_added,
    customer_archived,
    customer_changed,
    customer_merged,
    customer_registered,
    customer_taken_in,
    location_archived,
    location_registered,
)

ELSEWHERE = location_registered(originator_id=OTHER_LOCATION, customer_id=OTHER_CUSTOMER)


async def test_a_technician_may_add_a_contact() -> None:
    office = Office(customer_registered)

    await office.ask(AddContact(customer_id=CUSTOMER, name="Ada"), by=TECHNICIAN)

    assert office.topics() == ["contact.added"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [(None, Language.ENGLISH), (Language.FRENCH, Language.FRENCH)],
    ids=["not sent", "sent"],
)
async def test_a_contact_speaks_the_customers_language_unless_another_is_named(
    sent: Language | None, kept: Language
) -> None:
    office = Office(customer_registered, customer_changed)

    await office.ask(AddContact(customer_id=CUSTOMER, name="Ada", language=sent))

    (added,) = office.told()
    assert isinstance(added, Contact.Added)
    assert added.language is kept


async def test_a_former_customer_gets_no_contact() -> None:
    office = Office(customer_registered, customer_archived)

    with pytest.raises(CustomerArchived):
        await office.ask(AddContact(customer_id=CUSTOMER, name="Ada"))

    assert office.told() == []


@pytest.mark.parametrize(
    ("before", "location", "refusal"),
    [
        pytest.param((), LOCATION, LocationNotFound, id="not there"),
        pytest.param(
            (location_registered, location_archived), LOCATION, LocationArchived, id="out"
        ),
        pytest.param((ELSEWHERE,), OTHER_LOCATION, LocationElsewhere, id="of another customer"),
    ],
)
async def test_a_contact_works_at_a_location_of_the_customer(
    before: tuple[Fact, ...], location: object, refusal: type[Exception]
) -> None:
    office = Office(customer_registered, contact_added(location_id=None), *before)

    for command in (
        AddContact(customer_id=CUSTOMER, name="Ada", location_id=location),  # type: ignore[arg-type] # one of two
        ChangeContact(contact_id=CONTACT, location_id=location),  # type: ignore[arg-type] # likewise
    ):
        with pytest.raises(refusal):
            await office.ask(command)

    assert office.told() == []


async def test_a_contact_stays_at_a_location_that_is_out_of_use_by_now() -> None:
    office = Office(customer_registered, location_registered, contact_added, location_archived)

    await office.ask(ChangeContact(contact_id=CONTACT, location_id=LOCATION, job_title="Director"))

    assert office.topics() == ["contact.changed"]


MERGED = (
    customer_registered,
    customer_merged,
    customer_registered(originator_id=OTHER_CUSTOMER),
    customer_taken_in(originator_id=OTHER_CUSTOMER, other=CUSTOMER),
)
"""The customer is the same as the other one."""


async def test_merged_customers_share_their_locations() -> None:
    office = Office(*MERGED, ELSEWHERE, contact_added)

    await office.ask(ChangeContact(contact_id=CONTACT, location_id=OTHER_LOCATION))

    assert office.topics() == ["contact.location_changed"]


async def test_what_is_not_there_can_not_stand_in_the_place_of_a_contact() -> None:
    office = Office(contact_added)

    with pytest.raises(ContactNotFound):
        await office.ask(MergeContact(contact_id=CONTACT, into=OTHER_CONTACT))

    assert office.told() == []


async def test_contacts_of_one_customer_are_merged() -> None:
    office = Office(customer_registered, contact_added, contact_added(originator_id=OTHER_CONTACT))

    await office.ask(MergeContact(contact_id=CONTACT, into=OTHER_CONTACT))

    assert office.topics() == ["contact.merged", "contact.taken_in"]


async def test_contacts_of_merged_customers_are_not_merged_as_the_customers_may_be_unmerged() -> (
    None
):
    other = contact_added(originator_id=OTHER_CONTACT, customer_id=OTHER_CUSTOMER)
    office = Office(*MERGED, contact_added, other)

    with pytest.raises(MergedAcrossCustomers):
        await office.ask(MergeContact(contact_id=CONTACT, into=OTHER_CONTACT))

    assert office.told() == []


async def test_only_a_merged_contact_is_unmerged() -> None:
    office = Office(contact_added)

    with pytest.raises(NotMerged):
        await office.ask(UnmergeContact(contact_id=CONTACT))

    assert office.told() == []
