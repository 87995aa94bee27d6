"""What a fact is, and how facts make a record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from domain.base import AggregateRoot, Created, Event
from tests.given.ids import T0, stream_of

TAggregate = TypeVar("TAggregate", bound=AggregateRoot)


class ExampleMissing(LookupError):
    """Nothing here tells how an event of this topic looks."""


@dataclass(frozen=True, eq=False)
class Fact:
    """What an event tells, without its place in a stream."""

    event_class: type[Event]
    values: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, **changes: Any) -> "Fact":
        """Return the same fact with other values; `timestamp` says when, `T0` by default."""
        return Fact(self.event_class, {**self.values, **changes})

    def event(self, version: int = 1) -> Event:
        """Return the event at this place of its fixed stream."""
        aggregate_topic = self.event_class.TOPIC.partition(".")[0]
        values: dict[str, Any] = {
            "originator_id": stream_of(aggregate_topic),
            "originator_version": version,
            "timestamp": T0,
            **self.values,
        }
        if issubclass(self.event_class, Created):
            values["originator_topic"] = aggregate_topic
        return self.event_class(**values)

    def __eq__(self, other: object) -> bool:
        """Tell whether the event says the same of the same record."""
        if not isinstance(other, Event):
            return NotImplemented
        return self.event(other.originator_version) == other

    __hash__ = None  # type: ignore[assignment]


def given(kind: type[TAggregate], *facts: Fact) -> TAggregate:
    """Return the aggregate that these facts make; nothing is pending."""
    aggregate: AggregateRoot | None = None
    for version, fact in enumerate(facts, start=1):
        aggregate = fact.event(version).mutate(aggregate)
    assert isinstance(aggregate, kind)
    return aggregate


def recorded(aggregate: AggregateRoot) -> list[Event]:
    """Return the events that were newly recorded, oldest first."""
    events = [event for event in aggregate.pending_events if isinstance(event, Event)]
    assert len(events) == len(aggregate.pending_events)
    return events
