"""The timeline: one row per event of a record, and whether the customer's people may read it."""

from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from domain.base import Event
from domain.customers.customers import Customer
from eventstore.mapper import payload_of
from eventstore.records import Metadata, Recorded
from projections.slices import SLICES
from projections.view import Row, Rows, View, metadata

PUBLIC: Final = frozenset(
    event.TOPIC for module in SLICES for event in getattr(module, "PUBLIC", ())
)
"""The topics of what customers' people may read."""

timeline_entries: Final = Table(
    "timeline_entries",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("record_id", Uuid, nullable=False),
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
    Column("customer_id", Uuid),
    Index("timeline_entries_by_record", "record_id", "position"),
    Index(
        "timeline_entries_by_customer",
        "customer_id",
        "position",
        postgresql_where=text("customer_id is not null"),
    ),
)

_metadata: Final = msgspec.json.Decoder(Metadata).decode


def apply(event: Event, recorded: Recorded, rows: Rows) -> None:
    """Add one event of a record."""
    cause = _metadata(recorded.metadata)
    rows.insert(
        timeline_entries,
        recorded.position,
        record_id=event.originator_id,
        version=event.originator_version,
        kind=recorded.topic,
        occurred_at=event.timestamp,
        recorded_at=recorded.recorded_at,
        actor=cause.actor,
        command_id=cause.command_id,
        correlation_id=cause.correlation_id,
        causation_id=cause.causation_id,
        source=cause.source,
        public=recorded.topic in PUBLIC and bool(getattr(event, "public", True)),
        changes=_changes(event, recorded),
        customer_id=_customer(event, recorded),
    )


def _customer(event: Event, recorded: Recorded) -> UUID | None:
    """Return the customer whom an event tells about: it is one's own, or names one."""
    if recorded.topic.partition(".")[0] == Customer.TOPIC:
        return event.originator_id
    named: UUID | None = event.facts().get("customer_id")
    return named


def _changes(event: Event, recorded: Recorded) -> Row:
    """Return the event's own fields as the log has them, e.g. ids as text.

    An event of an older version is shown as it is understood today, what was erased as such.
    """
    as_stored = recorded.class_version == event.class_version and not recorded.opened
    changes: Row = msgspec.json.decode(recorded.state if as_stored else payload_of(event))
    del changes["timestamp"]
    return changes


VIEW: Final = View(
    name="timeline",
    tables=(timeline_entries,),
    topics=tuple(topic for module in SLICES for topic in module.VIEW.topics),
    apply=apply,
    alone=True,
    shape=4,
    formerly=("ticket_timeline",),
)
