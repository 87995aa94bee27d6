"""Erasures: ordered, carried out, ordered again; and until when the law has something kept."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.people.erasures import (
    Erasure,
    ErasureBasis,
    ErasureCarriedOut,
    ErasureUnderWay,
    KeptKey,
    Progress,
    SubjectKind,
    erasure_id,
    has_to_be_kept,
    kept_until,
)
from domain.personal import Retention, personal_fields
from tests.given import (
    CONTACT,
    CUSTOMER,
    ERASURE,
    T0,
    T1,
    T2,
    TICKET,
    erasure_carried_out,
    erasure_ordered,
    erasure_reordered,
    given,
    recorded,
)

KEPT = KeptKey(CUSTOMER, Retention.BOOKS, date(2034, 12, 31))


def test_an_erasure_is_ordered() -> None:
    erasure = Erasure.order(
        subject_id=CONTACT,
        subject_kind=SubjectKind.CONTACT,
        basis=ErasureBasis.REQUEST,
        at=T0,
    )

    assert recorded(erasure) == [erasure_ordered]
    assert (erasure.status, erasure.ordered_at) == (Progress.ORDERED, T0)
    assert erasure.carried_out_at is None


def test_a_subject_has_one_erasure() -> None:
    assert erasure_id(CONTACT) == ERASURE
    assert erasure_id(CUSTOMER) != ERASURE


def test_an_erasure_is_carried_out_with_what_was_destroyed_and_kept() -> None:
    erasure = given(Erasure, erasure_ordered)

    erasure.carry_out(
        subjects=(CONTACT, TICKET), keys_destroyed=2, kept=(KEPT,), plain_events=3, at=T1
    )

    assert recorded(erasure) == [erasure_carried_out(timestamp=T1)]
    assert (erasure.status, erasure.ordered_at) == (Progress.CARRIED_OUT, T0)
    assert (erasure.carried_out_at, erasure.kept) == (T1, (KEPT,))


def test_an_erasure_is_carried_out_once() -> None:
    erasure = given(Erasure, erasure_ordered, erasure_carried_out)

    with pytest.raises(ErasureCarriedOut):
        erasure.carry_out(subjects=(CONTACT,), keys_destroyed=0, kept=(), plain_events=0, at=T1)

    assert recorded(erasure) == []


def test_an_erasure_is_not_ordered_again_while_it_is_under_way() -> None:
    erasure = given(Erasure, erasure_ordered)

    with pytest.raises(ErasureUnderWay, match=str(CONTACT)):
        erasure.reorder(basis=ErasureBasis.TERM, at=T1)

    assert recorded(erasure) == []


@pytest.mark.parametrize("basis", [ErasureBasis.TERM, ErasureBasis.REQUEST], ids=str)
def test_what_is_carried_out_may_be_ordered_again_also_on_the_same_basis(
    basis: ErasureBasis,
) -> None:
    erasure = given(Erasure, erasure_ordered, erasure_carried_out)

    erasure.reorder(basis=basis, at=T1)

    assert recorded(erasure) == [erasure_reordered(basis=basis, timestamp=T1)]
    assert (erasure.status, erasure.basis, erasure.ordered_at) == (Progress.ORDERED, basis, T1)


def test_what_is_ordered_again_may_be_carried_out_again() -> None:
    erasure = given(Erasure, erasure_ordered, erasure_carried_out, erasure_reordered(timestamp=T1))

    erasure.carry_out(subjects=(CONTACT,), keys_destroyed=1, kept=(), plain_events=0, at=T2)

    assert (erasure.status, erasure.carried_out_at, erasure.kept) == (Progress.CARRIED_OUT, T2, ())


def test_an_erasure_tells_of_nobody() -> None:
    events = (Erasure.Ordered, Erasure.Reordered, Erasure.CarriedOut)

    assert [dict(personal_fields(event)) for event in events] == [{}, {}, {}]


@pytest.mark.parametrize(
    ("last", "until"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), date(2034, 12, 31)),
        (datetime(2026, 7, 1, tzinfo=UTC), date(2034, 12, 31)),
        (datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC), date(2034, 12, 31)),
        (datetime(2026, 12, 31, 23, tzinfo=UTC), date(2035, 12, 31)),
        (datetime(2028, 2, 29, tzinfo=UTC), date(2036, 12, 31)),
    ],
    ids=["new year", "summer", "last second", "new year in Germany", "leap day"],
)
def test_books_are_kept_until_the_end_of_the_eighth_year_after_the_last_event(
    last: datetime, until: date
) -> None:
    assert kept_until(Retention.BOOKS, last) == until


def test_without_a_reason_nothing_is_kept() -> None:
    assert kept_until(Retention.NONE, T0) is None
    assert not has_to_be_kept(Retention.NONE, T0, at=T0)


def test_the_last_day_counts_to_its_end_as_it_is_in_germany() -> None:
    midnight = datetime(2034, 12, 31, 23, tzinfo=UTC)

    assert has_to_be_kept(Retention.BOOKS, T0, at=midnight - timedelta(seconds=1))
    assert not has_to_be_kept(Retention.BOOKS, T0, at=midnight)
