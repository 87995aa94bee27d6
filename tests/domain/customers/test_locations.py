"""Locations: where they are, what they are called, and whose they are."""

from math import inf, nan

import pytest

from domain.addresses import AddressCountryMissing, PostalCodeInvalid
from domain.customers.coordinates import Coordinates, LatitudeInvalid, LongitudeInvalid
from domain.customers.locations import Location, LocationArchived, LocationElsewhere
from domain.errors import Invalid
from domain.rules import TextMissing, TextTooLong
from domain.values import Address
from tests.given import (
    CUSTOMER,
    LOCATION,
    OTHER_CUSTOMER,
    T0,
    T1,
    given,
    location_archived,
    location_changed,
    location_customized,
    location_located,
    location_moved,
    location_registered,
    recorded,
)

BERLIN = Address("Hauptstraße 1", "10115", "Berlin", "DE")


def begun(address: Address = BERLIN, name: str = "Head office") -> Location:
    return Location.begin(
        LOCATION,
        Location.Registered,
        T0,
        customer_id=CUSTOMER,
        name=name,
        address=address,
        opening_hours="",
        access_notes="",
        coordinates=None,
    )


def test_of_a_location_its_customer_name_and_address_are_enough() -> None:
    location = begun()

    assert recorded(location) == [
        location_registered(opening_hours="", access_notes="", coordinates=None)
    ]


def test_a_location_has_a_name() -> None:
    with pytest.raises(TextMissing, match="`name`"):
        begun(name=" ")


def test_a_location_is_in_a_country() -> None:
    with pytest.raises(AddressCountryMissing, match=r"`address\.country`"):
        begun(Address())


def test_the_address_of_a_location_is_written_as_in_its_country() -> None:
    location = begun(Address(" Ring 1 ", "a-1010", "Wien", "at"))

    assert location.address == Address("Ring 1", "1010", "Wien", "AT")


def test_a_location_does_not_move_to_an_address_that_its_country_does_not_know() -> None:
    location = given(Location, location_registered)

    with pytest.raises(PostalCodeInvalid):
        location.change(Location.Moved, T1, address=Address("", "1234", "", "DE"))

    assert recorded(location) == []


@pytest.mark.parametrize("field", ["opening_hours", "access_notes"])
def test_notes_on_a_location_have_an_end(field: str) -> None:
    location = given(Location, location_registered)

    with pytest.raises(TextTooLong, match=field):
        location.change(Location.Changed, T1, **{field: "x" * 2001})


def test_what_stays_of_a_location_is_not_named() -> None:
    location = given(Location, location_registered)

    location.change(Location.Changed, T1, name="Head office", access_notes="Ring twice.")

    assert [event.facts() for event in recorded(location)] == [{"access_notes": "Ring twice."}]


@pytest.mark.parametrize("latitude", [90.0000001, -91, inf, nan])
def test_a_latitude_ends_at_the_poles(latitude: float) -> None:
    location = given(Location, location_registered)

    with pytest.raises(LatitudeInvalid) as refused:
        location.change(Location.Located, T1, coordinates=Coordinates(latitude, 0))

    assert refused.value.field == "coordinates.latitude"


@pytest.mark.parametrize("longitude", [180.0000001, -181, -inf, nan])
def test_a_longitude_goes_half_around(longitude: float) -> None:
    location = given(Location, location_registered)

    with pytest.raises(LongitudeInvalid) as refused:
        location.change(Location.Located, T1, coordinates=Coordinates(0, longitude))

    assert refused.value.field == "coordinates.longitude"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (Coordinates(90, -180), Coordinates(90.0, -180.0)),
        (Coordinates(47.123456789, 8.00000001), Coordinates(47.1234568, 8.0)),
    ],
)
def test_a_point_is_kept_to_the_hundredth_of_a_metre(said: Coordinates, kept: Coordinates) -> None:
    location = given(Location, location_registered)

    location.change(Location.Located, T1, coordinates=said)

    assert location.coordinates == kept


def test_zero_degrees_have_no_sign() -> None:
    location = given(Location, location_registered)

    location.change(Location.Located, T1, coordinates=Coordinates(-0.0, -0.00000001))

    assert str(location.coordinates) == str(Coordinates(0.0, 0.0))


def test_the_point_of_a_location_can_be_forgotten() -> None:
    location = given(Location, location_registered)

    location.change(Location.Located, T1, coordinates=None)

    assert recorded(location) == [location_located(coordinates=None, timestamp=T1)]


def test_the_same_once_more_is_ignored() -> None:
    location = given(
        Location, location_registered, location_changed, location_moved, location_located
    )

    location.change(Location.Changed, T1, **location_changed.values)
    location.change(Location.Moved, T1, **location_moved.values)
    location.change(Location.Located, T1, **location_located.values)

    assert recorded(location) == []


def test_an_archived_location_is_not_used() -> None:
    location = given(Location, location_registered, location_archived)

    with pytest.raises(LocationArchived):
        location.require_active()


def test_a_location_is_one_of_its_customer_only() -> None:
    location = given(Location, location_registered)

    with pytest.raises(LocationElsewhere) as refused:
        location.require_of([OTHER_CUSTOMER])

    assert isinstance(refused.value, Invalid)
    assert refused.value.field == "location_id"


def test_two_customers_may_each_have_a_location_of_one_name() -> None:
    one, other = (
        given(Location, location_registered(customer_id=customer))
        for customer in (CUSTOMER, OTHER_CUSTOMER)
    )

    assert set(one.names()).isdisjoint(other.names())


def test_custom_fields_that_lose_their_value_are_gone() -> None:
    location = given(
        Location,
        location_registered,
        location_customized,
        location_customized(values={"lift": None}),
    )

    assert location.custom == {"alarm_zone": "4"}
