"""Contacts: who they are, how they are reached, and whom they are the same as."""

import pytest

from domain.customers.contacts import (
    Contact,
    ContactArchived,
    ContactElsewhere,
    MergedAcrossCustomers,
)
from domain.customers.people import ContactRole
from domain.merging import MergedAway, MergedIntoItself
from domain.nested import EntryRepeated, TooManyEntries
from domain.phones import PhoneCountryMissing
from domain.rules import EmailInvalid
from domain.values import EmailAddress, PhoneNumber, Requester
from tests.given import (
    CONTACT,
    CUSTOMER,
    OTHER_CONTACT,
    OTHER_CUSTOMER,
    T0,
    T1,
    contact_added,
    contact_archived,
    contact_merged,
    contact_relocated,
    contact_taken_in,
    given,
    permission_changed,
    recorded,
    roles_changed,
)

OTHER = contact_added(originator_id=OTHER_CONTACT)


def test_addresses_and_numbers_are_kept_in_one_form() -> None:
    contact = given(Contact, contact_added)

    contact.change(
        Contact.Changed,
        T1,
        emails=(EmailAddress(" Ada.Li@ACME.example ", " work "),),
        phones=(PhoneNumber("0049 (0)30 / 90 18 20"),),
    )

    assert contact.emails == (EmailAddress("ada.li@acme.example", "work"),)
    assert contact.phones == (PhoneNumber("+4930901820"),)


def test_what_is_refused_of_an_address_names_its_place() -> None:
    contact = given(Contact, contact_added)

    with pytest.raises(EmailInvalid, match=r"`emails\[1\]\.address`"):
        contact.change(
            Contact.Changed, T1, emails=(EmailAddress("a@b.example"), EmailAddress("nobody"))
        )

    assert recorded(contact) == []


def test_a_number_has_its_country() -> None:
    contact = given(Contact, contact_added)

    with pytest.raises(PhoneCountryMissing, match=r"`phones\[0\]\.number`"):
        contact.change(Contact.Changed, T1, phones=(PhoneNumber("030 901820"),))

    assert recorded(contact) == []


def test_an_address_is_named_once() -> None:
    contact = given(Contact, contact_added)
    twice = (EmailAddress("a@b.example"), EmailAddress("A@b.example", "home"))

    with pytest.raises(EntryRepeated, match=r"`emails\[1\]\.address` repeats 'a@b\.example'"):
        contact.change(Contact.Changed, T1, emails=twice)

    assert recorded(contact) == []


def test_a_contact_is_reached_in_ten_ways_at_most() -> None:
    contact = given(Contact, contact_added)

    with pytest.raises(TooManyEntries, match="`phones` takes 10 "):
        contact.change(
            Contact.Changed, T1, phones=tuple(PhoneNumber(f"+49301234{n}") for n in range(100, 111))
        )

    assert recorded(contact) == []


def test_roles_are_sorted_and_named_once() -> None:
    contact = given(Contact, contact_added)

    contact.change(
        Contact.RolesChanged,
        T1,
        roles=(ContactRole.TECHNICAL, ContactRole.BILLING, ContactRole.TECHNICAL),
    )

    assert contact.roles == (ContactRole.BILLING, ContactRole.TECHNICAL)


def test_the_same_roles_in_another_order_are_no_news() -> None:
    contact = given(Contact, contact_added)

    contact.change(Contact.RolesChanged, T1, roles=(ContactRole.TECHNICAL, ContactRole.MAIN))

    assert recorded(contact) == []


def test_what_somebody_may_react_to_has_an_event_of_its_own() -> None:
    contact = given(Contact, contact_added)

    contact.change(Contact.RolesChanged, T1, **roles_changed.values)
    contact.change(Contact.LocationChanged, T1, **contact_relocated.values)
    contact.change(Contact.PermissionChanged, T1, **permission_changed.values)

    assert recorded(contact) == [
        roles_changed(timestamp=T1),
        contact_relocated(timestamp=T1),
        permission_changed(timestamp=T1),
    ]


def test_a_contact_may_have_no_location() -> None:
    contact = given(Contact, contact_added)

    contact.change(Contact.LocationChanged, T1, location_id=None)

    assert recorded(contact) == [contact_relocated(location_id=None, timestamp=T1)]


def test_who_asks_is_known_by_the_first_address_and_number() -> None:
    contact = given(Contact, contact_added)

    assert contact.as_requester() == Requester("Ada Zürn", "ada@acme.example", "+4930901820")


def test_who_asks_need_not_be_reachable() -> None:
    contact = given(Contact, contact_added(emails=(), phones=()))

    assert contact.as_requester() == Requester("Ada Zürn")


def test_one_contact_stands_in_the_place_of_another_one() -> None:
    contact, other = given(Contact, contact_added), given(Contact, OTHER)

    contact.merge(other, at=T1)

    assert recorded(contact) == [contact_merged(timestamp=T1)]
    assert recorded(other) == [
        contact_taken_in(originator_id=OTHER_CONTACT, other=CONTACT, timestamp=T1)
    ]


def test_contacts_of_two_customers_are_not_merged() -> None:
    contact = given(Contact, contact_added)
    other = given(Contact, OTHER(customer_id=OTHER_CUSTOMER))

    with pytest.raises(MergedAcrossCustomers) as refused:
        contact.merge(other, at=T1)

    assert refused.value.field == "into"
    assert recorded(contact) == recorded(other) == []


def test_nothing_is_merged_into_a_contact_out_of_use() -> None:
    contact = given(Contact, contact_added)
    other = given(Contact, OTHER, contact_archived(originator_id=OTHER_CONTACT))

    with pytest.raises(ContactArchived):
        contact.merge(other, at=T1)

    assert recorded(contact) == recorded(other) == []


def test_a_contact_is_not_merged_into_itself() -> None:
    contact = given(Contact, contact_added)

    with pytest.raises(MergedIntoItself):
        contact.merge(contact, at=T1)

    assert recorded(contact) == []


def test_a_merged_contact_is_not_used() -> None:
    contact = given(Contact, contact_added, contact_merged)

    with pytest.raises(MergedAway):
        contact.require_active()


def test_a_contact_is_one_of_its_customer_only() -> None:
    contact = given(Contact, contact_added)
    contact.require_of([OTHER_CUSTOMER, CUSTOMER])

    with pytest.raises(ContactElsewhere) as refused:
        contact.require_of([OTHER_CUSTOMER])

    assert refused.value.field == "contact_id"


def test_of_a_contact_no_birthday_is_kept() -> None:
    contact = given(Contact, contact_added(timestamp=T0))

    assert not [name for name in vars(contact) if "birth" in name]
