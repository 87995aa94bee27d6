"""What the log holds of one case, replayed no further than the rows have come."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from commands.imports.provenance import recorded
from domain.base import AggregateRoot, Event
from domain.desk.tickets import Ticket
from eventstore import mapper
from eventstore.records import Recorded


class _Caused(msgspec.Struct):
    command_id: UUID


_caused = msgspec.json.Decoder(_Caused).decode


class History:
    """A ticket between two rows: what was recorded before, and what was decided since."""

    def __init__(self, past: Sequence[Recorded], rows: Sequence[UUID]) -> None:
        """Take the ticket's stream, and the command ids of all rows, in their order."""
        self._past = past
        self._events: list[Event] = []
        self._ticket: AggregateRoot | None = None
        ends = {_caused(one.metadata).command_id: n for n, one in enumerate(past, 1)}
        self._ends = {row: ends[row] for row in rows if row in ends}
        self._reached = 0

    def holds(self, command_id: UUID) -> bool:
        """Tell whether the row was in the log before."""
        return command_id in self._ends

    def pass_by(self, command_id: UUID) -> None:
        """Go on behind a row that was in the log before."""
        self._reached = self._ends.pop(command_id)

    @property
    def is_past(self) -> bool:
        """Tell whether later rows are in the log: the one in between was refused when it came."""
        return bool(self._ends)

    def ticket(self) -> Ticket | None:
        """Return the ticket as the next row finds it, None when it is yet to be opened."""
        upto = self._reached if self.is_past else len(self._past)
        for one in self._past[len(self._events) : upto]:
            self._apply(mapper.decode(one))
        assert self._ticket is None or isinstance(self._ticket, Ticket)
        return self._ticket

    def accept(self, ticket: Ticket) -> list[Event]:
        """Take what a row led to as having happened, and return it."""
        events = recorded(ticket)
        self._ticket = ticket
        self._events += events
        return events

    def reject(self) -> None:
        """Take back what a row led to; the ticket given out is of no use then."""
        events, self._events, self._ticket = self._events, [], None
        for event in events:
            self._apply(event)

    def _apply(self, event: Event) -> None:
        self._ticket = event.mutate(self._ticket)
        self._events.append(event)
