"""A customer's row says what the aggregate says."""

import pytest

from domain.customers.customers import Customer
from domain.customers.standing import Status
from projections.customers.customers import VIEW, customers
from tests.given import (
    T0,
    T2,
    Fact,
    billing_changed,
    customer_archived,
    customer_changed,
    customer_customized,
    customer_given_back,
    customer_merged,
    customer_moved,
    customer_put_on_hold,
    customer_registered,
    customer_renamed,
    customer_restored,
    customer_resumed,
    customer_tagged,
    customer_taken_in,
    customer_unmerged,
    customer_won,
    email_domains_changed,
    given,
    manager_assigned,
    parent_changed,
)
from tests.projections.given import row_of

HISTORIES = (
    (customer_registered,),
    (customer_registered, customer_renamed),
    (customer_registered, customer_moved),
    (customer_registered, email_domains_changed),
    (customer_registered, customer_archived),
    (customer_registered, customer_archived, customer_restored),
    (customer_registered(status=Status.PROSPECT),),
    (customer_registered(status=Status.PROSPECT), customer_won),
    (customer_registered, customer_put_on_hold),
    (customer_registered, customer_put_on_hold, customer_resumed),
    (customer_registered, customer_changed, billing_changed, customer_tagged),
    (customer_registered, manager_assigned, parent_changed),
    (customer_registered, manager_assigned, manager_assigned(account_manager_id=None)),
    (customer_registered, customer_customized),
    (customer_registered, customer_customized, customer_customized(values={"vip": None})),
    (customer_registered, customer_merged),
    (customer_registered, customer_merged, customer_unmerged),
    (customer_registered, customer_taken_in, customer_given_back),
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
        "status": customer.status.value,
        "trade_name": customer.trade_name,
        "register_entry": vars(customer.register_entry),
        "language": customer.language.value,
        "notes": customer.notes,
        "vat_id": customer.vat_id,
        "currency": customer.currency.value,
        "payment_days": customer.payment_days,
        "invoice_email": customer.invoice_email,
        "tags": list(customer.tags),
        "account_manager_id": customer.account_manager_id,
        "parent_id": customer.parent_id,
        "custom": customer.custom,
        "merged_into": customer.merged_into,
        "created_at": T0,
        "updated_at": T0,
        "version": customer.version,
        "position": len(facts),
    }
    assert row.keys() == set(customers.columns.keys())


def test_the_last_event_says_when_the_row_was_updated() -> None:
    row = row_of(VIEW, customer_registered, customer_renamed(timestamp=T2))

    assert (row["created_at"], row["updated_at"]) == (T0, T2)
