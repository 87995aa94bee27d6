"""What is asked of interactions: whose they are, and when they happened."""

from datetime import timedelta

import pytest

from commands.customers.interactions import CorrectInteraction, RecordInteraction
from domain.customers.customers import CustomerArchived, CustomerNotFound
from domain.customers.interactions import HappensLater, InteractionKind
from domain.errors import Refused
from tests.commands.office import TECHNICIAN, Office
from tests.given import (
    CUSTOMER,
    INTERACTION,
    T2,
    Fact,
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


async def test_who_works_with_customers_writes_down_what_they_said() -> None:
    office = Office(customer_registered)

    await office.ask(CALL, by=TECHNICIAN)

    assert office.topics() == ["interaction.recorded"]
