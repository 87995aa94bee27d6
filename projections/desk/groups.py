"""The assignment groups: one row each, archived ones included."""

from typing import Final

from sqlalchemy import Column, Index, Text

from domain.desk.groups import Group
from projections.records import record_table, record_view

groups: Final = record_table(
    "groups",
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("status", Text, nullable=False, default="active"),
    Index("groups_by_name", "name", "id"),
)
VIEW: Final = record_view(groups, Group)
