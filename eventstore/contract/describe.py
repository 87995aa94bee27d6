"""Every event that there is, described from its class: no second place could differ from it."""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from typing import Any, Final, NewType, get_args, get_type_hints
from uuid import UUID

import msgspec

from domain.base import AggregateRoot, Change, Created, Event
from domain.checks import KEPT, rules_beside
from domain.personal import Personal, Retention, personal_fields
from eventstore.contract.catalogue import (
    Effect,
    EventDescription,
    FieldDescription,
    Keeping,
    Presence,
)
from eventstore.contract.examples import example_payload
from eventstore.contract.limits import limits_of
from eventstore.contract.meanings import below_fields, own_sentence_of, sentence_of
from eventstore.contract.schemas import Schema, in_words, is_nullable, schema_of
from eventstore.mapper import events_of, shape_of

TIMESTAMP: Final = "timestamp"
"""The field that every event has."""
_KEEPING: Final = {Retention.NONE: Keeping.ERASABLE, Retention.BOOKS: Keeping.BOOKS}
_TIMESTAMP: Final = "When it happened, in the business's own time."


def describe_all(aggregates: Iterable[type[AggregateRoot]]) -> tuple[EventDescription, ...]:
    """Return the events of these aggregates, ordered by topic."""
    described = [
        describe(event_class, aggregate)
        for aggregate in aggregates
        for event_class in events_of(aggregate).values()
    ]
    return tuple(sorted(described, key=lambda event: event.topic))


def describe(event_class: type[Event], aggregate: type[AggregateRoot]) -> EventDescription:
    """Return what readers may know of an event; raises `ExampleMissing`."""
    schema = schema_of(shape_of(event_class)) | {"title": event_class.TOPIC}
    effect = _effect(event_class)
    # An attribute that an event sets means the same as the field that it is set from.
    said = below_fields(aggregate) if effect is not Effect.HAPPENS else {}
    said = said | below_fields(event_class) | {TIMESTAMP: _TIMESTAMP}
    marks = personal_fields(event_class)
    return EventDescription(
        topic=event_class.TOPIC,
        version=event_class.class_version,
        reads=_reads(event_class),
        record=aggregate.TOPIC,
        effect=effect,
        meaning=sentence_of(event_class),
        fields=tuple(
            _marked(_described(event_class, field, schema, said, _presence(field)), marks)
            for field in fields(event_class)
            if field.name in schema["properties"]
        ),
        schema=schema,
        example=example_payload(event_class),
    )


def _effect(event_class: type[Event]) -> Effect:
    if issubclass(event_class, Created):
        return Effect.BEGINS
    return Effect.SETS if issubclass(event_class, Change) else Effect.HAPPENS


def _reads(event_class: type[Event]) -> tuple[int, ...]:
    oldest = event_class.class_version
    while hasattr(event_class, f"upcast_v{oldest - 1}_v{oldest}"):
        oldest -= 1
    return tuple(range(oldest, event_class.class_version + 1))


def _presence(field: Field[Any]) -> Presence:
    if field.default is KEPT:
        return Presence.KEPT
    has_default = field.default is not MISSING or field.default_factory is not MISSING
    return Presence.OPTIONAL if has_default else Presence.REQUIRED


def _described(
    kind: type, field: Field[Any], schema: Schema, said: dict[str, str], presence: Presence
) -> FieldDescription:
    hint = get_type_hints(kind, include_extras=True)[field.name]
    shown = schema["properties"][field.name]
    value = _value_in(hint)
    return FieldDescription(
        name=field.name,
        presence=presence,
        type=in_words(shown),
        nullable=is_nullable(shown),
        meaning=said.get(field.name) or (own_sentence_of(value) if value else ""),
        limits=limits_of(rules_beside(kind).get(field.name, [])),
        record=_record_in(hint),
        default=_default(field) if presence is Presence.OPTIONAL else None,
        fields=_parts(value, shown) if is_dataclass(value) else (),
    )


def _marked(field: FieldDescription, marks: Mapping[str, Personal]) -> FieldDescription:
    mark = marks.get(field.name)
    return field if mark is None else _kept(field, _KEEPING[mark.keep])


def _kept(field: FieldDescription, personal: Keeping) -> FieldDescription:
    parts = tuple(_kept(part, personal) for part in field.fields)
    return msgspec.structs.replace(field, personal=personal, fields=parts)


def _parts(value: type, shown: Schema) -> tuple[FieldDescription, ...]:
    schema = next(found for found in _objects(shown) if found.get("title") == value.__name__)
    said = below_fields(value)
    return tuple(_described(value, part, schema, said, Presence.REQUIRED) for part in fields(value))


def _objects(schema: Any) -> Iterable[Schema]:
    if isinstance(schema, dict):
        if "properties" in schema:
            yield schema
        for part in schema.values():
            yield from _objects(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _objects(part)


def _default(field: Field[Any]) -> Any:
    """Return what counts where a field is missing, as JSON says it."""
    made = field.default
    if field.default_factory is not MISSING:
        made = field.default_factory()
    return msgspec.json.decode(msgspec.json.encode(made))


def _value_in(hint: Any) -> type | None:
    """Return the class of the values that a hint is about: a dataclass or an enumeration."""
    if isinstance(hint, type) and (is_dataclass(hint) or issubclass(hint, Enum)):
        return hint
    return next((found for part in get_args(hint) if (found := _value_in(part))), None)


def _record_in(hint: Any) -> str | None:
    if isinstance(hint, NewType) and hint.__supertype__ is UUID:
        words = hint.__name__.removesuffix("Id")
        return "".join(f"_{c}" if c.isupper() else c for c in words).lstrip("_").lower()
    return next((found for part in get_args(hint) if (found := _record_in(part))), None)
