"""Customers: registered, changed, archived and restored."""

import pytest

from domain.addresses import CountryUnknown
from domain.customers.customers import Customer, CustomerArchived
from domain.customers.particulars import CustomerNumberInvalid
from domain.rules import DomainInvalid, TextMissing, TextTooLong
from domain.values import Address
from tests.given import (
    CUSTOMER,
    T0,
    T1,
    customer_archived,
    customer_moved,
    customer_registered,
    customer_renamed,
    customer_restored,
    email_domains_changed,
    given,
    recorded,
)

BERLIN = Address("Hauptstraße 1", "10115", "Berlin", "DE")


def test_a_customer_is_registered() -> None:
    customer = Customer.begin(
        CUSTOMER,
        Customer.Registered,
        T0,
        number=10001,
        name=" Acme Werke GmbH ",
        address=Address(" Hauptstraße 1", "10115 ", "Berlin", "de"),
        email_domains=("ACME.test", "@acme.example"),
    )

    assert recorded(customer) == [customer_registered]
    assert (customer.archived, customer.number) == (False, 10001)


def test_a_customer_needs_neither_a_full_address_nor_a_domain() -> None:
    customer = Customer.begin(
        CUSTOMER,
        Customer.Registered,
        T0,
        number=1,
        name="Acme",
        address=Address(),
        email_domains=(),
    )

    assert recorded(customer) == [
        customer_registered(number=1, name="Acme", address=Address(), email_domains=())
    ]


@pytest.mark.parametrize("number", [1, 999_999_999])
def test_a_customer_number_has_at_most_nine_digits(number: int) -> None:
    customer = Customer.begin(
        CUSTOMER,
        Customer.Registered,
        T0,
        number=number,
        name="Acme",
        address=BERLIN,
        email_domains=(),
    )

    assert customer.number == number


@pytest.mark.parametrize("number", [-1, 0, 1_000_000_000])
def test_another_customer_number_is_refused(number: int) -> None:
    with pytest.raises(CustomerNumberInvalid):
        Customer.begin(
            CUSTOMER,
            Customer.Registered,
            T0,
            number=number,
            name="Acme",
            address=BERLIN,
            email_domains=(),
        )


def test_a_customer_has_a_name() -> None:
    with pytest.raises(TextMissing):
        Customer.begin(
            CUSTOMER, Customer.Registered, T0, number=1, name=" ", address=BERLIN, email_domains=()
        )


def test_a_customer_is_not_registered_with_a_wrong_domain() -> None:
    with pytest.raises(DomainInvalid):
        Customer.begin(
            CUSTOMER,
            Customer.Registered,
            T0,
            number=1,
            name="Acme",
            address=BERLIN,
            email_domains=("acme",),
        )


@pytest.mark.parametrize("country", ["D", "DEU", "D1", "49", "D "])
def test_a_country_has_two_letters(country: str) -> None:
    with pytest.raises(CountryUnknown):
        Customer.begin(
            CUSTOMER,
            Customer.Registered,
            T0,
            number=1,
            name="Acme",
            address=Address(country=country),
            email_domains=(),
        )


@pytest.mark.parametrize("country", ["ÖS", "ßß", "中国", "ﬁﬁ"])
def test_a_country_has_two_latin_letters(country: str) -> None:
    customer = given(Customer, customer_registered)

    with pytest.raises(CountryUnknown):
        customer.change(Customer.Moved, T1, address=Address(country=country))


@pytest.mark.parametrize(
    "address",
    [Address(street="x" * 201), Address(postal_code="x" * 21), Address(city="x" * 101)],
)
def test_an_address_is_not_longer_than_a_label(address: Address) -> None:
    customer = given(Customer, customer_registered)

    with pytest.raises(TextTooLong):
        customer.change(Customer.Moved, T1, address=address)

    assert recorded(customer) == []


def test_a_customer_is_renamed() -> None:
    customer = given(Customer, customer_registered)

    customer.change(Customer.Renamed, T1, name=" Acme AG ")

    assert recorded(customer) == [customer_renamed(timestamp=T1)]
    assert customer.name == "Acme AG"


def test_the_same_name_again_is_ignored() -> None:
    customer = given(Customer, customer_registered, customer_renamed)

    customer.change(Customer.Renamed, T1, name="Acme AG ")

    assert recorded(customer) == []


def test_a_customer_keeps_a_name() -> None:
    customer = given(Customer, customer_registered)

    with pytest.raises(TextMissing):
        customer.change(Customer.Renamed, T1, name="")

    assert recorded(customer) == []


def test_a_customer_moves() -> None:
    customer = given(Customer, customer_registered)

    customer.change(Customer.Moved, T1, address=Address("Bahnhofstrasse 2", "8001", "Zürich", "ch"))

    assert recorded(customer) == [customer_moved(timestamp=T1)]
    assert customer.address.country == "CH"


def test_the_same_address_again_is_ignored() -> None:
    customer = given(Customer, customer_registered)

    customer.change(Customer.Moved, T1, address=Address(" Hauptstraße 1 ", "10115", "Berlin", "de"))

    assert recorded(customer) == []


def test_the_email_domains_of_a_customer_change() -> None:
    customer = given(Customer, customer_registered)

    customer.change(Customer.EmailDomainsChanged, T1, email_domains=("ACME.ch",))

    assert recorded(customer) == [email_domains_changed(timestamp=T1)]
    assert customer.email_domains == ("acme.ch",)


def test_a_customer_may_lose_all_email_domains() -> None:
    customer = given(Customer, customer_registered)

    customer.change(Customer.EmailDomainsChanged, T1, email_domains=())

    assert recorded(customer) == [email_domains_changed(email_domains=(), timestamp=T1)]


def test_the_same_email_domains_in_another_order_are_ignored() -> None:
    customer = given(Customer, customer_registered)

    customer.change(
        Customer.EmailDomainsChanged, T1, email_domains=("acme.test", "@Acme.example", "acme.test")
    )

    assert recorded(customer) == []


def test_a_wrong_email_domain_is_refused() -> None:
    customer = given(Customer, customer_registered)

    with pytest.raises(DomainInvalid):
        customer.change(Customer.EmailDomainsChanged, T1, email_domains=("acme.ch", "acme"))

    assert recorded(customer) == []


def test_a_customer_is_archived() -> None:
    customer = given(Customer, customer_registered)

    customer.archive(at=T1)

    assert recorded(customer) == [customer_archived(timestamp=T1)]
    assert customer.archived


def test_an_archived_customer_can_not_be_archived_again() -> None:
    customer = given(Customer, customer_registered, customer_archived)

    with pytest.raises(CustomerArchived):
        customer.archive(at=T1)

    assert recorded(customer) == []


def test_an_archived_customer_is_restored() -> None:
    customer = given(Customer, customer_registered, customer_archived)

    customer.restore(at=T1)

    assert recorded(customer) == [customer_restored(timestamp=T1)]
    assert not customer.archived


def test_restoring_an_active_customer_is_ignored() -> None:
    customer = given(Customer, customer_registered, customer_archived, customer_restored)

    customer.restore(at=T1)

    assert recorded(customer) == []


def test_no_work_begins_for_an_archived_customer() -> None:
    customer = given(Customer, customer_registered, customer_archived)

    with pytest.raises(CustomerArchived):
        customer.require_active()


def test_work_goes_on_for_a_restored_customer() -> None:
    customer = given(Customer, customer_registered, customer_archived, customer_restored)

    customer.require_active()

    assert recorded(customer) == []
