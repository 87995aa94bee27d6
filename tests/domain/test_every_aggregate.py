"""What holds for every record alike; a slice tests only its own rules."""

import inspect
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

from domain.archiving import Archivable, WasArchived
from domain.base import ENVELOPE, AggregateRoot, Change, Created, Event
from domain.catalogue import AGGREGATES
from domain.checks import KEPT, checked, rules_beside
from domain.merging import Mergeable, MergedAway, WasMerged
from domain.reservations import Reservation
from domain.rules import Line, Text, TextMissing, TextTooLong
from tests.given import EXAMPLES, T0, T1, T2, Fact, given, recorded

KINDS = [kind for kind in AGGREGATES if kind is not Reservation]


def facts_of(kind: type[AggregateRoot]) -> list[Fact]:
    return [fact for fact in EXAMPLES if fact.event_class in vars(kind).values()]


FIRST = {
    kind: next(f for f in facts_of(kind) if issubclass(f.event_class, Created)) for kind in KINDS
}
CHANGES = [
    pytest.param(kind, fact, id=fact.event_class.TOPIC)
    for kind in KINDS
    for fact in facts_of(kind)
    if issubclass(fact.event_class, Change)
]
LIMITED = [
    pytest.param(event, name, rule, id=f"{event.TOPIC}-{name}")
    for kind in AGGREGATES
    for event in (fact.event_class for fact in facts_of(kind))
    for name, rules in rules_beside(event).items()
    for rule in rules
    if isinstance(rule, Line | Text)
]
every = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.TOPIC)
archivable = pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if issubclass(kind, Archivable)], ids=lambda kind: kind.TOPIC
)
mergeable = pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if issubclass(kind, Mergeable)], ids=lambda kind: kind.TOPIC
)
change = pytest.mark.parametrize(("kind", "fact"), CHANGES)
limited = pytest.mark.parametrize(("event", "name", "rule"), LIMITED)


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
def test_a_text_keeps_within_its_limit(event: type[Event], name: str, rule: Line | Text) -> None:
    with pytest.raises(TextTooLong, match=f"`{name}`"):
        checked(event, {name: "x" * (rule.limit + 1)})

    assert checked(event, {name: f" {'x' * rule.limit} "}) == {name: "x" * rule.limit}


@limited
def test_a_line_is_not_empty_and_a_text_may_be(
    event: type[Event], name: str, rule: Line | Text
) -> None:
    if isinstance(rule, Text):
        assert checked(event, {name: " "}) == {name: ""}
        return

    with pytest.raises(TextMissing, match=f"`{name}`"):
        checked(event, {name: " "})


@limited
def test_a_rule_is_not_asked_when_an_event_is_read_again(
    event: type[Event], name: str, rule: Line | Text
) -> None:
    fact = next(fact for fact in EXAMPLES if fact.event_class is event)

    strange = fact(**{name: "x" * (rule.limit + 1)})

    assert strange.event().facts()[name] == "x" * (rule.limit + 1)


def test_no_text_is_without_a_rule() -> None:
    endless = [
        f"{event.TOPIC}: {name}"
        for kind in KINDS
        for event in (fact.event_class for fact in facts_of(kind))
        for name, hint in get_type_hints(event).items()
        if name not in {*ENVELOPE, "TOPIC", *rules_beside(event)} and _is_text(hint)
    ]

    assert endless == []


def _is_text(hint: Any) -> bool:
    return hint is str or (get_origin(hint) in {Union, UnionType} and str in get_args(hint))


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
def test_every_decision_says_what_it_promises(kind: type[AggregateRoot]) -> None:
    silent = [
        name
        for name, value in inspect.getmembers(kind, inspect.isroutine)
        if not name.startswith("_") and not inspect.getdoc(value)
    ]

    assert silent == []
