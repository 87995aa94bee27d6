"""Every text of every event says whether it tells of a person: none is forgotten."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum, StrEnum
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Final,
    Literal,
    NewType,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)
from uuid import UUID

import msgspec
import pytest

from domain.base import ENVELOPE, Event
from domain.catalogue import AGGREGATES
from domain.checks import KEPT, Kept
from domain.customers.locations import Location
from domain.personal import Impersonal, Personal, Retention, erased, mark_of, personal_fields
from domain.rules import Line
from eventstore.contract.examples import example_facts
from eventstore.mapper import events_of, shape_of
from tests.eventstore.contract.given import TOPIC, event_class

EVENTS: Final = events_of(*AGGREGATES)
PERSONAL: Final = [
    pytest.param(kind, name, id=f"{topic}-{name}")
    for topic, kind in EVENTS.items()
    for name in personal_fields(kind)
]
WITHOUT_TEXT: Final = (
    Decimal,
    Enum,
    NoneType,
    UUID,
    bool,
    date,
    datetime,
    float,
    int,
    timedelta,
)
"""What needs no mark; a type that is not known to be harmless counts as text."""

UNMARKED: Final = "holds text: mark it `Personal()`, or `Impersonal(…)` with the reason"
INSIDE: Final = "is marked inside of its value: a mark stands beside the field of the event"
NO_REASON: Final = "is impersonal without a reason: write a sentence that ends with a full stop"


def faults(event: type[Event]) -> list[str]:
    """Return a line for each field whose mark is missing or wrong, with the way out."""
    hints = get_type_hints(event, include_extras=True)
    names = [field.name for field in fields(event) if field.name not in ENVELOPE]
    return [f"{event.TOPIC}, `{name}` {fault}." for name in names for fault in _faults(hints[name])]


def _faults(hint: Any) -> Iterator[str]:
    mark = mark_of(hint)
    if any(_is_marked(part) for part in _inside(hint)):
        yield INSIDE
    if mark is None and _holds_text(hint):
        yield UNMARKED
    if isinstance(mark, Impersonal) and not _is_sentence(mark.reason):
        yield NO_REASON


def _is_marked(hint: Any) -> bool:
    return mark_of(hint) is not None or any(map(_is_marked, _inside(hint)))


def _inside(hint: Any) -> Iterator[Any]:
    """Yield the types of what a value of this type is made of."""
    if get_origin(hint) is Annotated:
        yield from _inside(get_args(hint)[0])
    elif get_origin(hint) in {Union, UnionType}:
        for kind in get_args(hint):
            yield from _inside(kind)
    elif isinstance(hint, NewType):
        yield hint.__supertype__
    elif is_dataclass(hint) and isinstance(hint, type):
        yield from get_type_hints(hint, include_extras=True).values()
    elif get_origin(hint) is not Literal:
        yield from (part for part in get_args(hint) if part is not Ellipsis)


def _holds_text(hint: Any) -> bool:
    if get_origin(hint) is Annotated:
        return _holds_text(get_args(hint)[0])
    if get_origin(hint) in {Union, UnionType}:
        return any(map(_holds_text, get_args(hint)))
    if get_origin(hint) is Literal:
        return False
    if parts := [*_inside(hint)]:
        return any(map(_holds_text, parts))
    return not (isinstance(hint, type) and issubclass(hint, WITHOUT_TEXT))


def _is_sentence(text: str) -> bool:
    return text[:1].isupper() and text.endswith(".") and " " in text


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_every_text_says_whether_it_tells_of_a_person(event: type[Event]) -> None:
    assert faults(event) == []


@pytest.mark.parametrize(("event", "name"), PERSONAL)
def test_what_stands_in_for_an_erased_field_is_read_like_any_value(
    event: type[Event], name: str
) -> None:
    stand_in = erased(get_type_hints(event)[name])

    payload = msgspec.json.encode(example_facts(event) | {name: stand_in}, enc_hook=str.__str__)
    struct = msgspec.json.decode(payload, type=shape_of(event))

    assert msgspec.to_builtins(getattr(struct, name)) == msgspec.to_builtins(
        stand_in, enc_hook=str.__str__
    )


def test_only_what_stands_on_a_customers_invoices_is_kept_for_the_books() -> None:
    kept = {
        f"{topic} {name}"
        for topic, event in EVENTS.items()
        for name, mark in personal_fields(event).items()
        if mark.keep is Retention.BOOKS
    }

    assert kept == {
        "customer.registered name",
        "customer.registered address",
        "customer.renamed name",
        "customer.moved address",
        "customer.changed trade_name",
        "customer.changed register_entry",
        "customer.billing_changed vat_id",
        "customer.billing_changed invoice_email",
    }


@pytest.mark.parametrize("event", [Location.Registered, Location.Located])
def test_where_a_place_is_tells_of_whose_home_it_may_be(event: type[Event]) -> None:
    assert personal_fields(event)["coordinates"] == Personal()


# What is made up here shows that the tests above can fail.


class Mood(StrEnum):
    GLUM = "glum"


Nickname = NewType("Nickname", str)
NoteId = NewType("NoteId", UUID)


@dataclass(frozen=True)
class Point:
    x: int
    mood: Mood


@dataclass(frozen=True)
class Place:
    street: Annotated[str, Line(200)]


@dataclass(frozen=True)
class Trip:
    stops: tuple[Place, ...]


@dataclass(frozen=True)
class Marked:
    street: Annotated[str, Personal()]


@pytest.mark.parametrize(
    "hint",
    [
        pytest.param(str, id="a text"),
        pytest.param(Annotated[str, Line(200)], id="a text with a rule"),
        pytest.param(Nickname, id="a text of a name of its own"),
        pytest.param(str | None, id="a text or null"),
        pytest.param(UUID | Nickname, id="an id or a text"),
        pytest.param(tuple[str, ...], id="a list of texts"),
        pytest.param(dict[str, int], id="numbers by name"),
        pytest.param(dict[UUID, list[str | None]], id="texts deep inside"),
        pytest.param(Place, id="a value with a text"),
        pytest.param(tuple[Trip, ...] | None, id="values with values with a text"),
        pytest.param(bytes, id="bytes"),
        pytest.param(Any, id="anything"),
        pytest.param(dict, id="anything by name"),
    ],
)
def test_a_text_without_a_mark_is_named_with_the_way_out(hint: Any) -> None:
    event = event_class({"pages": int, "told": hint})

    assert faults(event) == [f"{TOPIC}, `told` {UNMARKED}."]


def test_a_forgotten_text_is_found_beside_marked_ones_and_where_it_may_be_kept() -> None:
    event = event_class(
        {"title": Annotated[str, Personal()], "text": (Annotated[str, Line(9)] | Kept, KEPT)}
    )

    assert faults(event) == [f"{TOPIC}, `text` {UNMARKED}."]


@pytest.mark.parametrize(
    "hint",
    [
        *(bool, date, Decimal, float, Mood, NoteId, Point, timedelta),
        *(Literal["a"], int | Kept | None, tuple[Point, ...], dict[UUID, datetime]),
    ],
    ids=str,
)
def test_what_holds_no_text_needs_no_mark(hint: Any) -> None:
    assert faults(event_class({"told": hint})) == []


@pytest.mark.parametrize(
    "hint",
    [
        Annotated[str, Line(200), Personal()],
        Annotated[tuple[Trip, ...], Personal()] | None,
        Annotated[dict[str, str], Impersonal("Words of the desk.")],
        Annotated[int, Personal()],
    ],
    ids=["a text", "values that may be null", "texts by name", "a number"],
)
def test_a_mark_covers_all_of_a_value(hint: Any) -> None:
    assert faults(event_class({"told": hint})) == []


@pytest.mark.parametrize(
    "hint",
    [
        Annotated[tuple[Annotated[str, Personal()], ...], Personal()],
        Annotated[Marked, Personal()],
        Annotated[tuple[Marked, ...] | None, Personal()],
        Annotated[dict[str, Annotated[str, Impersonal("A word.")]], Personal()],
    ],
    ids=["in a list", "in a value", "in a list of values", "in texts by name"],
)
def test_a_mark_inside_of_a_value_is_refused(hint: Any) -> None:
    assert faults(event_class({"told": hint})) == [f"{TOPIC}, `told` {INSIDE}."]


def test_a_value_that_is_only_marked_inside_is_not_marked() -> None:
    event = event_class({"told": Marked})

    assert faults(event) == [f"{TOPIC}, `told` {INSIDE}.", f"{TOPIC}, `told` {UNMARKED}."]


@pytest.mark.parametrize("reason", ["", "label", "a label of the desk.", "A label", "Label."])
def test_a_reason_that_is_no_sentence_is_refused(reason: str) -> None:
    event = event_class({"told": Annotated[str, Impersonal(reason)]})

    assert faults(event) == [f"{TOPIC}, `told` {NO_REASON}."]
