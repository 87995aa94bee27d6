"""What holds for every record alike; a slice tests only its own rules."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import is_dataclass, replace
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

from domain.archiving import Archivable, WasArchived
from domain.base import ENVELOPE, AggregateRoot, Change, Created
from domain.catalogue import AGGREGATES
from domain.checks import KEPT, Rule, checked, rules_beside
from domain.merging import Mergeable, MergedAway, WasMerged
from domain.nested import Each, by_fields
from domain.reservations import Reservation
from domain.rules import Line, Text, TextMissing, TextTooLong
from tests.given import EXAMPLES, T0, T1, T2, Fact, given, recorded

KINDS = [kind for kind in AGGREGATES if kind is not Reservation]


def facts_of(kind: type[AggregateRoot]) -> list[Fact]:
    return [fact for fact in EXAMPLES if fact.event_class in vars(kind).values()]


def ruled(fact: Fact) -> Iterator[tuple[str, list[Rule]]]:
    """Yield the rules beside the fields of an event and of the values within: `emails[0].label`."""
    yield from rules_beside(fact.event_class).items()
    for name, value in fact.values.items():
        many = isinstance(value, tuple)
        part = type(next(iter(value), None) if many else value)
        if is_dataclass(part):
            inner = rules_beside(part).items()
            yield from ((f"{name}{'[0]' * many}.{field}", rules) for field, rules in inner)


def put(fact: Fact, path: str, text: str) -> dict[str, Any]:
    """Return a fact's field with this text, or with a value that has it in this place."""
    name, _, field = path.replace("[0]", "").partition(".")
    if not field:
        return {name: text}
    value = fact.values[name]
    if isinstance(value, tuple):
        return {name: (replace(value[0], **{field: text}),)}
    return {name: replace(value, **{field: text})}


EVENTS = [fact.event_class for kind in KINDS for fact in facts_of(kind)]
FIRST = {
    kind: fact for kind in KINDS for fact in facts_of(kind) if issubclass(fact.event_class, Created)
}
CHANGES = [
    pytest.param(kind, fact, id=fact.event_class.TOPIC)
    for kind in FIRST
    for fact in facts_of(kind)
    if issubclass(fact.event_class, Change)
]
LIMITED = [
    pytest.param(fact, path, rule, id=f"{fact.event_class.TOPIC}-{path}")
    for kind in AGGREGATES
    for fact in facts_of(kind)
    for path, rules in ruled(fact)
    for rule in rules
    if isinstance(rule, Line | Text)
]
every = pytest.mark.parametrize("kind", FIRST, ids=lambda kind: kind.TOPIC)
archivable = pytest.mark.parametrize(
    "kind", [kind for kind in FIRST if issubclass(kind, Archivable)], ids=lambda kind: kind.TOPIC
)
mergeable = pytest.mark.parametrize(
    "kind", [kind for kind in FIRST if issubclass(kind, Mergeable)], ids=lambda kind: kind.TOPIC
)
change = pytest.mark.parametrize(("kind", "fact"), CHANGES)
limited = pytest.mark.parametrize(("fact", "path", "rule"), LIMITED)


def test_every_record_begins_with_a_fact() -> None:
    missing = [
        f"{kind.__name__} has no fact of its first event; add one to tests/given/."
        for kind in KINDS
        if kind not in FIRST
    ]

    assert not missing, " ".join(missing)


def test_no_text_is_without_a_rule() -> None:
    endless = [
        f"{event.TOPIC}: {name} needs a rule beside it, e.g. `Line(200)` or `Text(2000)`."
        for event in EVENTS
        for name in _texts(event)
        if name not in {*ENVELOPE, "TOPIC", *rules_beside(event)}
    ]

    assert not endless, " ".join(endless)


def test_no_value_is_without_the_rules_beside_its_fields() -> None:
    values = [
        (f"{event.TOPIC}: {name}", value, rules_beside(event).get(name, []))
        for event in EVENTS
        for name, hint in get_type_hints(event).items()
        for value in _values(hint)
    ]

    unasked = [
        f"{field} needs `by_fields` or `Each`."
        for field, value, rules in values
        if (rules_beside(value) or _texts(value)) and not rules
    ]
    endless = [
        f"{field}: {value.__name__}.{name} needs a rule beside it."
        for field, value, rules in values
        # A rule of its own, as an address has, may ask about what stands without.
        if any(rule is by_fields or isinstance(rule, Each) for rule in rules)
        for name in sorted({*_texts(value)} - rules_beside(value).keys())
    ]

    assert values
    assert not unasked + endless, " ".join(unasked + endless)


def _texts(kind: type) -> list[str]:
    return [name for name, hint in get_type_hints(kind).items() if str in _parts(hint)]


def _values(hint: Any) -> list[type]:
    parts = [part for one in _parts(hint) for part in (get_args(one) or (one,))]
    return [part for part in parts if isinstance(part, type) and is_dataclass(part)]


def _parts(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in {Union, UnionType} else (hint,)


@every
def test_a_record_begins_with_what_its_first_event_says(kind: type[AggregateRoot]) -> None:
    first = FIRST[kind]

    record = kind.begin(
        first.event().originator_id, getattr(kind, first.event_class.__name__), T0, **first.values
    )

    assert recorded(record) == [first]
    assert {name: getattr(record, name) for name in first.values} == first.values


@change
def test_a_change_is_recorded_and_says_what_is_different_now(
    kind: type[AggregateRoot], fact: Fact
) -> None:
    record = given(kind, FIRST[kind])

    record.change(fact.event_class, T1, **fact.values)  # type: ignore[arg-type]

    assert recorded(record) == [fact(timestamp=T1)]
    assert {name: getattr(record, name) for name in fact.values} == fact.values


@change
def test_the_same_change_again_is_ignored(kind: type[AggregateRoot], fact: Fact) -> None:
    record = given(kind, FIRST[kind], fact)

    record.change(fact.event_class, T1, **fact.values)  # type: ignore[arg-type]

    assert recorded(record) == []


@change
def test_what_may_be_kept_is_named_only_where_it_differs(
    kind: type[AggregateRoot], fact: Fact
) -> None:
    kept = [name for name in fact.values if getattr(fact.event_class, name, None) is KEPT]
    record = given(kind, FIRST[kind])

    for name in kept:
        record.change(fact.event_class, T1, **{name: fact.values[name]})  # type: ignore[arg-type]

    assert [list(event.facts()) for event in recorded(record)] == [[name] for name in kept]


@limited
def test_a_text_keeps_within_its_limit(fact: Fact, path: str, rule: Line | Text) -> None:
    event = fact.event_class

    with pytest.raises(TextTooLong, match=re.escape(f"`{path}`")):
        checked(event, put(fact, path, "x" * (rule.limit + 1)))

    # The other fields of a value may have a say in what is kept, as a country has in its codes.
    if "." not in path:
        assert checked(event, {path: f" {'x' * rule.limit} "}) == {path: "x" * rule.limit}


@limited
def test_a_line_is_not_empty_and_a_text_may_be(fact: Fact, path: str, rule: Line | Text) -> None:
    if isinstance(rule, Text):
        assert checked(fact.event_class, put(fact, path, " ")) == put(fact, path, "")
        return

    with pytest.raises(TextMissing, match=re.escape(f"`{path}`")):
        checked(fact.event_class, put(fact, path, " "))


@limited
def test_a_rule_is_not_asked_when_an_event_is_read_again(
    fact: Fact, path: str, rule: Line | Text
) -> None:
    strange = put(fact, path, "x" * (rule.limit + 1))

    assert strange.items() <= fact(**strange).event().facts().items()


@archivable
def test_a_record_is_archived_once(kind: type[Archivable]) -> None:
    record = given(kind, FIRST[kind])

    record.archive(at=T1)

    assert [event.TOPIC for event in recorded(record)] == [f"{kind.TOPIC}.archived"]
    with pytest.raises(kind.ARCHIVED):
        record.archive(at=T2)
    with pytest.raises(kind.ARCHIVED):
        record.require_active()


@archivable
def test_an_archived_record_is_restored(kind: type[Archivable]) -> None:
    record = given(kind, FIRST[kind])
    record.restore(at=T1)
    record.archive(at=T1)

    record.restore(at=T2)

    told = [event.TOPIC for event in recorded(record)]
    assert told == [f"{kind.TOPIC}.archived", f"{kind.TOPIC}.restored"]
    record.require_active()


@mergeable
def test_a_merged_record_is_not_changed(kind: type[Mergeable]) -> None:
    record = given(kind, FIRST[kind], merged(kind))
    change = next(fact for fact in facts_of(kind) if issubclass(fact.event_class, Change))

    with pytest.raises(MergedAway):
        record.change(change.event_class, T2, **change.values)  # type: ignore[arg-type]

    assert recorded(record) == []


@mergeable
def test_a_merged_record_is_neither_archived_nor_restored(kind: type[Mergeable]) -> None:
    archived = next(fact for fact in facts_of(kind) if issubclass(fact.event_class, WasArchived))
    used = given(kind, FIRST[kind], merged(kind))
    unused = given(kind, FIRST[kind], archived, merged(kind))
    assert isinstance(used, Archivable)
    assert isinstance(unused, Archivable)

    for decision in (used.archive, used.restore, unused.restore):
        with pytest.raises(MergedAway):
            decision(at=T2)

    assert recorded(used) == recorded(unused) == []


def merged(kind: type[Mergeable]) -> Fact:
    return next(fact for fact in facts_of(kind) if issubclass(fact.event_class, WasMerged))


@every
def test_a_name_is_scoped_by_the_kind_of_record_and_a_field(kind: type[AggregateRoot]) -> None:
    record = given(kind, FIRST[kind])

    strange = [scope for scope, _ in record.names() if scope.rpartition(".")[0] != kind.TOPIC]

    assert strange == []


@every
def test_every_decision_says_what_it_promises(kind: type[AggregateRoot]) -> None:
    silent = [
        name
        for name, value in inspect.getmembers(kind, inspect.isroutine)
        if not name.startswith("_") and not inspect.getdoc(value)
    ]

    assert silent == []
