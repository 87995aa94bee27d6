"""One sample of every command about customers."""

from commands.customers.customers import (
    ArchiveCustomer,
    ChangeCustomer,
    HoldCustomer,
    RegisterCustomer,
    RestoreCustomer,
    ResumeCustomer,
    WinCustomer,
)
from commands.customers.merging import MergeCustomer, UnmergeCustomer
from domain.customers.customers import Customer
from domain.customers.standing import Status
from domain.values import Address
from tests.commands.samples.sample import Sample
from tests.given import (
    CUSTOMER,
    MERGED_CUSTOMERS,
    OTHER_CUSTOMER,
    TWO_CUSTOMERS,
    customer_archived,
    customer_put_on_hold,
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
            notes="Rings twice.",
            vat_id="ATU13585627",
            tags=["Gold"],
        ),
        (
            "customer.renamed",
            "customer.moved",
            "customer.email_domains_changed",
            "customer.changed",
            "customer.billing_changed",
            "customer.tagged",
            "reservation.claimed",
        ),
    ),
    Sample(
        Customer,
        (customer_registered(status=Status.PROSPECT),),
        WinCustomer(customer_id=CUSTOMER),
        ("customer.won",),
    ),
    Sample(
        Customer,
        (customer_registered,),
        HoldCustomer(customer_id=CUSTOMER, reason="Bills are open."),
        ("customer.put_on_hold",),
    ),
    Sample(
        Customer,
        (customer_registered, customer_put_on_hold),
        ResumeCustomer(customer_id=CUSTOMER),
        ("customer.resumed",),
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
        Customer,
        TWO_CUSTOMERS,
        MergeCustomer(customer_id=CUSTOMER, into=OTHER_CUSTOMER),
        ("customer.merged", "customer.taken_in", "reservation.claimed"),
    ),
    Sample(
        Customer,
        MERGED_CUSTOMERS,
        UnmergeCustomer(customer_id=CUSTOMER),
        ("customer.unmerged", "customer.given_back", "reservation.claimed"),
    ),
)
