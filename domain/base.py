"""What every aggregate shares: stable topics, given times, and no hidden clock."""

from datetime import UTC, datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from eventsourcing.domain import (
    AggregateCreated,
    AggregateEvent,
    BaseAggregate,
    CanInitAggregate,
    CanMutateAggregate,
    MetaAggregate,
)

from domain.errors import Conflict, NotFound


class TimeRunsBackwards(Conflict):
    """It happened at {at}, but the record already knows something from {latest}."""


class Event(AggregateEvent):
    """Something that happened; `timestamp` says when, in the business's own time."""

    TOPIC: ClassVar[str]
    """The stored name, e.g. `ticket.closed`: it outlives every class name."""
    class_version: ClassVar[int] = 1


class Created(Event, AggregateCreated):
    """The first event of an aggregate."""


_ROOT = (__name__, "AggregateRoot")


class _TopicRequired(MetaAggregate[Any]):
    """Refuses an aggregate class without a topic of its own."""

    def __new__(
        mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **kwargs: Any
    ) -> type:
        # Checked before the library sees the class: it would invent a topic from the path.
        root = (namespace["__module__"], namespace["__qualname__"]) == _ROOT
        if not root and not (namespace.get("TOPIC") or "").strip():
            msg = f"Aggregate '{name}' needs an explicit TOPIC."
            raise TypeError(msg)
        return super().__new__(mcs, name, bases, namespace, **kwargs)


class AggregateRoot(BaseAggregate[UUID], metaclass=_TopicRequired):
    """A record that decides for itself what may happen to it."""

    Event = Event

    MISSING: ClassVar[type[NotFound]] = NotFound
    """The refusal for an id that names no such record; takes the fact `id`."""

    @classmethod
    def _create(
        cls, event_class: type[CanInitAggregate[UUID]], *, id: UUID | None = None, **kwargs: Any
    ) -> Self:
        kwargs["timestamp"] = _require_time(kwargs)
        return super()._create(event_class, id=id, **kwargs)

    def trigger_event(self, event_class: type[CanMutateAggregate[UUID]], **kwargs: Any) -> None:
        """Record one event; raises `TimeRunsBackwards` when it is older than the record."""
        at = kwargs["timestamp"] = _require_time(kwargs)
        if at < self.modified_on:
            raise TimeRunsBackwards(at=at, latest=self.modified_on)
        super().trigger_event(event_class, **kwargs)


def _require_time(kwargs: dict[str, Any]) -> datetime:
    # The library would read the clock here, and a decision could not be repeated.
    at = kwargs.get("timestamp")
    if not isinstance(at, datetime) or at.utcoffset() is None:
        msg = "An event needs an aware `timestamp`: the domain reads no clock."
        raise TypeError(msg)
    return at.astimezone(UTC)
