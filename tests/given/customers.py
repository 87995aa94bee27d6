"""Facts of customers: one of every event."""

from domain.customers.customers import Customer
from domain.customers.particulars import Currency, Language, RegisterEntry
from domain.customers.standing import Status
from domain.values import Address
from tests.given.facts import Fact
from tests.given.ids import CUSTOMER, OTHER_CUSTOMER, USER

customer_registered = Fact(
    Customer.Registered,
    {
        "number": 10001,
        "name": "Acme Werke GmbH",
        "address": Address("Hauptstraße 1", "10115", "Berlin", "DE"),
        "email_domains": ("acme.example", "acme.test"),
        "status": Status.ACTIVE,
    },
)
customer_renamed = Fact(Customer.Renamed, {"name": "Acme AG"})
customer_moved = Fact(
    Customer.Moved, {"address": Address("Bahnhofstrasse 2", "8001", "Zürich", "CH")}
)
email_domains_changed = Fact(Customer.EmailDomainsChanged, {"email_domains": ("acme.ch",)})
customer_archived = Fact(Customer.Archived)
customer_restored = Fact(Customer.Restored)
customer_changed = Fact(
    Customer.Changed,
    {
        "trade_name": "Acme",
        "register_entry": RegisterEntry("Amtsgericht Berlin", "HRB 4711"),
        "language": Language.ENGLISH,
        "notes": "Rings twice.",
    },
)
billing_changed = Fact(
    Customer.BillingChanged,
    {
        "vat_id": "DE136695976",
        "currency": Currency.CHF,
        "payment_days": 30,
        "invoice_email": "invoices@acme.example",
    },
)
customer_tagged = Fact(Customer.Tagged, {"tags": ("gold", "vip")})
manager_assigned = Fact(Customer.ManagerAssigned, {"account_manager_id": USER})
parent_changed = Fact(Customer.ParentChanged, {"parent_id": OTHER_CUSTOMER})
customer_won = Fact(Customer.Won)
customer_put_on_hold = Fact(Customer.PutOnHold, {"reason": "Bills are open."})
customer_resumed = Fact(Customer.Resumed)
customer_customized = Fact(Customer.Customized, {"values": {"cost_centre": "4711", "vip": True}})
customer_merged = Fact(Customer.Merged, {"into": OTHER_CUSTOMER})
customer_unmerged = Fact(Customer.Unmerged)
customer_taken_in = Fact(Customer.TakenIn, {"other": OTHER_CUSTOMER})
customer_given_back = Fact(Customer.GivenBack, {"other": OTHER_CUSTOMER})

TWO_CUSTOMERS = (
    customer_registered,
    customer_registered(
        originator_id=OTHER_CUSTOMER,
        number=10002,
        name="Bolt KG",
        address=Address("Am Hafen 3", "24103", "Kiel", "DE"),
        email_domains=("bolt.example",),
    ),
)
"""`CUSTOMER` and `OTHER_CUSTOMER`, just registered."""
MERGED_CUSTOMERS = (
    *TWO_CUSTOMERS,
    customer_merged,
    customer_taken_in(originator_id=OTHER_CUSTOMER, other=CUSTOMER),
)
"""`CUSTOMER` is merged into `OTHER_CUSTOMER`."""
