"""What may be asked about locations."""

import pytest

from commands.customers.locations import ChangeLocation, RegisterLocation
from domain.customers.customers import CustomerArchived, CustomerNotFound
from domain.reservations import AlreadyTaken
from domain.values import Address
from tests.commands.office import TECHNICIAN, Office
from tests.given import (
    CUSTOMER,
    LOCATION,
    customer_archived,
    customer_registered,
    location_registered,
)

NEW = RegisterLocation(customer_id=CUSTOMER, name="Head office", address=Address(country="DE"))


async def test_a_technician_may_add_a_location() -> None:
    office = Office(customer_registered)

    await office.ask(NEW, by=TECHNICIAN)

    assert office.topics() == ["location.registered", "reservation.claimed"]


async def test_a_customer_that_is_not_there_gets_no_location() -> None:
    office = Office()

    with pytest.raises(CustomerNotFound):
        await office.ask(NEW)

    assert office.told() == []


async def test_a_former_customer_gets_no_location() -> None:
    office = Office(customer_registered, customer_archived)

    with pytest.raises(CustomerArchived):
        await office.ask(NEW)

    assert office.told() == []


async def test_a_customer_has_no_two_locations_of_one_name() -> None:
    office = Office(customer_registered)
    await office.ask(NEW)
    office.settle()

    with pytest.raises(AlreadyTaken) as refused:
        await office.ask(
            RegisterLocation(
                customer_id=CUSTOMER, name="HEAD office", address=Address(country="AT")
            )
        )

    assert refused.value.facts["name"] == "name"
    assert office.told() == []


async def test_what_is_not_sent_of_a_location_stays() -> None:
    office = Office(location_registered)

    await office.ask(ChangeLocation(location_id=LOCATION, opening_hours="Never"))

    assert [event.facts() for event in office.told()] == [{"opening_hours": "Never"}]
