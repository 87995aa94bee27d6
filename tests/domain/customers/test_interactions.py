"""Interactions: written down, corrected, archived and restored."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from domain.customers.interactions import (
    Direction,
    DurationInvalid,
    HappensLater,
    InstantOutOfRange,
    Interaction,
    InteractionArchived,
    InteractionKind,
    TooManyContacts,
)
from domain.errors import Refused
from domain.rules import TextMissing, TextTooLong
from tests.given import (
    CONTACT,
    CUSTOMER,
    INTERACTION,
    OTHER_CONTACT,
    T0,
    T1,
    given,
    interaction_archived,
    interaction_corrected,
    interaction_recorded,
    interaction_restored,
    recorded,
)

DAY = timedelta(days=1)


def written(**changes: Any) -> Interaction:
    """Return a call that was written down now, with these changes."""
    facts = {
        "customer_id": CUSTOMER,
        "kind": InteractionKind.CALL,
        "happened_at": T0,
        "subject": "Renewal",
    }
    return Interaction.write_down(INTERACTION, **{**facts, **changes}, at=T0)


def test_an_interaction_is_written_down() -> None:
    interaction = Interaction.write_down(INTERACTION, **interaction_recorded.values, at=T0)

    assert recorded(interaction) == [interaction_recorded]
    assert not interaction.archived


def test_an_interaction_needs_nothing_but_customer_kind_time_and_subject() -> None:
    interaction = written()

    assert recorded(interaction) == [
        interaction_recorded(
            direction=Direction.NONE,
            happened_at=T0,
            minutes=None,
            subject="Renewal",
            text="",
            contact_ids=(),
        )
    ]


def test_the_time_of_an_interaction_is_kept_in_utc() -> None:
    interaction = written(happened_at=T0.astimezone(timezone(timedelta(hours=2))))

    assert (interaction.happened_at, interaction.happened_at.tzinfo) == (T0, UTC)


def test_contacts_are_kept_sorted_and_once_each() -> None:
    interaction = written(contact_ids=[OTHER_CONTACT, CONTACT, OTHER_CONTACT])

    assert interaction.contact_ids == (CONTACT, OTHER_CONTACT)


@pytest.mark.parametrize("minutes", [0, 1440, None])
def test_an_interaction_takes_up_to_a_day(minutes: int | None) -> None:
    assert written(minutes=minutes).minutes == minutes


def test_an_interaction_may_lie_a_day_ahead() -> None:
    assert written(happened_at=T0 + DAY).happened_at == T0 + DAY


@pytest.mark.parametrize(
    ("changes", "refusal", "field"),
    [
        ({"happened_at": T0 + DAY + timedelta(microseconds=1)}, HappensLater, "happened_at"),
        (
            {"happened_at": datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))},
            InstantOutOfRange,
            "happened_at",
        ),
        ({"minutes": -1}, DurationInvalid, "minutes"),
        ({"minutes": 1441}, DurationInvalid, "minutes"),
        ({"subject": " "}, TextMissing, "subject"),
        ({"subject": "x" * 201}, TextTooLong, "subject"),
        ({"text": "x" * 20_001}, TextTooLong, "text"),
        ({"contact_ids": [UUID(int=n) for n in range(51)]}, TooManyContacts, "contact_ids"),
    ],
)
def test_what_can_not_be_is_neither_written_down_nor_a_correction(
    changes: dict[str, Any], refusal: type[Refused], field: str
) -> None:
    interaction = given(Interaction, interaction_recorded)

    with pytest.raises(refusal) as first:
        written(**changes)
    with pytest.raises(refusal) as second:
        interaction.correct(**changes, at=T0)

    assert recorded(interaction) == []
    for refused in (first.value, second.value):
        assert field in (refused.field, refused.facts.get("name"))


def test_an_interaction_is_corrected() -> None:
    interaction = given(Interaction, interaction_recorded)

    interaction.correct(**interaction_corrected.values, at=T1)

    assert recorded(interaction) == [interaction_corrected(timestamp=T1)]
    assert interaction.kind is InteractionKind.MEETING


def test_a_correction_names_only_what_differs() -> None:
    interaction = given(Interaction, interaction_recorded)

    interaction.correct(kind=InteractionKind.CALL, text="They hesitate.", minutes=15, at=T1)

    (event,) = recorded(interaction)
    assert event.facts() == {"text": "They hesitate."}


def test_a_duration_that_is_not_known_after_all_is_taken_back() -> None:
    interaction = given(Interaction, interaction_recorded)

    interaction.correct(minutes=None, at=T1)

    (event,) = recorded(interaction)
    assert event.facts() == {"minutes": None}
    assert interaction.minutes is None


def test_the_same_once_more_is_ignored() -> None:
    interaction = given(Interaction, interaction_recorded)

    interaction.correct(subject=" Renewal of the contract", contact_ids=[CONTACT, CONTACT], at=T1)

    assert recorded(interaction) == []


def test_an_interaction_is_archived_once_and_restored() -> None:
    interaction = given(Interaction, interaction_recorded)
    interaction.archive(at=T1)

    with pytest.raises(InteractionArchived):
        interaction.archive(at=T1)
    interaction.restore(at=T1)

    assert recorded(interaction) == [
        interaction_archived(timestamp=T1),
        interaction_restored(timestamp=T1),
    ]


def test_a_customers_people_never_know_of_an_interaction() -> None:
    assert given(Interaction, interaction_recorded).customer() is None
