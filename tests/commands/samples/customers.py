"""One sample of every command about customers, in the order of their tables."""

from commands.customers.customers import (
    ArchiveCustomer,
    ChangeCustomer,
    RegisterCustomer,
    RestoreCustomer,
)
from commands.customers.locations import (
    ArchiveLocation,
    ChangeLocation,
    RegisterLocation,
    RestoreLocation,
)
from domain.customers.coordinates import Coordinates
from domain.customers.customers import Customer
from domain.customers.locations import Location
from domain.values import Address
from tests.commands.samples.sample import Sample
from tests.given import (
    CUSTOMER,
    LOCATION,
    customer_archived,
    customer_registered,
    location_archived,
    location_registered,
)

SAMPLES = (
    Sample(
        Customer,
        (),
        RegisterCustomer(name="Acme", number=10_001, email_domains=["acme.example"]),
        ("customer.registered", "reservation.claimed", "reservation.claimed"),
    ),
    Sample(
        Customer,
        (customer_registered,),
        ChangeCustomer(
            customer_id=CUSTOMER,
            name="Acme AG",
            address=Address(city="Wien", country="AT"),
            email_domains=["acme.ch", "acme.test"],
        ),
        (
            "customer.renamed",
            "customer.moved",
            "customer.email_domains_changed",
            "reservation.claimed",
        ),
    ),
    Sample(
        Customer,
        (customer_registered,),
        ArchiveCustomer(customer_id=CUSTOMER),
        ("customer.archived",),
    ),
    Sample(
        Customer,
        (customer_registered, customer_archived),
        RestoreCustomer(customer_id=CUSTOMER),
        ("customer.restored",),
    ),
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
