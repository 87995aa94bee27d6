"""The custom fields: one row each, archived ones included."""

from typing import Final

from sqlalchemy import Column, Index, Text
from sqlalchemy.dialects.postgresql import JSONB

from domain.customers.custom_fields import CustomField
from projections.records import record_table, record_view

custom_fields: Final = record_table(
    "custom_fields",
    Column("record_kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("label_de", Text, nullable=False),
    Column("label_en", Text, nullable=False),
    Column("rules", JSONB, nullable=False),
    Column("status", Text, nullable=False, default="active"),
    Index("custom_fields_by_key", "key", "id"),
)
VIEW: Final = record_view(custom_fields, CustomField)
