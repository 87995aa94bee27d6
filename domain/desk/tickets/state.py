"""What a ticket knows of itself: the attributes that all of its concepts share."""

from dataclasses import field
from datetime import datetime

from domain.base import AggregateRoot
from domain.desk.priorities import Level, Priority
from domain.desk.statuses import Status, WaitingReason
from domain.desk.tickets.sources import Source
from domain.errors import Conflict, NotFound
from domain.values import (
    ContactId,
    CustomerId,
    ExternalReference,
    GroupId,
    LocationId,
    Requester,
    UserId,
)

TEXT_LIMIT = 50_000
REASON_LIMIT = 2000


class TicketNotFound(NotFound):
    """There is no ticket {id}."""


class TicketDeleted(Conflict):
    """The ticket {id} is deleted; restore it first."""


class TicketState(AggregateRoot, abstract=True):
    """A ticket as it stands after its last event."""

    ticket_number: int
    title: str
    description: str
    customer_id: CustomerId
    requester: Requester
    category: str
    tags: tuple[str, ...]
    source: Source
    impact: Level
    urgency: Level
    priority: Priority
    overridden: bool
    """The priority was chosen by hand: it does not follow impact × urgency."""
    external: ExternalReference | None
    contact_id: ContactId | None = None
    location_id: LocationId | None = None
    status: Status = Status.NEW
    waiting_reason: WaitingReason | None = None
    group_id: GroupId | None = None
    assignee_id: UserId | None = None
    reassignment_count: int = 0
    reopen_count: int = 0
    first_response_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    resolution_code: str = ""
    deleted_at: datetime | None = None
    external_attributes: dict[str, str] = field(default_factory=dict)

    def require_changeable(self) -> None:
        """Raise `TicketDeleted` once the ticket was taken out of sight."""
        if self.deleted_at is not None:
            raise TicketDeleted(id=self.id)
