"""Facts of customers: one of every event."""

from domain.customers.customers import Customer
from domain.values import Address
from tests.given.facts import Fact

customer_registered = Fact(
    Customer.Registered,
    {
        "number": 10001,
        "name": "Acme Werke GmbH",
        "address": Address("Hauptstraße 1", "10115", "Berlin", "DE"),
        "email_domains": ("acme.example", "acme.test"),
    },
)
customer_renamed = Fact(Customer.Renamed, {"name": "Acme AG"})
customer_moved = Fact(
    Customer.Moved, {"address": Address("Bahnhofstrasse 2", "8001", "Zürich", "CH")}
)
email_domains_changed = Fact(Customer.EmailDomainsChanged, {"email_domains": ("acme.ch",)})
customer_archived = Fact(Customer.Archived)
customer_restored = Fact(Customer.Restored)
