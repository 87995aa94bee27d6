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
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from domain.base import Event
from domain.desk.priorities import Priority
from domain.desk.statuses import Status
from domain.desk.tickets import Ticket
from domain.values import ExternalReference
from projections.records import record_table, record_view
from projections.searched import Joining, Searched
from projections.view import Row

BESIDE: Final = ("deleted_at", "status")
SORTED_BY: Final = ("created_at", "updated_at", "priority_rank", "ticket_number")

tickets: Final = record_table(
    "tickets",
    Column("ticket_number", BigInteger, nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("customer_id", Uuid, nullable=False),
    Column("requester", JSONB, nullable=False),
    Column("contact_id", Uuid),
    Column("location_id", Uuid),
    Column("category", Text, nullable=False),
    Column("tags", ARRAY(Text), nullable=False),
    Column("source", Text, nullable=False),
    Column("impact", Text, nullable=False),
    Column("urgency", Text, nullable=False),
    Column("priority", Text, nullable=False),
    Column("priority_rank", SmallInteger, nullable=False),
    Column("priority_overridden", Boolean, nullable=False),
    Column("status", Text, nullable=False, default=Status.NEW.value),
    Column("waiting_reason", Text),
    Column("assignee_id", Uuid),
    Column("group_id", Uuid),
    Column("reassignment_count", Integer, nullable=False, default=0),
    Column("reopen_count", Integer, nullable=False, default=0),
    Column("external_system", Text),
    Column("external_number", Text),
    Column("external_attributes", JSONB, nullable=False, default={}),
    Column("resolution", Text),
    Column("resolution_code", Text),
    Column("first_response_at", DateTime(timezone=True)),
    Column("resolved_at", DateTime(timezone=True)),
    Column("closed_at", DateTime(timezone=True)),
    Column("deleted_at", DateTime(timezone=True)),
    Column("deleted_reason", Text),
    Index("tickets_by_number", "ticket_number", "id", postgresql_include=BESIDE),
    Index(
        "tickets_by_external_number",
        "external_number",
        "external_system",
        postgresql_where=text("external_number is not null"),
    ),
    # Each order that a page may have besides, with the id that makes it unambiguous.
    Index("tickets_by_priority", "priority_rank", "id", postgresql_include=BESIDE),
    # With what any list may be sorted by: the keys of one customer's or technician's tickets, or of
    # those in one status, are found and sorted without a look at the tickets themselves.
    Index("tickets_by_status", "status", "id", postgresql_include=("deleted_at", *SORTED_BY)),
    # A portal user's queries all carry a customer.
    # With what the figures of a year need, so that they read no rows.
    Index(
        "tickets_by_customer",
        "customer_id",
        "created_at",
        "id",
        postgresql_include=(*BESIDE, *SORTED_BY[1:], "first_response_at"),
    ),
    Index(
        "tickets_open_by_customer",
        "customer_id",
        "priority_rank",
        text("created_at desc"),
        postgresql_include=["status", "priority"],
        postgresql_where=text("deleted_at is null and status not in ('resolved', 'closed')"),
    ),
    Index(
        "tickets_closed_by_customer",
        "customer_id",
        "closed_at",
        postgresql_include=["created_at", "resolved_at"],
        postgresql_where=text("deleted_at is null and closed_at is not null"),
    ),
    Index(
        "tickets_by_assignee",
        "assignee_id",
        "status",
        postgresql_include=("id", "deleted_at", *SORTED_BY),
        postgresql_where=text("assignee_id is not null"),
    ),
    Index("tickets_by_group", "group_id", "status", postgresql_where=text("group_id is not null")),
    Index(
        "tickets_by_contact",
        "contact_id",
        "created_at",
        postgresql_where=text("contact_id is not null"),
    ),
    Index(
        "tickets_by_location",
        "location_id",
        "created_at",
        postgresql_where=text("location_id is not null"),
    ),
    Index("tickets_by_category", "category"),
    Index("tickets_by_tag", "tags", postgresql_using="gin"),
    # Few: nobody should read all the others to find them.
    Index(
        "tickets_by_deletion",
        "created_at",
        "id",
        postgresql_include=SORTED_BY[1:],
        postgresql_where=text("deleted_at is not null"),
    ),
    beside=BESIDE,
)

PUBLIC: Final = (
    Ticket.Opened,
    Ticket.Retitled,
    Ticket.Described,
    Ticket.Categorized,
    Ticket.RequesterChanged,
    Ticket.ContactChanged,
    Ticket.LocationChanged,
    Ticket.Prioritized,
    Ticket.Started,
    Ticket.PutOnHold,
    Ticket.Commented,
    Ticket.Resolved,
    Ticket.Closed,
    Ticket.Reopened,
)
"""What the customer may read in a ticket's timeline; of comments, the public ones.

How it came to whom and when its tags changed, deletions and what another system says have no entry
there. The ticket itself shows them more: its group and assignee, its tags and its number in another
system, as it was opened and as it stands; a deleted one is for staff.
"""

RANKS: Final = {
    Priority.CRITICAL: 1,
    Priority.HIGH: 2,
    Priority.MEDIUM: 3,
    Priority.LOW: 4,
}
"""The place of each priority when tickets are sorted by it, most urgent first."""


def _also(event: Event, row: Row) -> Row:  # noqa: C901, PLR0911, PLR0912 - one answer per event
    match event:
        case Ticket.Opened(external=external):
            return _weight(event) | _external(external)
        case Ticket.Prioritized():
            return _weight(event)
        case Ticket.Unassigned():
            return {"assignee_id": None, "status": Status.NEW.value, "waiting_reason": None}
        case Ticket.Started():
            return {"status": Status.IN_PROGRESS.value, "waiting_reason": None}
        case Ticket.PutOnHold(status=status, reason=reason):
            return {"status": status.value, "waiting_reason": reason and reason.value}
        case Ticket.Commented(first_response=True, timestamp=at):
            return {"first_response_at": at}
        case Ticket.Resolved(timestamp=at):
            return _settled(event, Status.RESOLVED) | {"resolved_at": at}
        case Ticket.Closed(timestamp=at):
            return _settled(event, Status.CLOSED) | {"closed_at": at}
        case Ticket.Reopened(reopen_count=count):
            row = dict.fromkeys(("resolution", "resolution_code", "resolved_at", "closed_at"))
            return row | {"status": Status.IN_PROGRESS.value, "reopen_count": count}
        case Ticket.Deleted(reason=reason, timestamp=at):
            return {"deleted_at": at, "deleted_reason": reason}
        case Ticket.Restored():
            return {"deleted_at": None, "deleted_reason": None}
        case Ticket.ExternalUpdateRecorded(attributes=attributes):
            return {"external_attributes": row.get("external_attributes", {}) | attributes}
        case _:
            return {}


def _weight(event: Ticket.Opened | Ticket.Prioritized) -> Row:
    return {"priority_rank": RANKS[event.priority], "priority_overridden": event.overridden}


def _external(external: ExternalReference | None) -> Row:
    if external is None:
        return {}
    return {"external_system": external.system, "external_number": external.number}


def _settled(event: Ticket.Resolved | Ticket.Closed, status: Status) -> Row:
    row: Row = {"status": status.value, "waiting_reason": None}
    # Whoever closes a resolved ticket without a word leaves what was said when it was resolved.
    if event.resolution:
        row["resolution"] = event.resolution
    if event.resolution_code:
        row["resolution_code"] = event.resolution_code
    return row


def _heading(event: Ticket.Opened) -> Row:
    return {
        "number": str(event.ticket_number),
        "external_number": event.external and event.external.number,
        "customer_id": event.customer_id,
    }


def _joining(event: Event) -> Joining | None:
    match event:
        case Ticket.Commented(body=text, public=public):
            return Joining(text, internal=not public)
        case Ticket.Resolved(resolution=text) | Ticket.Closed(resolution=text):
            return Joining(text)
        case _:
            return None


SEARCHED: Final = Searched(
    kind="ticket",
    record=Ticket,
    heading=_heading,
    title="title",
    body=("description",),
    joining=_joining,
    gone=(Ticket.Deleted,),
    back=(Ticket.Restored,),
)
VIEW: Final = record_view(tickets, Ticket, _also, shape=4, alone=True)
