"""The status machine: what is open, and which reasons explain which waiting."""

import pytest

from domain.desk.statuses import (
    OPEN,
    WAITING,
    Status,
    StatusForbids,
    StatusNotWaiting,
    WaitingReason,
    WaitingReasonInvalid,
    require_open,
    require_reason,
)

THIRD_PARTY = [
    WaitingReason.VENDOR,
    WaitingReason.PROBLEM,
    WaitingReason.EVIDENCE,
    WaitingReason.IMPLEMENTATION,
    WaitingReason.OTHER,
]


def test_a_ticket_is_open_until_it_is_resolved() -> None:
    assert set(Status) - OPEN == {Status.RESOLVED, Status.CLOSED}


def test_a_waiting_ticket_is_open() -> None:
    assert {Status.WAITING_CUSTOMER, Status.WAITING_THIRD_PARTY} == WAITING
    assert WAITING < OPEN


@pytest.mark.parametrize("status", sorted(OPEN))
def test_an_open_ticket_can_be_worked_on(status: Status) -> None:
    require_open(status, "started")


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.CLOSED])
def test_a_settled_ticket_can_not_be_worked_on(status: Status) -> None:
    with pytest.raises(StatusForbids) as refusal:
        require_open(status, "started")

    assert str(refusal.value) == f"A ticket that is `{status}` can not be started."


@pytest.mark.parametrize("reason", [None, WaitingReason.CUSTOMER])
def test_waiting_for_the_customer_needs_no_other_reason(reason: WaitingReason | None) -> None:
    require_reason(Status.WAITING_CUSTOMER, reason)


@pytest.mark.parametrize("reason", THIRD_PARTY)
def test_waiting_for_the_customer_has_no_third_partys_reason(reason: WaitingReason) -> None:
    with pytest.raises(WaitingReasonInvalid):
        require_reason(Status.WAITING_CUSTOMER, reason)


@pytest.mark.parametrize("reason", THIRD_PARTY)
def test_waiting_for_a_third_party_has_a_reason(reason: WaitingReason) -> None:
    require_reason(Status.WAITING_THIRD_PARTY, reason)


@pytest.mark.parametrize("reason", [None, WaitingReason.CUSTOMER])
def test_waiting_for_a_third_party_is_not_explained_by_the_customer(
    reason: WaitingReason | None,
) -> None:
    with pytest.raises(WaitingReasonInvalid) as refusal:
        require_reason(Status.WAITING_THIRD_PARTY, reason)

    assert str(refusal.value) == (
        "`waiting_third_party` takes one of these reasons: "
        "evidence, implementation, other, problem, vendor."
    )


@pytest.mark.parametrize("reason", [None, *WaitingReason])
@pytest.mark.parametrize("status", sorted(set(Status) - WAITING))
def test_only_a_waiting_status_can_be_explained(
    status: Status, reason: WaitingReason | None
) -> None:
    with pytest.raises(StatusNotWaiting) as refusal:
        require_reason(status, reason)

    assert refusal.value.field == "status"
    assert str(refusal.value) == (
        f"`{status}` is no status of a ticket that waits; "
        "it takes one of: waiting_customer, waiting_third_party."
    )
