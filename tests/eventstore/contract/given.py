"""Builders: event classes as a developer might write them, before and after a change."""

import types
from itertools import count
from typing import Any

from domain.base import AggregateRoot, Change, Created, Event
from eventstore.contract.catalogue import EventDescription
from eventstore.contract.describe import describe

TOPIC = "lint_note.written"
_numbers = count(1)


class Note(AggregateRoot):
    """A test-only aggregate."""

    TOPIC = "lint_note"

    class Begun(Created):
        """It began."""

        TOPIC = "lint_note.begun"


def event_class(
    fields: dict[str, Any], *, bases: tuple[type[Event], ...] = (Change,), **attributes: Any
) -> type[Event]:
    """Return an event class with these fields: a type each, or a type and a default."""
    typed = {name: told[0] if isinstance(told, tuple) else told for name, told in fields.items()}
    defaults = {name: told[1] for name, told in fields.items() if isinstance(told, tuple)}

    def fill(namespace: dict[str, Any]) -> None:
        namespace |= {"__module__": __name__, "__doc__": "Somebody wrote a note."}
        namespace |= {"__annotations__": typed, **defaults, **attributes}
        # The library keeps a table of topics, in which no two classes share one.
        namespace["TOPIC"] = f"{TOPIC}_{next(_numbers)}"

    made = types.new_class("Written", bases, {}, fill)
    assert issubclass(made, Event)
    made.TOPIC = TOPIC
    return made


def described(kind: type[Event]) -> EventDescription:
    """Return the description of an event of notes."""
    return describe(kind, Note)
