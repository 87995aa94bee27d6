"""What may be asked about locations."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from commands.context import Command
from commands.dispatch import Entry
from commands.handlers import begin, change, on
from domain.actors import STAFF
from domain.customers.coordinates import Coordinates
from domain.customers.customers import Customer
from domain.customers.locations import Location
from domain.values import Address, CustomerId, LocationId

Name = Annotated[str, Meta(min_length=1, max_length=200, examples=["Werk Süd"])]
OpeningHours = Annotated[
    str,
    Meta(
        max_length=2000,
        description="When somebody is there, in words.",
        examples=["Mo-Fr 7-16 Uhr, im August geschlossen"],
    ),
]
AccessNotes = Annotated[
    str,
    Meta(
        max_length=2000,
        description="How to get in; customers' people never see it.",
        examples=["Schlüssel beim Pförtner, Alarm vor dem Betreten abmelden."],
    ),
]


class RegisterLocation(Command, frozen=True):
    """Add a place of a customer; its address needs a country."""

    customer_id: CustomerId
    name: Name
    address: Address
    opening_hours: OpeningHours = ""
    access_notes: AccessNotes = ""
    coordinates: Coordinates | None = None


class ChangeLocation(Command, frozen=True):
    """Change a location; what is not sent stays as it is, `coordinates: null` forgets them."""

    location_id: LocationId
    name: Name | UnsetType = UNSET
    address: Address | UnsetType = UNSET
    opening_hours: OpeningHours | UnsetType = UNSET
    access_notes: AccessNotes | UnsetType = UNSET
    coordinates: Coordinates | UnsetType | None = UNSET


class ArchiveLocation(Command, frozen=True):
    """Take a location out of use; what refers to it stays."""

    location_id: LocationId


class RestoreLocation(Command, frozen=True):
    """Put an archived location back into use."""

    location_id: LocationId


COMMANDS = (
    Entry(
        RegisterLocation,
        begin(Location, Location.Registered, customer_id=Customer),
        "POST /locations",
        STAFF,
    ),
    Entry(
        ChangeLocation,
        change(Location, Location.Changed, Location.Moved, Location.Located),
        "PATCH /locations/{id}",
        STAFF,
    ),
    Entry(ArchiveLocation, on(Location, Location.archive), "POST /locations/{id}/archive", STAFF),
    Entry(RestoreLocation, on(Location, Location.restore), "POST /locations/{id}/restore", STAFF),
)
