"""What a customer belongs to, and which other one it turned out to be."""

from uuid import UUID

import pytest

from domain.customers.customers import Customer, CustomerArchived
from domain.customers.kin import CircleForbids, ParentIsDescendant
from domain.errors import Refused
from domain.merging import HasTakenIn, MergedAway, MergedIntoItself, NotMerged
from tests.given import (
    CUSTOMER,
    OTHER_CUSTOMER,
    T1,
    TWO_CUSTOMERS,
    Fact,
    customer_archived,
    customer_given_back,
    customer_merged,
    customer_registered,
    customer_taken_in,
    customer_unmerged,
    given,
    parent_changed,
    recorded,
)

GRANDPARENT = UUID(int=3)
FIRST, SECOND = TWO_CUSTOMERS


def test_a_customer_comes_to_belong_to_the_first_of_a_lineage() -> None:
    customer = given(Customer, customer_registered)

    customer.belong_to([OTHER_CUSTOMER, GRANDPARENT], at=T1)

    assert recorded(customer) == [parent_changed(timestamp=T1)]


def test_a_customer_comes_to_belong_to_none() -> None:
    customer = given(Customer, customer_registered, parent_changed)

    customer.belong_to([], at=T1)

    assert recorded(customer) == [parent_changed(parent_id=None, timestamp=T1)]


def test_the_same_parent_again_is_ignored() -> None:
    customer = given(Customer, customer_registered, parent_changed)

    customer.belong_to([OTHER_CUSTOMER], at=T1)

    assert recorded(customer) == []


@pytest.mark.parametrize("lineage", [[CUSTOMER], [OTHER_CUSTOMER, GRANDPARENT, CUSTOMER]])
def test_a_customer_is_not_its_own_ancestor(lineage: list[UUID]) -> None:
    customer = given(Customer, customer_registered)

    with pytest.raises(ParentIsDescendant):
        customer.belong_to(lineage, at=T1)

    assert recorded(customer) == []


def test_both_customers_note_a_merge() -> None:
    customer, other = given(Customer, FIRST), given(Customer, SECOND)

    customer.merge(other, [OTHER_CUSTOMER], at=T1)

    assert recorded(customer) == [customer_merged(timestamp=T1)]
    assert recorded(other) == [
        customer_taken_in(originator_id=OTHER_CUSTOMER, other=CUSTOMER, timestamp=T1)
    ]


def test_both_customers_note_that_a_merge_is_taken_back() -> None:
    customer = given(Customer, FIRST, customer_merged)
    other = given(Customer, SECOND, customer_taken_in(originator_id=OTHER_CUSTOMER, other=CUSTOMER))

    customer.unmerge(other, [], at=T1)

    assert recorded(customer) == [customer_unmerged(timestamp=T1)]
    assert recorded(other) == [
        customer_given_back(originator_id=OTHER_CUSTOMER, other=CUSTOMER, timestamp=T1)
    ]
    assert (customer.merged_into, other.taken_in) == (None, ())


@pytest.mark.parametrize(
    ("first", "second", "refusal"),
    [
        ((customer_merged,), (), MergedAway),
        ((), (customer_merged(originator_id=OTHER_CUSTOMER, into=GRANDPARENT),), MergedAway),
        ((customer_taken_in(other=GRANDPARENT),), (), HasTakenIn),
    ],
)
def test_a_merge_is_refused_where_either_is_merged_or_has_taken_in(
    first: tuple[Fact, ...], second: tuple[Fact, ...], refusal: type[Refused]
) -> None:
    customer, other = given(Customer, FIRST, *first), given(Customer, SECOND, *second)

    with pytest.raises(refusal):
        customer.merge(other, [OTHER_CUSTOMER], at=T1)

    assert recorded(customer) == recorded(other) == []


def test_a_customer_is_not_merged_into_a_former_one() -> None:
    customer = given(Customer, FIRST)
    other = given(Customer, SECOND, customer_archived(originator_id=OTHER_CUSTOMER))

    with pytest.raises(CustomerArchived):
        customer.merge(other, [OTHER_CUSTOMER], at=T1)

    assert recorded(customer) == recorded(other) == []


def test_a_customer_is_not_merged_into_itself() -> None:
    customer = given(Customer, FIRST)

    with pytest.raises(MergedIntoItself):
        customer.merge(customer, [CUSTOMER], at=T1)

    assert recorded(customer) == []


def test_a_customer_is_not_merged_into_one_that_belongs_to_it() -> None:
    customer, other = given(Customer, FIRST), given(Customer, SECOND)

    with pytest.raises(CircleForbids):
        customer.merge(other, [OTHER_CUSTOMER, CUSTOMER], at=T1)

    assert recorded(customer) == recorded(other) == []


def test_a_merge_is_not_taken_back_into_a_circle() -> None:
    customer = given(Customer, FIRST, parent_changed(parent_id=GRANDPARENT), customer_merged)
    other = given(Customer, SECOND)

    with pytest.raises(CircleForbids):
        customer.unmerge(other, [GRANDPARENT, CUSTOMER], at=T1)

    assert recorded(customer) == recorded(other) == []


def test_what_is_not_merged_is_not_unmerged() -> None:
    customer, other = given(Customer, FIRST), given(Customer, SECOND)

    with pytest.raises(NotMerged):
        customer.unmerge(other, [], at=T1)

    assert recorded(customer) == recorded(other) == []


def test_a_merged_customer_is_not_changed() -> None:
    customer = given(Customer, FIRST, customer_merged)

    with pytest.raises(MergedAway):
        customer.change(Customer.Renamed, T1, name="Acme AG")

    assert recorded(customer) == []
