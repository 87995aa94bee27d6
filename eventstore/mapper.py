"""Events to bytes and back: readable JSON, checked against the event class on every load.

The library's own mapper restores objects without looking at their fields. Here each event class
has a strict decoder derived from its fields, so that a payload with a missing, foreign or
mistyped field fails where it is read, and names the event. Only a field of the event itself may
be missing, and only if the class gives it a default; a nested value is stored whole.

Personal fields travel apart: `encode` leaves them in plain text beside the payload, for the
appender to encrypt, and `decode` takes them from where they were opened. An event that was stored
before there was encryption has them in its payload. What was erased is `REDACTED` (ADR 12).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from functools import cache, reduce
from operator import or_
from types import UnionType
from typing import (
    Any,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)
from uuid import UUID, uuid4

import msgspec
from eventsourcing.domain import CanInitAggregate, CanMutateAggregate, DomainEventProtocol
from eventsourcing.persistence import Mapper, StoredEvent

from domain.base import AggregateRoot, Event
from domain.catalogue import AGGREGATES
from domain.checks import KEPT, Kept
from domain.personal import Personal, Retention, erased, personal_fields, text_of_erased
from eventstore.personal.parts import MEMBER, parts_of, plain, whole
from eventstore.records import KeyName, NewEvent, Recorded, Told
from eventstore.shapes import holds_values, strict, struct

TAggregate = TypeVar("TAggregate", bound=AggregateRoot)

_ENVELOPE = frozenset({"originator_id", "originator_version", "originator_topic"})
"""Fields that the log keeps in columns, or that follow from the topic."""


def events_of(*aggregates: type[AggregateRoot]) -> dict[str, type[Event]]:
    """Return the event classes of these aggregates by their topics."""
    kinds = [kind for aggregate in aggregates for kind in vars(aggregate).values()]
    return {
        kind.TOPIC: kind
        for kind in kinds
        if isinstance(kind, type) and issubclass(kind, Event) and hasattr(kind, "TOPIC")
    }


# Not the library's table: that one imports what it does not know.
_EVENTS = events_of(*AGGREGATES)


class PayloadInvalid(Exception):
    """A stored event does not fit its class; the message says which event and why."""


class _Codec:
    """Encodes and decodes one event class."""

    def __init__(self, event_class: type[Event]) -> None:
        hints = {name: _stored(hint) for name, hint in get_type_hints(event_class).items()}
        own = [field for field in fields(event_class) if field.name not in _ENVELOPE]
        self.event_class = event_class
        self.names = tuple(field.name for field in own)
        self.shape = struct(
            event_class, {f.name: (strict(hints[f.name]), *_default(f)) for f in own}
        )
        self.decode_current = msgspec.json.Decoder(self.shape).decode
        # The strict shape has structs where the event has values: those are put in afterwards.
        self.values = {name: hints[name] for name in self.names if holds_values(hints[name])}
        self.constants: dict[str, Any] = {}
        if issubclass(event_class, CanInitAggregate):
            self.constants["originator_topic"] = _aggregate_topic(event_class)
        marks = personal_fields(event_class)
        self.erased = {name: erased(hints[name]) for name in self.names if name in marks}
        self.private = _by_retention(self.names, marks)
        if MEMBER in self.names:
            msg = f"{event_class.TOPIC} can not have a field `{MEMBER}`: it is the encrypted one."
            raise TypeError(msg)

    def encode(self, event: Event) -> tuple[bytes, tuple[Told, ...]]:
        values = vars(event)
        apart = [
            Told(KeyName(event.data_subject, keep), tuple(facts), _encode(facts))
            for keep, names in self.private
            if any((facts := _told(values, names)).values())
        ]
        inside = self.names if not apart else _all_but(self.names, apart)
        return _encode(_told(values, inside)), tuple(apart)

    def decode(
        self, state: bytes, class_version: int, opened: tuple[bytes | None, ...] | None
    ) -> dict[str, Any]:
        gone: tuple[str, ...] = ()
        if opened:
            state, gone = whole(state, opened, self.erased)
        elif opened is None and self.erased and parts_of(state):
            msg = "its encrypted part was altered, or nobody opened it"
            raise ValueError(msg)
        if class_version == self.event_class.class_version:
            struct = self.decode_current(state)
        else:
            struct = msgspec.convert(self._upcast(state, class_version), self.shape)
        facts = {name: getattr(struct, name) for name in self.names}
        for name, hint in self.values.items():
            if facts[name] is not KEPT:
                facts[name] = msgspec.convert(facts[name], hint, from_attributes=True)
        facts.update((name, self.erased[name]) for name in gone if name in self.erased)
        return facts

    def _upcast(self, state: bytes, class_version: int) -> dict[str, Any]:
        if class_version > self.event_class.class_version:
            msg = f"this program knows no later version than v{self.event_class.class_version}"
            raise ValueError(msg)
        raw: dict[str, Any] = msgspec.json.decode(state)
        for version in range(class_version, self.event_class.class_version):
            step: Callable[[dict[str, Any]], None] = getattr(
                self.event_class, f"upcast_v{version}_v{version + 1}"
            )
            step(raw)
        return raw


def _by_retention(
    names: Iterable[str], marks: Mapping[str, Personal]
) -> tuple[tuple[Retention, tuple[str, ...]], ...]:
    """Return the personal fields by how long they are kept: each class has a key of its own."""
    keeps = sorted({mark.keep for mark in marks.values()})
    return tuple(
        (keep, tuple(name for name in names if name in marks and marks[name].keep is keep))
        for keep in keeps
    )


def _told(values: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: values[name] for name in names if values[name] is not KEPT}


def _all_but(names: Iterable[str], apart: Iterable[Told]) -> list[str]:
    taken = {name for told in apart for name in told.fields}
    return [name for name in names if name not in taken]


_encode = msgspec.json.Encoder(enc_hook=text_of_erased).encode


@cache
def _codec(event_class: type[Event]) -> _Codec:
    return _Codec(event_class)


def shape_of(event_class: type[Event]) -> type[msgspec.Struct]:
    """Return the struct that a payload of the event's own version is read as."""
    return _codec(event_class).shape


@cache
def _aggregate_topic(event_class: type[Event]) -> str:
    return event_class.TOPIC.partition(".")[0]


def _stored(hint: Any) -> Any:
    """Return the type of what a payload holds: what is kept is not in it."""
    if get_origin(hint) in {Union, UnionType} and Kept in get_args(hint):
        return reduce(or_, (kind for kind in get_args(hint) if kind != Kept))
    return hint


def _default(field: Field[Any]) -> tuple[Any, ...]:
    if field.default is not MISSING:
        return (field.default,)
    if field.default_factory is not MISSING:
        return (msgspec.field(default_factory=field.default_factory),)
    return ()


def encode(event: CanMutateAggregate[UUID]) -> NewEvent:
    """Return the event as the appender takes it, with a fresh event id."""
    event_class = cast("type[Event]", type(event))
    state, personal = _codec(event_class).encode(cast("Event", event))
    return NewEvent(
        stream_id=event.originator_id,
        version=event.originator_version,
        event_id=uuid4(),
        topic=event_class.TOPIC,
        class_version=event_class.class_version,
        state=state,
        personal=personal,
    )


def payload_of(event: Event) -> bytes:
    """Return the whole payload in plain text: what people may see, never what is stored."""
    return plain(encode(event))


def decode(recorded: Recorded) -> Event:
    """Return the event that was stored, in today's shape; raises `PayloadInvalid`."""
    return _decode(
        recorded.topic,
        recorded.class_version,
        recorded.stream_id,
        recorded.version,
        recorded.state,
        recorded.opened,
    )


def _decode(  # noqa: PLR0917 - the columns of an event
    topic: str,
    class_version: int,
    stream_id: UUID,
    version: int,
    state: bytes,
    opened: tuple[bytes | None, ...] | None,
) -> Event:
    event_class = _EVENTS.get(topic)
    if event_class is None:
        msg = f"The log holds an event '{topic}' that this program does not know."
        raise PayloadInvalid(msg)
    codec = _codec(event_class)
    try:
        values = codec.decode(state, class_version, opened)
    except Exception as error:
        # An upcaster may fail in any way; whoever reads the log has to learn at which event.
        raise _invalid(topic, class_version, stream_id, version, error) from error
    # The class is frozen and was checked above: filling it directly spares a slow __init__.
    event = object.__new__(codec.event_class)
    vars(event).update(
        originator_id=stream_id, originator_version=version, **codec.constants, **values
    )
    return event


def _invalid(
    topic: str, class_version: int, stream_id: UUID, version: int, error: Exception
) -> PayloadInvalid:
    where = f"Event {version} of stream {stream_id} ('{topic}' v{class_version})"
    return PayloadInvalid(f"{where}: {type(error).__name__}: {error}.")


def rebuild(kind: type[TAggregate], history: Iterable[Recorded]) -> TAggregate | None:
    """Return the aggregate that this history makes, or None when there is none."""
    aggregate: AggregateRoot | None = None
    for recorded in history:
        aggregate = decode(recorded).mutate(aggregate)
    if aggregate is None or isinstance(aggregate, kind):
        return aggregate
    return None


@dataclass(frozen=True)
class VersionedEvent(StoredEvent):
    """The library's stored event, with the version of its class beside it."""

    class_version: int = 1


class EventMapper(Mapper[UUID]):
    """The same encoding for the library's `Application` and recorders."""

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        """Return the library's row for an event, sealed by its compressor and cipher."""
        new = encode(cast("Event", domain_event))
        state = plain(new)
        state = self.compressor.compress(state) if self.compressor else state
        state = self.cipher.encrypt(state) if self.cipher else state
        return VersionedEvent(new.stream_id, new.version, new.topic, state, new.class_version)

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        """Return the event of the library's row; raises `PayloadInvalid`."""
        place = (
            stored_event.topic,
            getattr(stored_event, "class_version", 1),
            cast("UUID", stored_event.originator_id),
            stored_event.originator_version,
        )
        try:
            state = bytes(stored_event.state)
            state = self.cipher.decrypt(state) if self.cipher else state
            state = self.compressor.decompress(state) if self.compressor else state
        except Exception as error:
            raise _invalid(*place, error) from error
        return _decode(*place, state, ())
