"""Which fields of which events tell of a person: for who shows events, and knows no aggregate."""

from collections.abc import Mapping
from functools import cache

from domain.catalogue import AGGREGATES
from domain.personal import Retention, personal_fields
from eventstore.mapper import events_of


@cache
def marked() -> Mapping[str, Mapping[str, Retention]]:
    """Return why each personal field is kept, by the event's topic and the field's name."""
    found = {topic: personal_fields(event) for topic, event in events_of(*AGGREGATES).items()}
    return {
        topic: {name: mark.keep for name, mark in marks.items()}
        for topic, marks in found.items()
        if marks
    }
