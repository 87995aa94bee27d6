"""The interactions with customers: one row each, archived ones included."""

from typing import Final

from sqlalchemy import Column, DateTime, Index, SmallInteger, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from domain.customers.interactions import Interaction
from projections.records import parts_index, record_table, record_view

interactions: Final = record_table(
    "interactions",
    Column("customer_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("happened_at", DateTime(timezone=True), nullable=False),
    Column("minutes", SmallInteger),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("contact_ids", ARRAY(Uuid), nullable=False),
    Column("status", Text, nullable=False, default="active"),
    Index("interactions_by_time", "happened_at", "id"),
    Index("interactions_by_customer", "customer_id", "happened_at", "id"),
    parts_index("interactions_by_part", "subject", "text"),
    Index("interactions_by_contact", "contact_ids", postgresql_using="gin"),
)
VIEW: Final = record_view(interactions, Interaction, shape=2)
