"""Reservations: a name has one holder at a time, and its own stream for ever."""

import pytest

from domain.reservations import AlreadyTaken, Reservation, reservation_id
from tests.given import (
    OTHER_USER,
    RESERVATION,
    T0,
    T1,
    USER,
    claimed,
    given,
    reclaimed,
    recorded,
    released,
)

ADA = "ada@acme.example"


def test_a_name_is_claimed() -> None:
    name = Reservation.claim("email", ADA, holder=USER, at=T0)

    assert recorded(name) == [claimed(key="")]
    assert name.holder == USER


def test_the_stream_of_a_name_never_changes() -> None:
    assert reservation_id("email", ADA) == RESERVATION


def test_upper_and_lower_case_are_the_same_name() -> None:
    assert reservation_id("email", "ADA@Acme.example") == RESERVATION


def test_another_scope_is_another_name() -> None:
    assert reservation_id("login", ADA) != RESERVATION


def test_scope_and_key_can_not_be_confused() -> None:
    assert reservation_id("email", "x") != reservation_id("emailx", "")


def test_names_with_other_letters_are_other_names() -> None:
    assert reservation_id("email", "ada@straße.example") != reservation_id(
        "email", "ada@strasse.example"
    )


def test_a_taken_name_is_refused() -> None:
    name = given(Reservation, claimed)

    with pytest.raises(AlreadyTaken):
        name.reclaim(ADA, holder=OTHER_USER, at=T1)

    assert recorded(name) == []


def test_claiming_our_own_name_again_is_ignored() -> None:
    name = given(Reservation, claimed)

    name.reclaim(ADA, holder=USER, at=T1)

    assert recorded(name) == []


def test_a_name_is_released() -> None:
    name = given(Reservation, claimed)

    name.release(holder=USER, at=T1)

    assert recorded(name) == [released(timestamp=T1)]
    assert name.holder is None


def test_nobody_releases_the_name_of_another() -> None:
    name = given(Reservation, claimed)

    name.release(holder=OTHER_USER, at=T1)

    assert recorded(name) == []
    assert name.holder == USER


def test_releasing_a_free_name_is_ignored() -> None:
    name = given(Reservation, claimed, released)

    name.release(holder=USER, at=T1)

    assert recorded(name) == []


def test_a_free_name_is_taken_by_another() -> None:
    name = given(Reservation, claimed, released)

    name.reclaim(ADA, holder=OTHER_USER, at=T1)

    assert recorded(name) == [reclaimed(timestamp=T1)]
    assert name.holder == OTHER_USER


def test_who_gave_a_name_up_may_take_it_again() -> None:
    name = given(Reservation, claimed, released)

    name.reclaim(ADA, holder=USER, at=T1)

    assert recorded(name) == [reclaimed(holder=USER, timestamp=T1)]


def test_who_gave_a_name_up_is_refused_once_another_has_it() -> None:
    name = given(Reservation, claimed, released, reclaimed)

    with pytest.raises(AlreadyTaken) as refusal:
        name.reclaim(ADA, holder=USER, at=T1)

    assert refusal.value.facts["holder"] == OTHER_USER


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        ("user.email", "`email` 'ada' is already taken by the user"),
        ("custom_field.key", "`key` 'ada' is already taken by the custom field"),
    ],
)
def test_who_is_refused_a_name_is_told_its_field_and_who_has_it(scope: str, said: str) -> None:
    name = given(Reservation, claimed(scope=scope, key=""))

    with pytest.raises(AlreadyTaken) as refusal:
        name.reclaim("ada", holder=OTHER_USER, at=T1)

    assert str(refusal.value) == f"{said} {USER}."


def test_two_who_claim_the_same_name_meet_at_the_same_version() -> None:
    first = Reservation.claim("email", ADA, holder=USER, at=T0)
    second = Reservation.claim("email", ADA.upper(), holder=OTHER_USER, at=T0)

    assert (first.id, first.version) == (second.id, second.version)
