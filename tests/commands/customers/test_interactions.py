"""What is asked of interactions: whose they are, and when they happened."""

from datetime import timedelta

import pytest
from msgspec import structs

from commands.customers.interactions import CorrectInteraction, RecordInteraction
from domain.customers.contacts import ContactArchived, ContactElsewhere, ContactNotFound
from domain.customers.customers import CustomerArchived, CustomerNotFound
from domain.customers.interactions import HappensLater, InteractionKind
from domain.errors import Refused
from domain.merging import MergedAway
from tests.commands.office import TECHNICIAN, Office
from tests.given import (
    CONTACT,
    CUSTOMER,
    INTERACTION,
    MERGED_CUSTOMERS,
    OTHER_CONTACT,
    OTHER_CUSTOMER,
    T2,
    Fact,
    contact_added,
    contact_archived,
    contact_merged,
    customer_archived,
    customer_registered,
    interaction_recorded,
)

LATER = T2 + timedelta(days=1, seconds=1)
CALL = RecordInteraction(
    customer_id=CUSTOMER, kind=InteractionKind.CALL, happened_at=T2, subject="Renewal"
)


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [([], CustomerNotFound), ([customer_registered, customer_archived], CustomerArchived)],
)
async def test_an_interaction_is_with_a_customer_that_is_in_use(
    facts: list[Fact], refusal: type[Refused]
) -> None:
    office = Office(*facts)

    with pytest.raises(refusal):
        await office.ask(CALL)

    assert office.told() == []


async def test_an_interaction_is_not_moved_ahead_of_its_correction() -> None:
    office = Office(interaction_recorded)

    with pytest.raises(HappensLater, match="record what has happened by now"):
        await office.ask(CorrectInteraction(interaction_id=INTERACTION, happened_at=LATER))

    assert office.told() == []


UNFIT = pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ([], ContactNotFound),
        ([contact_added(customer_id=OTHER_CUSTOMER)], ContactElsewhere),
        ([contact_added, contact_archived], ContactArchived),
        ([contact_added, contact_merged], MergedAway),
    ],
)


@UNFIT
async def test_who_took_part_is_one_of_the_customers_people(
    facts: list[Fact], refusal: type[Refused]
) -> None:
    office = Office(customer_registered, *facts)

    with pytest.raises(refusal) as refused:
        await office.ask(structs.replace(CALL, contact_ids=[CONTACT]))

    assert refused.value.field == "contact_ids"
    assert office.told() == []


@UNFIT
async def test_who_is_added_by_a_correction_is_one_of_the_customers_people(
    facts: list[Fact], refusal: type[Refused]
) -> None:
    office = Office(customer_registered, interaction_recorded(contact_ids=()), *facts)

    with pytest.raises(refusal) as refused:
        await office.ask(CorrectInteraction(interaction_id=INTERACTION, contact_ids=[CONTACT]))

    assert refused.value.field == "contact_ids"
    assert office.told() == []


async def test_who_was_named_before_may_stay_whatever_became_of_them() -> None:
    added = contact_added(originator_id=OTHER_CONTACT)
    office = Office(
        customer_registered, contact_added, contact_archived, interaction_recorded, added
    )

    await office.ask(
        CorrectInteraction(interaction_id=INTERACTION, contact_ids=[CONTACT, OTHER_CONTACT])
    )

    assert office.topics() == ["interaction.corrected"]


async def test_the_people_of_a_merged_customer_take_part_for_either() -> None:
    office = Office(*MERGED_CUSTOMERS, contact_added)
    call = structs.replace(CALL, customer_id=OTHER_CUSTOMER, contact_ids=[CONTACT])

    await office.ask(call)

    assert office.topics() == ["interaction.recorded"]


async def test_who_works_with_customers_writes_down_what_they_said() -> None:
    office = Office(customer_registered)

    await office.ask(CALL, by=TECHNICIAN)

    assert office.topics() == ["interaction.recorded"]
