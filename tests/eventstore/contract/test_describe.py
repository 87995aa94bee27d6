"""What is said of an event comes from its class: types, rules, and the words beside them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, NewType
from uuid import UUID

import pytest

from domain.base import AggregateRoot, Change, Created, Event
from domain.checks import KEPT, Kept
from domain.nested import Each, by_fields
from domain.personal import Impersonal, Personal, Retention
from domain.rules import Line, Text, require_email
from eventstore.contract.catalogue import (
    Effect,
    EventDescription,
    FieldDescription,
    Keeping,
    Presence,
)
from eventstore.contract.describe import describe, describe_all
from eventstore.contract.examples import ExampleMissing
from tests.eventstore.contract.given import described, event_class

PrintShopId = NewType("PrintShopId", UUID)


class Binding(StrEnum):
    """How pages are held together."""

    GLUE = "glue"
    THREAD = "thread"


@dataclass(frozen=True)
class Author:
    """Who wrote it."""

    name: Annotated[str, Line(50)]
    email: Annotated[str, require_email]
    """Where readers write to."""


@dataclass(frozen=True)
class Cover:
    colour: str


def even(_: str, number: int) -> int:
    """Return the number of leaves, two pages each; raises nothing at all."""
    return number


class Book(AggregateRoot):
    """A test-only aggregate."""

    TOPIC = "described_book"

    title: str
    """As it stands on the
    cover."""
    pages: int

    class Begun(Created):
        """Somebody began a book.

        The second paragraph is for developers.
        """

        TOPIC = "described_book.begun"
        title: Annotated[str, Line(200)]
        shop_id: PrintShopId | None
        authors: Annotated[tuple[Author, ...], Each(3, once="email")]
        editor: Annotated[Author, by_fields] | None
        binding: Binding = Binding.GLUE

    class Changed(Change):
        """The book is different."""

        TOPIC = "described_book.changed"
        class_version = 3
        title: Annotated[str, Text(9)] | Kept = KEPT
        """Said of this event alone."""
        pages: Annotated[int, even] | Kept = KEPT
        cover: Cover | Kept = KEPT

        @staticmethod
        def upcast_v2_v3(state: dict[str, object]) -> None:
            """Leave it."""

    class Read(Event):
        """Somebody read it."""

        TOPIC = "described_book.read"
        title: str
        marks: dict[str, int | None]
        at: tuple[datetime, ...]

        def apply(self, record: AggregateRoot) -> None:
            """Change nothing."""


BEGUN, CHANGED, READ = describe_all([Book])


def field(event: EventDescription, name: str) -> FieldDescription:
    return next(field for field in event.fields if field.name == name)


def test_events_are_ordered_by_topic_and_say_what_happened_to_which_record() -> None:
    told = [(event.topic, event.record, event.meaning) for event in (BEGUN, CHANGED, READ)]

    assert told == [
        ("described_book.begun", "described_book", "Somebody began a book."),
        ("described_book.changed", "described_book", "The book is different."),
        ("described_book.read", "described_book", "Somebody read it."),
    ]


def test_an_event_begins_its_record_sets_what_it_names_or_just_happens() -> None:
    effects = [event.effect for event in (BEGUN, CHANGED, READ)]

    assert effects == [Effect.BEGINS, Effect.SETS, Effect.HAPPENS]


def test_the_versions_that_are_read_end_where_an_upcast_is_missing() -> None:
    assert (BEGUN.version, BEGUN.reads) == (1, (1,))
    assert (CHANGED.version, CHANGED.reads) == (3, (2, 3))


def test_the_place_in_the_log_is_no_field_of_the_payload() -> None:
    names = [field.name for field in BEGUN.fields]

    assert names == ["timestamp", "title", "shop_id", "authors", "editor", "binding"]


def test_a_field_is_required_optional_or_kept() -> None:
    told = [field(BEGUN, "title"), field(BEGUN, "binding"), field(CHANGED, "title")]

    assert [one.presence for one in told] == [
        Presence.REQUIRED,
        Presence.OPTIONAL,
        Presence.KEPT,
    ]
    assert [one.default for one in told] == [None, "glue", None]


@pytest.mark.parametrize(
    ("event", "name", "words", "nullable"),
    [
        (BEGUN, "title", "text", False),
        (BEGUN, "shop_id", "id (UUID)", True),
        (BEGUN, "binding", "one of `glue`, `thread`", False),
        (BEGUN, "authors", "list, each Author", False),
        (BEGUN, "editor", "Author", True),
        (CHANGED, "pages", "whole number", False),
        (READ, "marks", "by name: whole number or null", False),
        (READ, "at", "list, each instant (RFC 3339)", False),
    ],
)
def test_a_type_is_said_in_words(
    event: EventDescription, name: str, words: str, *, nullable: bool
) -> None:
    told = field(event, name)

    assert (told.type, told.nullable) == (words, nullable)


@pytest.mark.parametrize(
    ("event", "name", "limits"),
    [
        (BEGUN, "title", ("1 to 200 characters",)),
        (BEGUN, "authors", ("at most 3 entries", "no `email` twice")),
        (BEGUN, "editor", ()),
        (CHANGED, "title", ("at most 9 characters",)),
        (CHANGED, "pages", ("even: the number of leaves, two pages each",)),
    ],
)
def test_a_rule_beside_a_field_is_said_in_words(
    event: EventDescription, name: str, limits: tuple[str, ...]
) -> None:
    assert field(event, name).limits == limits


def test_a_rule_of_another_kind_is_said_as_it_is_written() -> None:
    @dataclass(frozen=True)
    class Between:
        least: int

        def __call__(self, _: str, value: int) -> int:
            return value

    event = described(event_class({"pages": Annotated[int, Between(2)]}))

    assert field(event, "pages").limits[0].endswith("Between(least=2)")


@pytest.mark.parametrize(
    ("event", "name", "meaning"),
    [
        pytest.param(CHANGED, "title", "Said of this event alone.", id="below the field"),
        pytest.param(BEGUN, "title", "As it stands on the cover.", id="below the attribute"),
        pytest.param(BEGUN, "binding", "How pages are held together.", id="of its type"),
        pytest.param(CHANGED, "cover", "", id="a type without words"),
        pytest.param(READ, "title", "", id="no attribute is set"),
        pytest.param(
            READ, "timestamp", "When it happened, in the business's own time.", id="of all events"
        ),
    ],
)
def test_a_field_means_what_the_docstring_nearest_to_it_says(
    event: EventDescription, name: str, meaning: str
) -> None:
    assert field(event, name).meaning == meaning


def test_where_the_source_is_not_at_hand_a_field_has_no_meaning() -> None:
    event = event_class({"text": str}, __module__="somewhere.else")

    assert field(described(event), "text").meaning == ""
    assert described(event).meaning == "Somebody wrote a note."


def test_the_fields_of_a_value_are_described_with_their_rules() -> None:
    name, email = field(BEGUN, "authors").fields

    assert (name.name, name.limits) == ("name", ("1 to 50 characters",))
    assert (email.name, email.meaning) == ("email", "Where readers write to.")
    assert field(BEGUN, "editor").fields == (name, email)


@pytest.mark.parametrize(
    ("hint", "personal"),
    [
        (Annotated[str, Personal()], Keeping.ERASABLE),
        (Annotated[str, Personal(keep=Retention.BOOKS)], Keeping.BOOKS),
        (Annotated[str, Impersonal("A word of the shop.")], None),
        (int, None),
    ],
    ids=["erased on request", "kept for the books", "of nobody", "a number"],
)
def test_a_field_says_how_long_it_is_kept_if_it_tells_of_a_person(
    hint: object, personal: Keeping | None
) -> None:
    event = described(event_class({"told": hint}))

    assert field(event, "told").personal is personal


def test_all_of_a_value_tells_of_a_person_where_its_field_does() -> None:
    event = described(event_class({"author": Annotated[Author, by_fields, Personal()]}))

    parts = field(event, "author").fields

    assert [part.personal for part in parts] == [Keeping.ERASABLE, Keeping.ERASABLE]


def test_an_id_says_of_which_kind_of_record_it_is_where_its_type_tells() -> None:
    assert field(BEGUN, "shop_id").record == "print_shop"
    assert field(BEGUN, "title").record is None


def test_a_schema_needs_what_is_required_and_leaves_room_for_more() -> None:
    schema = CHANGED.schema

    assert schema["title"] == "described_book.changed"
    assert schema["required"] == ["timestamp"]
    assert schema["properties"]["cover"] == {
        "title": "Cover",
        "type": "object",
        "properties": {"colour": {"type": "string"}},
        "required": ["colour"],
    }
    assert "additionalProperties" not in schema


def test_an_example_shows_each_field() -> None:
    assert BEGUN.example == {
        "timestamp": "2026-03-02T09:00:00Z",
        "title": "title",
        "shop_id": BEGUN.example["shop_id"],
        "authors": [{"name": "name", "email": "ada@acme.example"}],
        "editor": {"name": "name", "email": "ada@acme.example"},
        "binding": "glue",
    }
    assert str(UUID(BEGUN.example["shop_id"])) == BEGUN.example["shop_id"]


def test_a_type_without_an_example_is_named() -> None:
    event = event_class({"raw": bytes})

    with pytest.raises(ExampleMissing, match=r"^raw: .*bytes.* has no example in eventstore/"):
        describe(event, Book)
