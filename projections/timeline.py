"""The timeline: one row per event of a ticket, and whether the customer may read it."""

from typing import Any, Final

import msgspec
from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from domain.base import Event
from domain.desk.tickets import Ticket
from eventstore.records import Metadata, Recorded
from projections.view import Row, Rows, View, metadata

ticket_timeline: Final = Table(
    "ticket_timeline",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("ticket_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column("command_id", Uuid, nullable=False),
    Column("correlation_id", Uuid, nullable=False),
    Column("causation_id", Uuid),
    Column("source", JSONB),
    Column("public", Boolean, nullable=False),
    Column("changes", JSONB, nullable=False),
    Index("ticket_timeline_by_ticket", "ticket_id", "position"),
)

PUBLIC: Final = (
    Ticket.Opened,
    Ticket.Retitled,
    Ticket.Described,
    Ticket.Categorized,
    Ticket.RequesterChanged,
    Ticket.Prioritized,
    Ticket.Started,
    Ticket.PutOnHold,
    Ticket.Resolved,
    Ticket.Closed,
    Ticket.Reopened,
)
"""What a customer may read of their ticket, besides public comments.

Who works on it, tags, deletions and what another system says are for staff; so is whatever
event comes to be later, until it is named here.
"""

_ENVELOPE: Final = frozenset(
    {"originator_id", "originator_version", "originator_topic", "timestamp"}
)
_metadata: Final = msgspec.json.Decoder(Metadata).decode


def apply(event: Event, recorded: Recorded, rows: Rows) -> None:
    """Add one event of a ticket."""
    cause = _metadata(recorded.metadata)
    rows.insert(
        ticket_timeline,
        recorded.position,
        ticket_id=event.originator_id,
        version=event.originator_version,
        kind=recorded.topic,
        occurred_at=event.timestamp,
        recorded_at=recorded.recorded_at,
        actor=cause.actor,
        command_id=cause.command_id,
        correlation_id=cause.correlation_id,
        causation_id=cause.causation_id,
        source=cause.source,
        public=_public(event),
        changes=_changes(event),
    )


def _public(event: Event) -> bool:
    if isinstance(event, Ticket.Commented):
        return event.public
    return isinstance(event, PUBLIC)


def _changes(event: Event) -> Row:
    values: dict[str, Any] = {
        name: value for name, value in vars(event).items() if name not in _ENVELOPE
    }
    # Just as they will be read from the column, e.g. ids as text.
    changes: Row = msgspec.json.decode(msgspec.json.encode(values))
    return changes


VIEW: Final = View(
    name="timeline", tables=(ticket_timeline,), topics=(Ticket.TOPIC,), apply=apply, alone=True
)
