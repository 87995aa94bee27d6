"""One sample of every command about customers, in the order of their tables."""

from commands.customers.customers import (
    ArchiveCustomer,
    ChangeCustomer,
    RegisterCustomer,
    RestoreCustomer,
)
from domain.customers.customers import Customer
from domain.values import Address
from tests.commands.samples.sample import Sample
from tests.given import (
    CUSTOMER,
    customer_archived,
    customer_registered,
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
)
