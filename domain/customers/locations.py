"""Locations: the places where a customer's people and devices are."""

from collections.abc import Collection, Iterable
from typing import Annotated
from uuid import UUID

from domain.addresses import Site
from domain.archiving import Archivable, WasArchived, WasRestored
from domain.base import Change, Created
from domain.checks import KEPT, Kept
from domain.customers.coordinates import Coordinates, checked_coordinates
from domain.customizing import Customizable, WasCustomized
from domain.errors import Conflict, Invalid, NotFound
from domain.personal import Personal
from domain.rules import Name, Text
from domain.values import Address, CustomerId


class LocationNotFound(NotFound):
    """There is no location {id}."""


class LocationArchived(Conflict):
    """The location {id} is archived; restore it or choose another one."""


class LocationElsewhere(Invalid):
    """The location {id} belongs to another customer; choose one of the same customer."""

    field = "location_id"


# All that is said of a place tells of a person where it is somebody's home.
PlaceName = Annotated[Name, Personal()]
PlaceAddress = Annotated[Site, Personal()]
OpeningHours = Annotated[str, Text(2000), Personal()]
AccessNotes = Annotated[str, Text(2000), Personal()]
Point = Annotated[Coordinates, checked_coordinates, Personal()]


class Location(Archivable, Customizable):
    """A place of a customer: where its people are visited and its devices stand."""

    TOPIC = "location"
    MISSING = LocationNotFound
    ARCHIVED = LocationArchived

    customer_id: CustomerId
    name: str
    address: Address
    opening_hours: str
    """As people say it: when somebody is there."""
    access_notes: str
    """How to get in; for staff only."""
    coordinates: Coordinates | None

    class Registered(Created):
        """The location was added."""

        TOPIC = "location.registered"
        customer_id: CustomerId
        name: PlaceName
        address: PlaceAddress
        opening_hours: OpeningHours
        access_notes: AccessNotes
        coordinates: Point | None

    class Changed(Change):
        """Plain master data of the location is different; what stays is not named."""

        TOPIC = "location.changed"
        name: PlaceName | Kept = KEPT
        opening_hours: OpeningHours | Kept = KEPT
        access_notes: AccessNotes | Kept = KEPT

    class Moved(Change):
        """The location has another address."""

        TOPIC = "location.moved"
        address: PlaceAddress

    class Located(Change):
        """The location is at this point of the map, or at none that is known."""

        TOPIC = "location.located"
        coordinates: Point | None

    class Archived(WasArchived):
        """The customer is not at the location any more."""

        TOPIC = "location.archived"

    class Restored(WasRestored):
        """The customer is at the location again."""

        TOPIC = "location.restored"

    class Customized(WasCustomized):
        """Custom fields of the location have other values."""

        TOPIC = "location.customized"

    def require_of(self, customers: Collection[UUID]) -> None:
        """Raise `LocationElsewhere` unless the location is one of these customers."""
        if self.customer_id not in customers:
            raise LocationElsewhere(id=self.id)

    def names(self) -> Iterable[tuple[str, str]]:
        """Return the location's name: a customer has no two locations of one name."""
        return [("location.name", f"{self.customer_id} {self.name}")]

    def customer(self) -> UUID:
        """Return the customer whose place it is."""
        return self.customer_id
