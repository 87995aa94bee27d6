"""The users: one row each, deactivated ones included."""

from typing import Final

from sqlalchemy import Column, Index, Text, Uuid

from domain.base import Event
from domain.people.users import User
from projections.records import parts_index, record_table, record_view
from projections.view import Row


def _also(event: Event, _: Row) -> Row:
    match event:
        case User.Deactivated():
            return {"status": "deactivated"}
        case User.Reactivated():
            return {"status": "active"}
        case _:
            return {}


users: Final = record_table(
    "users",
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("customer_id", Uuid),
    Column("status", Text, nullable=False, default="active"),
    Index("users_by_name", "name", "id"),
    Index("users_by_email", "email", "id"),
    parts_index("users_by_part", "name", "email"),
    Index("users_by_customer", "customer_id", "id"),
)
VIEW: Final = record_view(users, User, _also, shape=2)
