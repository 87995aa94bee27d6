"""One sample of every command about locations."""

from commands.customers.locations import (
    ArchiveLocation,
    ChangeLocation,
    RegisterLocation,
    RestoreLocation,
)
from domain.customers.coordinates import Coordinates
from domain.customers.locations import Location
from domain.values import Address
from tests.commands.samples.sample import Sample
from tests.given import (
    CUSTOMER,
    LOCATION,
    customer_registered,
    location_archived,
    location_registered,
)

SAMPLES = (
    Sample(
        Location,
        (customer_registered,),
        RegisterLocation(
            customer_id=CUSTOMER,
            name="Head office",
            address=Address(city="Berlin", country="DE"),
            coordinates=Coordinates(52.5, 13.4),
        ),
        ("location.registered", "reservation.claimed"),
    ),
    Sample(
        Location,
        (location_registered,),
        ChangeLocation(
            location_id=LOCATION,
            name="Plant",
            address=Address(city="Wien", country="AT"),
            access_notes="Ring twice.",
            coordinates=None,
        ),
        ("location.changed", "location.moved", "location.located", "reservation.claimed"),
    ),
    Sample(
        Location,
        (location_registered,),
        ArchiveLocation(location_id=LOCATION),
        ("location.archived",),
    ),
    Sample(
        Location,
        (location_registered, location_archived),
        RestoreLocation(location_id=LOCATION),
        ("location.restored",),
    ),
)
