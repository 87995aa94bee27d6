"""Where a customer stands: prospect → active ⇄ on hold, and former in the end."""

from collections.abc import Callable
from functools import partial

import pytest

from domain.customers.customers import Customer, CustomerArchived
from domain.customers.standing import StandingForbids, StandingInvalid, Status
from domain.merging import MergedAway
from domain.rules import TextMissing
from domain.values import Address
from tests.given import (
    CUSTOMER,
    T0,
    T1,
    Fact,
    customer_archived,
    customer_merged,
    customer_put_on_hold,
    customer_registered,
    customer_restored,
    customer_resumed,
    customer_won,
    given,
    recorded,
)

PROSPECT = (customer_registered(status=Status.PROSPECT),)
ACTIVE = (customer_registered,)
ON_HOLD = (customer_registered, customer_put_on_hold)
FORMER = (customer_registered, customer_archived)

WIN = partial(Customer.win, at=T1)
HOLD = partial(Customer.put_on_hold, reason="Bills are open.", at=T1)
RESUME = partial(Customer.resume, at=T1)
ARCHIVE = partial(Customer.archive, at=T1)
RESTORE = partial(Customer.restore, at=T1)
Step = Callable[[Customer], None]


def _registered(status: Status) -> Customer:
    return Customer.begin(
        CUSTOMER,
        Customer.Registered,
        T0,
        number=1,
        name="Acme",
        address=Address(),
        email_domains=(),
        status=status,
    )


@pytest.mark.parametrize("status", [Status.PROSPECT, Status.ACTIVE])
def test_a_customer_begins_as_a_prospect_or_active(status: Status) -> None:
    assert _registered(status).status is status


@pytest.mark.parametrize("status", [Status.ON_HOLD, Status.FORMER])
def test_a_customer_does_not_begin_otherwise(status: Status) -> None:
    with pytest.raises(StandingInvalid):
        _registered(status)


@pytest.mark.parametrize(
    ("before", "step", "fact", "status"),
    [
        (PROSPECT, WIN, customer_won, Status.ACTIVE),
        (ACTIVE, HOLD, customer_put_on_hold, Status.ON_HOLD),
        (ON_HOLD, RESUME, customer_resumed, Status.ACTIVE),
        (PROSPECT, ARCHIVE, customer_archived, Status.FORMER),
        (ACTIVE, ARCHIVE, customer_archived, Status.FORMER),
        (ON_HOLD, ARCHIVE, customer_archived, Status.FORMER),
        (FORMER, RESTORE, customer_restored, Status.ACTIVE),
    ],
)
def test_a_customer_comes_to_stand_elsewhere(
    before: tuple[Fact, ...], step: Step, fact: Fact, status: Status
) -> None:
    customer = given(Customer, *before)

    step(customer)

    assert recorded(customer) == [fact(timestamp=T1)]
    assert customer.status is status


@pytest.mark.parametrize(
    ("before", "step"),
    [
        *((before, WIN) for before in (ACTIVE, ON_HOLD, FORMER)),
        *((before, HOLD) for before in (PROSPECT, ON_HOLD, FORMER)),
        *((before, RESUME) for before in (PROSPECT, ACTIVE, FORMER)),
    ],
)
def test_a_step_from_elsewhere_is_refused(before: tuple[Fact, ...], step: Step) -> None:
    customer = given(Customer, *before)

    with pytest.raises(StandingForbids):
        step(customer)

    assert recorded(customer) == []


def test_work_is_not_held_without_a_reason() -> None:
    customer = given(Customer, *ACTIVE)

    with pytest.raises(TextMissing):
        customer.put_on_hold(reason=" ", at=T1)

    assert recorded(customer) == []


@pytest.mark.parametrize("step", [WIN, HOLD, RESUME, ARCHIVE])
@pytest.mark.parametrize("before", [PROSPECT, ACTIVE, ON_HOLD])
def test_a_merged_customer_stands_where_it_stood(before: tuple[Fact, ...], step: Step) -> None:
    customer = given(Customer, *before, customer_merged)

    with pytest.raises(MergedAway):
        step(customer)

    assert recorded(customer) == []


@pytest.mark.parametrize(
    ("before", "refusal"),
    [(FORMER, CustomerArchived), ((*ACTIVE, customer_merged), MergedAway)],
)
def test_no_work_begins_for_who_is_gone(before: tuple[Fact, ...], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        given(Customer, *before).require_active()


@pytest.mark.parametrize("before", [PROSPECT, ACTIVE, ON_HOLD])
def test_work_begins_for_all_others(before: tuple[Fact, ...]) -> None:
    customer = given(Customer, *before)

    customer.require_active()

    assert recorded(customer) == []
