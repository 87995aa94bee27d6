"""What is asked of customers: their particulars, who looks after them, and where they stand."""

import pytest

from commands.context import Command
from commands.customers.customers import ChangeCustomer, HoldCustomer, RegisterCustomer
from domain.actors import Role, RoleForbidden
from domain.customers.customers import Customer
from domain.customers.particulars import Currency, Language, PaymentTermInvalid, RegisterEntry
from domain.customers.standing import Status
from domain.errors import Refused
from domain.people.users import StaffRequired, UserDeactivated, UserNotFound
from domain.rules import EmailInvalid, TextTooLong
from domain.tags import TooManyTags
from domain.vat_ids import VatIdMistyped
from tests.commands.office import TECHNICIAN, Office
from tests.given import (
    CUSTOMER,
    T2,
    USER,
    Fact,
    billing_changed,
    customer_changed,
    customer_registered,
    customer_tagged,
    deactivated,
    manager_assigned,
    user_registered,
)

MANAGER = user_registered(role=Role.TECHNICIAN, customer_id=None)


async def test_a_prospect_is_registered() -> None:
    office = Office()

    await office.ask(RegisterCustomer(name="Acme", status="prospect"))

    registered = office.told()[0]
    assert isinstance(registered, Customer.Registered)
    assert registered.status is Status.PROSPECT


async def test_particulars_billing_and_tags_change_in_one_command() -> None:
    office = Office(customer_registered)

    await office.ask(
        ChangeCustomer(
            customer_id=CUSTOMER,
            trade_name="Acme",
            register_entry=RegisterEntry("Amtsgericht Berlin", "HRB 4711"),
            language=Language.ENGLISH,
            notes="Rings twice.",
            vat_id="DE 136 695 976",
            currency=Currency.CHF,
            payment_days=30,
            invoice_email="Invoices@acme.example",
            tags=["VIP", "gold", "vip"],
        )
    )

    assert office.told() == [
        customer_changed(timestamp=T2),
        billing_changed(timestamp=T2),
        customer_tagged(timestamp=T2),
    ]


async def test_what_is_not_sent_stays_and_is_not_named() -> None:
    office = Office(customer_registered, customer_changed, billing_changed)

    await office.ask(ChangeCustomer(customer_id=CUSTOMER, payment_days=14, notes="Rings twice."))

    assert office.told() == [Fact(Customer.BillingChanged, {"payment_days": 14, "timestamp": T2})]


async def test_somebody_looks_after_a_customer() -> None:
    office = Office(customer_registered, MANAGER)

    await office.ask(ChangeCustomer(customer_id=CUSTOMER, account_manager_id=USER))

    assert office.told() == [manager_assigned(timestamp=T2)]


async def test_nobody_looks_after_a_customer_any_more() -> None:
    office = Office(customer_registered, manager_assigned)

    await office.ask(ChangeCustomer(customer_id=CUSTOMER, account_manager_id=None))

    assert office.told() == [manager_assigned(account_manager_id=None, timestamp=T2)]


async def test_who_left_may_go_on_being_named_as_manager() -> None:
    office = Office(customer_registered, manager_assigned, MANAGER, deactivated)

    await office.ask(ChangeCustomer(customer_id=CUSTOMER, account_manager_id=USER, payment_days=10))

    assert office.topics() == ["customer.billing_changed"]


@pytest.mark.parametrize(
    ("facts", "command", "refusal"),
    [
        ([], ChangeCustomer(customer_id=CUSTOMER, account_manager_id=USER), UserNotFound),
        (
            [MANAGER, deactivated],
            ChangeCustomer(customer_id=CUSTOMER, account_manager_id=USER),
            UserDeactivated,
        ),
        (
            [user_registered],
            ChangeCustomer(customer_id=CUSTOMER, account_manager_id=USER),
            StaffRequired,
        ),
        ([], ChangeCustomer(customer_id=CUSTOMER, payment_days=366), PaymentTermInvalid),
        ([], ChangeCustomer(customer_id=CUSTOMER, vat_id="DE136695975"), VatIdMistyped),
        ([], ChangeCustomer(customer_id=CUSTOMER, invoice_email="acme"), EmailInvalid),
        ([], ChangeCustomer(customer_id=CUSTOMER, trade_name="x" * 201), TextTooLong),
        ([], ChangeCustomer(customer_id=CUSTOMER, tags=[*"abcdefghijklmnopqrstu"]), TooManyTags),
    ],
)
async def test_a_change_is_refused(
    facts: list[Fact], command: Command, refusal: type[Refused]
) -> None:
    office = Office(customer_registered, *facts)

    with pytest.raises(refusal):
        await office.ask(command)

    assert office.told() == []


async def test_who_meets_customers_changes_them_but_does_not_say_where_they_stand() -> None:
    office = Office(customer_registered)

    await office.ask(ChangeCustomer(customer_id=CUSTOMER, notes="Rings twice."), by=TECHNICIAN)
    with pytest.raises(RoleForbidden):
        await office.ask(HoldCustomer(customer_id=CUSTOMER, reason="Bills."), by=TECHNICIAN)

    assert office.topics() == ["customer.changed"]
