"""The users: one row each, deactivated ones included."""

from typing import Final

from sqlalchemy import BigInteger, Column, DateTime, Index, Table, Text, Uuid

from domain.base import Event
from domain.people.users import User
from eventstore.records import Recorded
from projections.view import Row, Rows, View, metadata

users: Final = Table(
    "users",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("customer_id", Uuid),
    Column("status", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Index("users_by_name", "name", "id"),
    Index("users_by_email", "email"),
    Index("users_by_customer", "customer_id", "id"),
    Index("users_by_creation", "created_at", "id"),
    Index("users_by_update", "updated_at", "id"),
)


def apply(event: Event, recorded: Recorded, rows: Rows) -> None:
    """Fold one event of a user."""
    key = event.originator_id
    if isinstance(event, User.Registered):
        rows.insert(users, key, **_registered(event))
    rows.update(
        users,
        key,
        **_change(event),
        updated_at=event.timestamp,
        version=event.originator_version,
        position=recorded.position,
    )


def _registered(event: User.Registered) -> Row:
    return {
        "name": event.name,
        "email": event.email,
        "role": event.role.value,
        "customer_id": event.customer_id,
        "status": "active",
        "created_at": event.timestamp,
    }


def _change(event: Event) -> Row:
    match event:
        case User.Renamed(name=name):
            return {"name": name}
        case User.EmailChanged(email=email):
            return {"email": email}
        case User.RoleChanged(role=role, customer_id=customer_id):
            return {"role": role.value, "customer_id": customer_id}
        case User.Deactivated():
            return {"status": "deactivated"}
        case User.Reactivated():
            return {"status": "active"}
        case _:
            return {}


VIEW: Final = View(name="users", tables=(users,), topics=(User.TOPIC,), apply=apply)
