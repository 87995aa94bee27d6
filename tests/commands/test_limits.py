"""The limits of a command's texts are those of the events that they become."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest
from msgspec import Meta

from domain.base import AggregateRoot, Event
from domain.checks import rules_beside
from domain.rules import Line, Text
from tests.commands.samples import SAMPLES, Sample


def limits_of(kind: type[AggregateRoot]) -> dict[str, set[int]]:
    """Return how long a text may be that the record's events keep, by field."""
    limits: dict[str, set[int]] = defaultdict(set)
    for event in vars(kind).values():
        if isinstance(event, type) and issubclass(event, Event):
            for name, rules in rules_beside(event).items():
                limits[name] |= {rule.limit for rule in rules if isinstance(rule, Line | Text)}
    return limits


def lengths(hint: Any) -> Iterator[int]:
    """Yield the greatest lengths that are declared beside a type."""
    if get_origin(hint) is Annotated:
        marks = [mark for mark in get_args(hint)[1:] if isinstance(mark, Meta)]
        yield from (mark.max_length for mark in marks if mark.max_length is not None)
    for part in get_args(hint):
        yield from lengths(part)


def is_text(hint: Any) -> bool:
    """Tell whether a text may be sent, rather than one of a few words."""
    return hint is str or any(is_text(part) for part in get_args(hint))


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_a_command_takes_texts_as_long_as_its_record_keeps(sample: Sample) -> None:
    kept = limits_of(sample.kind)
    hints = get_type_hints(type(sample.command), include_extras=True)

    texts = [name for name, hint in hints.items() if kept.get(name) and is_text(hint)]
    declared = {name: [*lengths(hints[name])] for name in texts}

    assert {name: sizes for name, sizes in declared.items() if not set(sizes) & kept[name]} == {}
