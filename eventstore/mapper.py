"""Events to bytes and back: readable JSON, checked against the event class on every load.

The library's own mapper restores objects without looking at their fields. Here each event class
has a strict decoder derived from its fields, so that a payload with a missing, foreign or
mistyped field fails where it is read, and names the event.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, TypeVar, cast, get_type_hints
from uuid import UUID, uuid4

import msgspec
from eventsourcing.domain import CanInitAggregate, CanMutateAggregate, DomainEventProtocol
from eventsourcing.persistence import Mapper, StoredEvent
from eventsourcing.utils import TopicError, resolve_topic

import domain.catalogue  # noqa: F401 - makes every topic known
from domain.base import AggregateRoot, Event
from eventstore.records import NewEvent, Recorded

TAggregate = TypeVar("TAggregate", bound=AggregateRoot)

_ENVELOPE = frozenset({"originator_id", "originator_version", "originator_topic"})
"""Fields that the log keeps in columns, or that follow from the topic."""


class PayloadInvalid(Exception):
    """A stored event does not fit its class; the message says which event and why."""


class _Codec:
    """Encodes and decodes one event class."""

    def __init__(self, event_class: type[Event]) -> None:
        hints = get_type_hints(event_class)
        self.event_class = event_class
        self.names = tuple(f.name for f in fields(event_class) if f.name not in _ENVELOPE)
        self.shape = msgspec.defstruct(
            event_class.__qualname__,
            [(name, hints[name]) for name in self.names],
            forbid_unknown_fields=True,
        )
        self.decode_current = msgspec.json.Decoder(self.shape).decode
        self.constants: dict[str, Any] = {}
        if issubclass(event_class, CanInitAggregate):
            self.constants["originator_topic"] = _aggregate_topic(event_class)

    def encode(self, event: CanMutateAggregate[UUID]) -> bytes:
        values = vars(event)
        return msgspec.json.encode({name: values[name] for name in self.names})

    def decode(self, state: bytes, class_version: int) -> dict[str, Any]:
        if class_version == self.event_class.class_version:
            struct = self.decode_current(state)
        else:
            struct = msgspec.convert(self._upcast(state, class_version), self.shape)
        return {name: getattr(struct, name) for name in self.names}

    def _upcast(self, state: bytes, class_version: int) -> dict[str, Any]:
        raw: dict[str, Any] = msgspec.json.decode(state)
        for version in range(class_version, self.event_class.class_version):
            step: Callable[[dict[str, Any]], None] = getattr(
                self.event_class, f"upcast_v{version}_v{version + 1}"
            )
            step(raw)
        return raw


@cache
def _codec(event_class: type[Event]) -> _Codec:
    return _Codec(event_class)


@cache
def _aggregate_topic(event_class: type[Event]) -> str:
    return event_class.TOPIC.partition(".")[0]


@cache
def _class_of(topic: str) -> type[Event]:
    try:
        found = resolve_topic(topic)
    except TopicError:
        found = None
    if not (isinstance(found, type) and issubclass(found, Event)):
        msg = f"The log holds an event '{topic}' that this program does not know."
        raise PayloadInvalid(msg)
    return found


def encode(event: CanMutateAggregate[UUID]) -> NewEvent:
    """Return the event as the log takes it, with a fresh event id."""
    event_class = cast("type[Event]", type(event))
    return NewEvent(
        stream_id=event.originator_id,
        version=event.originator_version,
        event_id=uuid4(),
        topic=event_class.TOPIC,
        class_version=event_class.class_version,
        state=_codec(event_class).encode(event),
    )


def decode(recorded: Recorded) -> Event:
    """Return the event that was stored, in today's shape; raises `PayloadInvalid`."""
    return _decode(
        recorded.topic,
        recorded.class_version,
        recorded.stream_id,
        recorded.version,
        recorded.state,
    )


def _decode(topic: str, class_version: int, stream_id: UUID, version: int, state: bytes) -> Event:
    codec = _codec(_class_of(topic))
    try:
        values = codec.decode(state, class_version)
    except (msgspec.MsgspecError, AttributeError, KeyError) as error:
        msg = f"Event {version} of stream {stream_id} ('{topic}' v{class_version}): {error}."
        raise PayloadInvalid(msg) from error
    # The class is frozen and was checked above: filling it directly spares a slow __init__.
    event = object.__new__(codec.event_class)
    vars(event).update(
        originator_id=stream_id, originator_version=version, **codec.constants, **values
    )
    return event


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
        state = self.compressor.compress(new.state) if self.compressor else new.state
        state = self.cipher.encrypt(state) if self.cipher else state
        return VersionedEvent(new.stream_id, new.version, new.topic, state, new.class_version)

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        """Return the event of the library's row; raises `PayloadInvalid`."""
        state = bytes(stored_event.state)
        state = self.cipher.decrypt(state) if self.cipher else state
        state = self.compressor.decompress(state) if self.compressor else state
        return _decode(
            stored_event.topic,
            getattr(stored_event, "class_version", 1),
            cast("UUID", stored_event.originator_id),
            stored_event.originator_version,
            state,
        )
