"""The tickets: one row each, as the aggregate stands after its last event; deleted ones too."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from domain.base import Event
from domain.desk.priorities import Priority
from domain.desk.statuses import Status
from domain.desk.tickets import Ticket
from domain.values import Requester
from eventstore.records import Recorded
from projections.view import Row, Rows, View, metadata

tickets: Final = Table(
    "tickets",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("ticket_number", BigInteger, nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("customer_id", Uuid, nullable=False),
    Column("requester", JSONB, nullable=False),
    Column("category", Text, nullable=False),
    Column("tags", ARRAY(Text), nullable=False),
    Column("source", Text, nullable=False),
    Column("impact", Text, nullable=False),
    Column("urgency", Text, nullable=False),
    Column("priority", Text, nullable=False),
    Column("priority_rank", SmallInteger, nullable=False),
    Column("priority_overridden", Boolean, nullable=False),
    Column("status", Text, nullable=False),
    Column("waiting_reason", Text),
    Column("assignee_id", Uuid),
    Column("group_id", Uuid),
    Column("reassignment_count", Integer, nullable=False),
    Column("reopen_count", Integer, nullable=False),
    Column("external_system", Text),
    Column("external_number", Text),
    Column("external_attributes", JSONB, nullable=False),
    Column("resolution", Text),
    Column("resolution_code", Text),
    Column("first_response_at", DateTime(timezone=True)),
    Column("resolved_at", DateTime(timezone=True)),
    Column("closed_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("deleted_at", DateTime(timezone=True)),
    Column("deleted_reason", Text),
    Column("version", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Index("tickets_by_number", "ticket_number", unique=True),
    Index(
        "tickets_by_external_number",
        "external_number",
        "external_system",
        unique=True,
        postgresql_where=text("external_number is not null"),
    ),
    # Each order that a page may have, with the id that makes it unambiguous.
    Index("tickets_by_creation", "created_at", "id"),
    Index("tickets_by_update", "updated_at", "id"),
    Index("tickets_by_priority", "priority_rank", "id"),
    Index("tickets_by_status", "status", "id"),
    # A portal user's queries all carry a customer.
    Index("tickets_by_customer", "customer_id", "created_at", "id"),
    Index(
        "tickets_by_assignee",
        "assignee_id",
        "status",
        postgresql_where=text("assignee_id is not null"),
    ),
    Index("tickets_by_group", "group_id", "status", postgresql_where=text("group_id is not null")),
    Index("tickets_by_category", "category"),
    Index("tickets_by_tag", "tags", postgresql_using="gin"),
)

RANKS: Final = {
    Priority.CRITICAL: 1,
    Priority.HIGH: 2,
    Priority.MEDIUM: 3,
    Priority.LOW: 4,
}
"""The place of each priority when tickets are sorted by it, most urgent first."""


def apply(event: Event, recorded: Recorded, rows: Rows) -> None:
    """Fold one event of a ticket."""
    key = event.originator_id
    if isinstance(event, Ticket.Opened):
        rows.insert(tickets, key, **_opened(event))
    elif isinstance(event, Ticket.ExternalUpdateRecorded):
        known = (rows.get(tickets, key) or {}).get("external_attributes", {})
        rows.update(tickets, key, external_attributes=known | event.attributes)
    rows.update(
        tickets,
        key,
        **(_subject(event) or _work(event) or _outcome(event)),
        updated_at=event.timestamp,
        version=event.originator_version,
        position=recorded.position,
    )


def _opened(event: Ticket.Opened) -> Row:
    return {
        "ticket_number": event.ticket_number,
        "title": event.title,
        "description": event.description,
        "customer_id": event.customer_id,
        "requester": _requester(event.requester),
        "category": event.category,
        "tags": list(event.tags),
        "source": event.source.value,
        "impact": event.impact.value,
        "urgency": event.urgency.value,
        "priority": event.priority.value,
        "priority_rank": RANKS[event.priority],
        "priority_overridden": event.overridden,
        "status": Status.NEW.value,
        "reassignment_count": 0,
        "reopen_count": 0,
        "external_system": event.external and event.external.system,
        "external_number": event.external and event.external.number,
        "external_attributes": {},
        "created_at": event.timestamp,
    }


def _subject(event: Event) -> Row:  # noqa: PLR0911 - one answer per event
    """Return what changes about the request itself."""
    match event:
        case Ticket.Retitled(title=title):
            return {"title": title}
        case Ticket.Described(description=description):
            return {"description": description}
        case Ticket.Categorized(category=category):
            return {"category": category}
        case Ticket.Tagged(tags=tags):
            return {"tags": list(tags)}
        case Ticket.RequesterChanged(requester=requester):
            return {"requester": _requester(requester)}
        case Ticket.Prioritized():
            return {
                "impact": event.impact.value,
                "urgency": event.urgency.value,
                "priority": event.priority.value,
                "priority_rank": RANKS[event.priority],
                "priority_overridden": event.overridden,
            }
        case _:
            return {}


def _work(event: Event) -> Row:
    """Return what changes about the work on it."""
    match event:
        case Ticket.Assigned():
            return {
                "group_id": event.group_id,
                "assignee_id": event.assignee_id,
                "status": event.status.value,
                "reassignment_count": event.reassignment_count,
            }
        case Ticket.Unassigned():
            return {"assignee_id": None, "status": Status.NEW.value, "waiting_reason": None}
        case Ticket.Started():
            return {"status": Status.IN_PROGRESS.value, "waiting_reason": None}
        case Ticket.PutOnHold(status=status, reason=reason):
            return {"status": status.value, "waiting_reason": reason and reason.value}
        case Ticket.Commented(first_response=True, timestamp=at):
            return {"first_response_at": at}
        case _:
            return {}


def _outcome(event: Event) -> Row:
    """Return what changes about how it ends."""
    match event:
        case Ticket.Resolved(timestamp=at):
            return _settled(event, Status.RESOLVED) | {"resolved_at": at}
        case Ticket.Closed(timestamp=at):
            return _settled(event, Status.CLOSED) | {"closed_at": at}
        case Ticket.Reopened(reopen_count=count):
            return {
                "status": Status.IN_PROGRESS.value,
                "reopen_count": count,
                "resolution": None,
                "resolution_code": None,
                "resolved_at": None,
                "closed_at": None,
            }
        case Ticket.Deleted(reason=reason, timestamp=at):
            return {"deleted_at": at, "deleted_reason": reason}
        case Ticket.Restored():
            return {"deleted_at": None, "deleted_reason": None}
        case _:
            return {}


def _settled(event: Ticket.Resolved | Ticket.Closed, status: Status) -> Row:
    row: Row = {"status": status.value, "waiting_reason": None}
    # Whoever closes a resolved ticket without a word leaves what was said when it was resolved.
    if event.resolution:
        row["resolution"] = event.resolution
    if event.resolution_code:
        row["resolution_code"] = event.resolution_code
    return row


def _requester(requester: Requester) -> Row:
    return {"name": requester.name, "email": requester.email, "phone": requester.phone}


VIEW: Final = View(
    name="tickets", tables=(tickets,), topics=(Ticket.TOPIC,), apply=apply, alone=True
)
