"""The locations: one row each, archived ones included."""

from typing import Final

from sqlalchemy import Column, Index, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from domain.base import Event
from domain.customers.locations import Location
from projections.records import customized, parts_index, record_table, record_view, standing
from projections.view import Row

locations: Final = record_table(
    "locations",
    Column("customer_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("address", JSONB, nullable=False),
    Column("opening_hours", Text, nullable=False),
    Column("access_notes", Text, nullable=False),
    Column("coordinates", JSONB),
    Column("custom", JSONB, nullable=False, default={}),
    Column("status", Text, nullable=False, default="active"),
    Index("locations_by_name", "name", "id"),
    Index("locations_by_customer", "customer_id", "name", "id"),
    parts_index("locations_by_part", "name", "(address->>'street')", "(address->>'city')"),
    Index(
        "locations_by_custom",
        "custom",
        postgresql_using="gin",
        postgresql_ops={"custom": "jsonb_path_ops"},
    ),
)
# On what a list asks for, word for word: an index on an expression serves only the same one.
Index(
    "locations_by_postal_code",
    locations.c.address["postal_code"].astext,
    locations.c.address["country"].astext,
)

PUBLIC: Final = (
    Location.Registered,
    Location.Changed,
    Location.Moved,
    Location.Located,
    Location.Archived,
    Location.Restored,
)
"""What the customer may read in a location's timeline; access notes are left out of it."""


def _also(event: Event, row: Row) -> Row:
    return standing(event, row) | customized(event, row)


VIEW: Final = record_view(locations, Location, _also, shape=2)
