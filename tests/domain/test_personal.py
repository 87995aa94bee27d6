"""The marks of what tells of people, and what stands in its place once it is erased."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, NewType

import pytest

from domain.base import Change
from domain.checks import KEPT, Kept, checked
from domain.personal import (
    REDACTED,
    Impersonal,
    Personal,
    Redacted,
    Retention,
    erased,
    mark_of,
    personal_fields,
)
from domain.rules import Line

Nickname = NewType("Nickname", str)
BOOKS = Personal(keep=Retention.BOOKS)
LABEL = Impersonal("A label that many share.")


@dataclass(frozen=True)
class Place:
    street: Annotated[str, Line(200)]
    floor: int | None
    rooms: tuple[str, ...]


class Noted(Change):
    TOPIC = "personal_note.noted"
    text: Annotated[str, Line(200), Personal()]
    label: Annotated[str, LABEL]
    pages: int
    invoice_text: Annotated[str, BOOKS] | Kept = KEPT


@pytest.mark.parametrize(
    ("hint", "mark"),
    [
        pytest.param(Annotated[str, Personal()], Personal(), id="a text"),
        pytest.param(Annotated[str, Line(9), BOOKS], BOOKS, id="behind a rule"),
        pytest.param(Annotated[Annotated[str, Line(9)], LABEL], LABEL, id="around an alias"),
        pytest.param(Annotated[str, LABEL] | None, LABEL, id="in what may be null"),
        pytest.param(Annotated[str, Personal()] | Kept, Personal(), id="in what may be kept"),
        pytest.param(Annotated[str | None, BOOKS], BOOKS, id="around what may be null"),
        pytest.param(Annotated[str, BOOKS] | Annotated[int, BOOKS], BOOKS, id="the same one twice"),
        pytest.param(Annotated[str, Line(9)], None, id="a rule alone"),
        pytest.param(str, None, id="nothing"),
    ],
)
def test_a_mark_is_found_beside_the_type_of_a_field(hint: Any, mark: object) -> None:
    assert mark_of(hint) == mark


@pytest.mark.parametrize("other", [BOOKS, LABEL], ids=["another retention", "of nobody"])
def test_two_marks_that_differ_are_refused(other: object) -> None:
    hint = Annotated[Annotated[str, Personal()], other]

    with pytest.raises(TypeError, match=r"^A field has one mark, not \["):
        mark_of(hint)


def test_a_mark_inside_a_value_is_none_of_the_field() -> None:
    assert mark_of(tuple[Annotated[str, Personal()], ...]) is None


def test_the_personal_fields_of_an_event_are_named_with_their_marks() -> None:
    assert personal_fields(Noted) == {"text": Personal(), "invoice_text": BOOKS}


def test_a_mark_is_no_rule() -> None:
    assert checked(Noted, {"text": " Milk ", "label": " a "}) == {"text": "Milk", "label": " a "}


@pytest.mark.parametrize(
    ("hint", "stand_in"),
    [
        pytest.param(str, REDACTED, id="a text"),
        pytest.param(Annotated[str, Line(9), Personal()], REDACTED, id="a text with its rules"),
        pytest.param(Nickname, REDACTED, id="a text of a name of its own"),
        pytest.param(str | None, None, id="what may be null"),
        pytest.param(date | None, None, id="what is no text and may be null"),
        pytest.param(str | Kept, REDACTED, id="what may be kept"),
        pytest.param(Kept | Annotated[str, Line(9)], REDACTED, id="what is kept by default"),
        pytest.param(str | Kept | None, None, id="what may be kept or null"),
        pytest.param(tuple[str, ...], (), id="a list"),
        pytest.param(list[Place], [], id="a list of values"),
        pytest.param(dict[str, str | None], {}, id="a text for each name"),
        pytest.param(frozenset[str], frozenset(), id="a set"),
        pytest.param(Place, Place(REDACTED, None, ()), id="a value"),
    ],
)
def test_an_erased_field_holds_what_its_type_has_for_nothing(hint: Any, stand_in: object) -> None:
    found = erased(hint)

    assert found == stand_in
    assert type(found) is type(stand_in)


@pytest.mark.parametrize("hint", [date, int, bytes, int | float], ids=repr)
def test_a_type_that_has_nothing_for_an_erased_value_is_refused(hint: Any) -> None:
    with pytest.raises(TypeError, match="use a text, or allow None"):
        erased(hint)


def test_an_erased_text_reads_as_such_and_is_told_from_the_same_words() -> None:
    said = "[erased]"

    assert f"{REDACTED}" == said
    assert repr(REDACTED) == "REDACTED"
    assert isinstance(REDACTED, Redacted)
    assert not isinstance(said, Redacted)
