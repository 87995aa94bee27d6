"""A customer's row says what the aggregate says."""

import pytest

from domain.customers.customers import Customer
from projections.customers.customers import VIEW, customers
from tests.given import (
    T0,
    T2,
    Fact,
    customer_archived,
    customer_moved,
    customer_registered,
    customer_renamed,
    customer_restored,
    email_domains_changed,
    given,
)
from tests.projections.given import row_of

HISTORIES = (
    (customer_registered,),
    (customer_registered, customer_renamed),
    (customer_registered, customer_moved),
    (customer_registered, email_domains_changed),
    (customer_registered, customer_archived),
    (customer_registered, customer_archived, customer_restored),
)


@pytest.mark.parametrize("facts", HISTORIES)
def test_the_row_says_what_the_customer_says(facts: tuple[Fact, ...]) -> None:
    customer = given(Customer, *facts)

    row = row_of(VIEW, *facts)

    assert row == {
        "id": customer.id,
        "number": customer.number,
        "name": customer.name,
        "address": vars(customer.address),
        "email_domains": list(customer.email_domains),
        "status": "archived" if customer.archived else "active",
        "created_at": T0,
        "updated_at": T0,
        "version": customer.version,
        "position": len(facts),
    }
    assert row.keys() == set(customers.columns.keys())


def test_the_last_event_says_when_the_row_was_updated() -> None:
    row = row_of(VIEW, customer_registered, customer_renamed(timestamp=T2))

    assert (row["created_at"], row["updated_at"]) == (T0, T2)
