"""What a handler works with: the records it loads, the time, and what it leaves behind."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID, uuid5

import msgspec
from eventsourcing.domain import CanMutateAggregate

from domain.actors import Actor
from domain.base import AggregateRoot, Event
from domain.customers.customers import Customer
from domain.errors import Conflict
from domain.reservations import Reservation, reservation_id
from eventstore.baselines import Afresh, Found
from eventstore.records import Recorded

TAggregate = TypeVar("TAggregate", bound=AggregateRoot)


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something a user or a program asks for; its name is an imperative."""


class VersionMismatch(Conflict):
    """The record is at version {actual}, not {expected}: read it again and decide anew."""


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, under which id, and what the request is a part of."""

    actor: Actor
    command_id: UUID
    correlation_id: UUID | None = None
    """All commands of one business process share it; the command's own id by default."""
    causation_id: UUID | None = None
    """The event that led to this command, if one did."""
    expected_version: int | None = None
    """The version the caller has seen (`If-Match`); any version where it is left out."""
    source: dict[str, str | int] | None = None
    """Where an imported request was found."""
    fresh: bool = False
    """The command id was drawn for this very request: nobody can have used it before."""


class History(Protocol):
    """What a handler may ask of the log."""

    def pages(self, stream_id: UUID) -> AsyncIterator[Sequence[Recorded]]:
        """Yield all events of a stream, oldest first, in pages."""
        ...

    async def stream_version(self, stream_id: UUID) -> int:
        """Return the version of a stream, 0 for one that does not exist."""
        ...

    async def next_number(self, series: str) -> int:
        """Return the next number of a series; none is given twice."""
        ...


class Records(Protocol):
    """Where records are found."""

    async def find(self, id: UUID) -> Found | None:
        """Return the record with this id as it stands now, for the caller alone; None if none."""
        ...


class Context:
    """One attempt at one command: it loads records, and collects what they decided."""

    def __init__(
        self,
        history: History,
        caller: Caller,
        clock: Callable[[], datetime],
        records: Records | None = None,
    ) -> None:
        self.actor = caller.actor
        self.command_id = caller.command_id
        self._history = history
        self._stored = records or Afresh(history)
        self._expected = caller.expected_version
        self._now = clock()
        self._records: dict[UUID, AggregateRoot] = {}
        self._borne: dict[UUID, list[tuple[str, str]]] = {}
        self._turns: dict[str, Event] = {}
        self._target: AggregateRoot | None = None
        self.position = 0
        """Place in the log of the newest event that was read."""

    def now(self) -> datetime:
        """Return the time of this command: the same all along, and never before its records.

        Two machines' clocks differ by milliseconds; a record must not run backwards for that.
        """
        return max([self._now, *(record.modified_on for record in self._records.values())])

    def new_id(self, kind: str) -> UUID:
        """Return the id for a new record: the same one when the command is tried again."""
        return uuid5(self.command_id, kind)

    async def next_number(self, series: str) -> int:
        """Return the next number of a series, e.g. `ticket`."""
        return await self._history.next_number(series)

    async def load(self, kind: type[TAggregate], id: UUID) -> TAggregate:
        """Return the record this command decides about.

        Raises its `MISSING` error, and `VersionMismatch` when the caller has seen another version.
        """
        record = await self.look(kind, id)
        if self._expected is not None and record.version != self._expected:
            raise VersionMismatch(actual=record.version, expected=self._expected)
        self._target = record
        return record

    async def look(self, kind: type[TAggregate], id: UUID) -> TAggregate:
        """Return a record that the decision depends on; raises its `MISSING` error."""
        record = await self._find(kind, id)
        # What lies outside a portal user's customer does not exist for them.
        if record is None or not await self._may_see(record.customer()):
            raise kind.MISSING(id=id)
        return record

    async def _may_see(self, customer_id: UUID | None) -> bool:
        """Tell whether a customer is within the actor's bounds, or the same as one that is."""
        if self.actor.may_see(customer_id):
            return True
        bound = self.actor.customer_id
        if bound is None or customer_id is None:
            return False
        return await self._whole(bound) == await self._whole(customer_id)

    async def _whole(self, customer_id: UUID) -> UUID:
        """Return the customer that stands in the place of this one, which it mostly is itself."""
        customer = await self._find(Customer, customer_id)
        return (customer and customer.merged_into) or customer_id

    def add(self, record: AggregateRoot) -> None:
        """Take in a new record; the first one is what the command's answer is about.

        Raises `VersionMismatch` when the caller has seen a version: a new record has none.
        """
        if self._target is None and self._expected is not None:
            raise VersionMismatch(actual=0, expected=self._expected)
        self._records[record.id] = record
        self._target = self._target or record

    async def reserve(self) -> None:
        """Claim the names that records have come to bear, and release those they gave up.

        Raises `AlreadyTaken`. What counts as the same name is the reservation's to say.
        """
        for record in list(self._records.values()):
            before, after = self._borne.get(record.id, []), list(record.names())
            kept = {reservation_id(*name) for name in before} & {
                reservation_id(*name) for name in after
            }
            for scope, key in before:
                if reservation_id(scope, key) not in kept:
                    await self.release(scope, key, holder=record.id)
            for scope, key in after:
                if reservation_id(scope, key) not in kept:
                    await self.claim(scope, key, holder=record.id)

    async def claim(self, scope: str, key: str, *, holder: UUID) -> None:
        """Reserve a name that only one record may bear; raises `AlreadyTaken`."""
        taken = await self._find(Reservation, reservation_id(scope, key))
        if taken is None:
            claimed = Reservation.claim(scope, key, holder=holder, at=self.now())
            self._records[claimed.id] = claimed
        else:
            taken.reclaim(key, holder=holder, at=self.now())

    async def holder_of(self, scope: str, key: str) -> UUID | None:
        """Return the record that bears this name now, or None; capitals do not matter."""
        taken = await self._find(Reservation, reservation_id(scope, key))
        return None if taken is None else taken.holder

    async def is_taken(self, scope: str, key: str) -> bool:
        """Tell whether some record bears this name now."""
        return await self.holder_of(scope, key) is not None

    async def alone(self, scope: str) -> None:
        """Let all commands that name this scope be decided one after the other.

        For a decision about a whole that no single record sees, e.g. that a tree has no circle.
        To be called before what it depends on is read: such commands meet at one stream, of which
        only the version is read, and the later one is decided anew.
        """
        version = await self._history.stream_version(reservation_id(scope, ""))
        self._turns[scope] = Reservation.turn(scope, after=version, at=self.now())

    async def release(self, scope: str, key: str, *, holder: UUID) -> None:
        """Give a reserved name back."""
        taken = await self._find(Reservation, reservation_id(scope, key))
        if taken is not None:
            taken.release(holder=holder, at=self.now())

    @property
    def target(self) -> AggregateRoot:
        """The record that the command is about."""
        if self._target is None:
            msg = "A handler must load or add the record its command is about."
            raise LookupError(msg)
        return self._target

    def collect(self) -> list[CanMutateAggregate[UUID]]:
        """Return what was decided, the target's events first."""
        others = (record for record in self._records.values() if record is not self.target)
        records = (self.target, *others)
        decided = [event for record in records for event in record.collect_events()]
        return [*decided, *self._turns.values()]

    async def _find(self, kind: type[TAggregate], id: UUID) -> TAggregate | None:
        if id not in self._records:
            stored = await self._stored.find(id)
            if stored is None or not isinstance(stored.record, kind):
                return None
            self._records[id] = stored.record
            self._borne[id] = list(stored.record.names())
            self.position = max(self.position, stored.position)
        found = self._records[id]
        return found if isinstance(found, kind) else None
