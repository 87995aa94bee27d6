"""The erasures: one row each, for each subject; nothing in it tells of the person."""

from typing import Final

from sqlalchemy import Column, DateTime, Index, Integer, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from domain.base import Event
from domain.people.erasures import Erasure, Progress
from projections.records import record_table, record_view
from projections.view import Row


def _also(event: Event, _: Row) -> Row:
    match event:
        case Erasure.Ordered(timestamp=at) | Erasure.Reordered(timestamp=at):
            return {"status": Progress.ORDERED.value, "ordered_at": at}
        case Erasure.CarriedOut(timestamp=at, subjects=subjects):
            return {
                "status": Progress.CARRIED_OUT.value,
                "carried_out_at": at,
                "subject_count": len(subjects),
            }
        case _:
            return {}


erasures: Final = record_table(
    "erasures",
    Column("subject_id", Uuid, nullable=False),
    Column("subject_kind", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("status", Text, nullable=False, default=Progress.ORDERED.value),
    Column("ordered_at", DateTime(timezone=True), nullable=False),
    Column("carried_out_at", DateTime(timezone=True)),
    # Of a large customer thousands: which they were, the timeline tells.
    Column("subject_count", Integer, nullable=False, default=0),
    Column("keys_destroyed", Integer, nullable=False, default=0),
    Column("kept", JSONB, nullable=False, default=[]),
    Column("plain_events", Integer, nullable=False, default=0),
    Index("erasures_by_subject", "subject_id"),
    Index("erasures_by_order", "ordered_at", "id"),
)
VIEW: Final = record_view(erasures, Erasure, _also)
