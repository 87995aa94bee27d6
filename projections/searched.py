"""What of a record is searched: a slice declares it, and the view `search` remembers it."""

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import msgspec

from domain.base import AggregateRoot, Change, Created, Event
from domain.values import Address, EmailAddress, PhoneNumber
from projections.view import Row

PLACES: Final = 16
"""Texts that one event may bring at most: a record has fewer searched fields."""
TITLE: Final = 0
"""The place of the title."""
LAST: Final = PLACES - 1
"""The place of texts that join a record, behind all of its fields."""


class Joining(NamedTuple):
    """A text that joins a record and stays, such as a comment."""

    text: str
    internal: bool = False


class Piece(NamedTuple):
    """A text that an event brings."""

    field: str | None
    """The field whose text before it replaces; None where it joins the others."""
    place: int
    """In the document: that of a field is its own."""
    text: str
    internal: bool


class Searched(msgspec.Struct, frozen=True, kw_only=True):
    """How records of one kind are found: by the names of fields that their events set."""

    kind: str
    record: type[AggregateRoot]
    heading: Callable[[Any], Row]
    """Takes the first event; returns `number`, `external_number` and `customer_id`."""
    title: str = "name"
    body: tuple[str, ...] = ()
    """In the order in which they are shown."""
    internal: tuple[str, ...] = ()
    """What staff alone find and see."""
    joining: Callable[[Event], Joining | None] = lambda _: None
    """Returns the text that an event adds to the record."""
    gone: tuple[type[Event], ...] = ()
    """After these it is not found any more,"""
    back: tuple[type[Event], ...] = ()
    """and after these it is again."""

    def texts(self, event: Event) -> Iterator[Piece]:
        """Yield the texts that an event brings; an empty one takes that of its field away."""
        if isinstance(event, Created | Change):
            facts = event.facts()
            for place, field in enumerate((self.title, *self.body, *self.internal)):
                if field in facts:
                    yield Piece(field, place, words(facts[field]), field in self.internal)
        if (joining := self.joining(event)) and joining.text:
            yield Piece(None, LAST, *joining)


def words(value: object) -> str:
    """Return what somebody would type to find a value of the domain."""
    match value:
        case Address():
            return f"{value.street} {value.postal_code} {value.city} {value.country}"
        case EmailAddress():
            return value.address
        case PhoneNumber():
            return value.number
        case tuple():
            return " ".join(map(words, value))
        case _:
            return str(value)
