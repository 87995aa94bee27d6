"""What every aggregate shares: typed events that carry their effect, given times, no hidden clock.

An event says what it changes: a `Change` sets the attributes that it names, any other event has an
`apply`. A rule stands beside a field (`Annotated[str, Line(200)]`) and is asked when the event is
recorded, never when it is read again.
"""

from collections.abc import Callable, Iterable
from dataclasses import field
from datetime import UTC, datetime
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    ParamSpec,
    Self,
    TypeAlias,
    cast,
    dataclass_transform,
)
from uuid import UUID

from eventsourcing.domain import (
    AggregateCreated,
    AggregateEvent,
    BaseAggregate,
    CanInitAggregate,
    CanMutateAggregate,
    MetaAggregate,
    MetaDomainEvent,
)

from domain.checks import KEPT, checked
from domain.errors import Conflict, NotFound

P = ParamSpec("P")

_WHOM = "_data_subject"
ENVELOPE = frozenset(
    {"originator_id", "originator_version", "originator_topic", "timestamp", _WHOM}
)
"""What says where and when an event happened, and to whom, not what."""


class TimeRunsBackwards(Conflict):
    """It happened at {at}, but the record already knows something from {latest}."""


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field,))
class _TypedEvents(MetaDomainEvent):
    """Tells a type checker the fields that the constructor of an event takes."""


class Event(AggregateEvent, metaclass=_TypedEvents):
    """Something that happened; `timestamp` says when, in the business's own time."""

    TOPIC: ClassVar[str]
    """The stored name, e.g. `ticket.closed`: it outlives every class name."""
    class_version: ClassVar[int] = 1

    if TYPE_CHECKING:  # The record fills these in, never who records the event.
        originator_id: UUID = field(init=False)
        originator_version: int = field(init=False)
        timestamp: datetime = field(init=False)

    @property
    def data_subject(self) -> UUID:
        """The record of the person whom the event's personal fields tell of.

        Known while the event is new; once it is recorded, the log knows.
        """
        whom: UUID = vars(self).get(_WHOM, self.originator_id)
        return whom

    def facts(self) -> dict[str, Any]:
        """Return what the event tells, by field; an attribute that is kept is not named."""
        return {
            name: value
            for name, value in vars(self).items()
            if name not in ENVELOPE and value is not KEPT
        }


# The same under a name that a record, which has an `Event` of its own, does not shadow.
AnyEvent: TypeAlias = Event


class Created(Event, AggregateCreated):
    """The first event of an aggregate: it sets the attributes that it names."""

    if TYPE_CHECKING:
        originator_topic: str = field(init=False)


class Change(Event):
    """An event that sets the attributes that it names, and nothing else."""

    def apply(self, record: Any) -> None:
        """Set them."""
        for name, value in self.facts().items():
            setattr(record, name, value)


_ROOT = (__name__, "AggregateRoot")


class _TopicRequired(MetaAggregate[Any]):
    """Refuses an aggregate class without a topic of its own, unless it is declared `abstract`."""

    def __new__(
        mcs,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        abstract: bool = False,
        **kwargs: Any,
    ) -> type:
        # Checked before the library sees the class: it would invent a topic from the path.
        root = (namespace["__module__"], namespace["__qualname__"]) == _ROOT
        if not root and not abstract and not (namespace.get("TOPIC") or "").strip():
            msg = f"Aggregate '{name}' needs an explicit TOPIC."
            raise TypeError(msg)
        return super().__new__(mcs, name, bases, namespace, **kwargs)


class AggregateRoot(BaseAggregate[UUID], metaclass=_TopicRequired):
    """A record that decides for itself what may happen to it.

    Its annotated attributes are filled from its first event, by name. A part of a rich aggregate,
    or what several have in common, is a base class without a topic: `abstract=True`.
    """

    Event = Event

    TOPIC: ClassVar[str]
    """The stored name of the kind, e.g. `ticket`."""
    MISSING: ClassVar[type[NotFound]] = NotFound
    """The refusal for an id that names no such record; takes the fact `id`."""

    @classmethod
    def begin(
        cls, id: UUID, event: Callable[P, Created], at: datetime, *_: P.args, **facts: P.kwargs
    ) -> Self:
        """Return the record that begins with this event; raises what the fields' rules refuse."""
        kind = cast("type[CanInitAggregate[UUID]]", event)
        return cls._create(kind, id=id, timestamp=at, **checked(kind, facts))

    def record(
        self, event: Callable[P, AnyEvent], at: datetime, *_: P.args, **facts: P.kwargs
    ) -> None:
        """Let an event happen; raises what the fields' rules refuse, and `TimeRunsBackwards`."""
        kind = cast("type[CanMutateAggregate[UUID]]", event)
        self.trigger_event(kind, timestamp=at, **checked(kind, facts))

    def change(
        self, event: Callable[P, Change], at: datetime, *_: P.args, **facts: P.kwargs
    ) -> None:
        """Record a change, unless all is so already; what may be kept is named where it differs.

        Raises what `require_changeable` and the fields' rules refuse.
        """
        self.require_changeable()
        kind = cast("type[CanMutateAggregate[UUID]]", event)
        after = checked(kind, facts)
        different = {name for name, value in after.items() if getattr(self, name) != value}
        if different:
            news = {
                name: value
                for name, value in after.items()
                if name in different or getattr(kind, name, None) is not KEPT
            }
            self.trigger_event(kind, timestamp=at, **news)

    def require_changeable(self) -> None:
        """Raise what refuses a change of plain attributes; by default nothing does."""

    def require_active(self) -> None:
        """Raise what refuses the use of a record that is out of use; by default nothing does."""

    def names(self) -> Iterable[tuple[str, str]]:
        """Return the names that only one record may bear; none by default.

        Each is a scope, which is the topic and the field, e.g. `user.email`, and a key.
        """
        return ()

    def customer(self) -> UUID | None:
        """Return the customer whose people may know of the record; None where only staff may."""
        return None

    def data_subject(self) -> UUID:
        """Return the record of the person whom this one tells of: by default it is the same.

        Personal fields are encrypted under the key of that person (ADR 12).
        """
        return self.id

    @classmethod
    def _create(
        cls, event_class: type[CanInitAggregate[UUID]], *, id: UUID | None = None, **kwargs: Any
    ) -> Self:
        kwargs["timestamp"] = _require_time(kwargs)
        record = super()._create(event_class, id=id, **kwargs)
        _tell_whom(record)
        return record

    def trigger_event(self, event_class: type[CanMutateAggregate[UUID]], **kwargs: Any) -> None:
        """Record one event; raises `TimeRunsBackwards` when it is older than the record."""
        at = kwargs["timestamp"] = _require_time(kwargs)
        if at < self.modified_on:
            raise TimeRunsBackwards(at=at, latest=self.modified_on)
        super().trigger_event(event_class, **kwargs)
        _tell_whom(self)


def _tell_whom(record: AggregateRoot) -> None:
    # An event is frozen, and whom it tells of is no part of it: noted beside its fields.
    vars(record.pending_events[-1])[_WHOM] = record.data_subject()


def _require_time(kwargs: dict[str, Any]) -> datetime:
    # The library would read the clock here, and a decision could not be repeated.
    at = kwargs.get("timestamp")
    if not isinstance(at, datetime) or at.utcoffset() is None:
        msg = "An event needs an aware `timestamp`: the domain reads no clock."
        raise TypeError(msg)
    return at.astimezone(UTC)
