"""The assignment groups: one row each, archived ones included."""

from typing import Final

from sqlalchemy import BigInteger, Column, DateTime, Index, Table, Text, Uuid

from domain.base import Event
from domain.desk.groups import Group
from eventstore.records import Recorded
from projections.view import Row, Rows, View, metadata

groups: Final = Table(
    "groups",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Index("groups_by_name", "name", "id"),
    Index("groups_by_creation", "created_at", "id"),
    Index("groups_by_update", "updated_at", "id"),
)


def apply(event: Event, recorded: Recorded, rows: Rows) -> None:
    """Fold one event of a group."""
    key = event.originator_id
    if isinstance(event, Group.Formed):
        rows.insert(groups, key, **_formed(event))
    rows.update(
        groups,
        key,
        **_change(event),
        updated_at=event.timestamp,
        version=event.originator_version,
        position=recorded.position,
    )


def _formed(event: Group.Formed) -> Row:
    return {
        "name": event.name,
        "description": event.description,
        "status": "active",
        "created_at": event.timestamp,
    }


def _change(event: Event) -> Row:
    match event:
        case Group.Renamed(name=name):
            return {"name": name}
        case Group.Described(description=description):
            return {"description": description}
        case Group.Archived():
            return {"status": "archived"}
        case Group.Restored():
            return {"status": "active"}
        case _:
            return {}


VIEW: Final = View(name="groups", tables=(groups,), topics=(Group.TOPIC,), apply=apply)
