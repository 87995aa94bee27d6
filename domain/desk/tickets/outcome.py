"""How a ticket ends: resolved, closed, taken up again, deleted and restored."""

from datetime import datetime
from typing import Annotated

from domain.base import Event
from domain.desk.statuses import OPEN, Status, StatusForbids, require_open
from domain.desk.tickets.state import REASON_LIMIT, TEXT_LIMIT, TicketState
from domain.errors import Conflict, Invalid
from domain.personal import Impersonal, Personal
from domain.rules import Line, Text


class TicketNotDeleted(Conflict):
    """The ticket {id} is not deleted."""


class TicketNotReopenable(Conflict):
    """The ticket {id} is `{status}`: only a resolved or closed ticket can be reopened."""


class ResolutionMissing(Invalid):
    """A ticket that was never resolved is closed with a resolution that says why."""

    field = "resolution"


Resolution = Annotated[str, Text(TEXT_LIMIT), Personal()]
Code = Annotated[str, Text(50), Impersonal("A label of the desk that many tickets share.")]
Reason = Annotated[str, Text(REASON_LIMIT), Personal()]


class Outcome(TicketState, abstract=True):
    """What may happen at a ticket's end."""

    class Resolved(Event):
        """The provider holds the request to be settled."""

        TOPIC = "ticket.resolved"
        resolution: Resolution
        resolution_code: Code

        def apply(self, ticket: TicketState) -> None:
            ticket.status = Status.RESOLVED
            ticket.waiting_reason = None
            ticket.resolved_at = self.timestamp
            ticket.resolution_code = self.resolution_code

    class Closed(Event):
        """The matter is at an end."""

        TOPIC = "ticket.closed"
        resolution: Resolution
        resolution_code: Code

        def apply(self, ticket: TicketState) -> None:
            ticket.status = Status.CLOSED
            ticket.waiting_reason = None
            ticket.closed_at = self.timestamp
            # Closing without a word leaves what was said when the ticket was resolved.
            ticket.resolution_code = self.resolution_code or ticket.resolution_code

    class Reopened(Event):
        """The matter was not settled after all; the total is after this event."""

        TOPIC = "ticket.reopened"
        reason: Reason
        reopen_count: int

        def apply(self, ticket: TicketState) -> None:
            ticket.status = Status.IN_PROGRESS
            ticket.reopen_count = self.reopen_count
            ticket.resolved_at = None
            ticket.closed_at = None
            ticket.resolution_code = ""

    class Deleted(Event):
        """The ticket was taken out of sight."""

        TOPIC = "ticket.deleted"
        reason: Annotated[str, Line(REASON_LIMIT), Personal()]

        def apply(self, ticket: TicketState) -> None:
            ticket.deleted_at = self.timestamp

    class Restored(Event):
        """The ticket is back in sight."""

        TOPIC = "ticket.restored"
        reason: Reason

        def apply(self, ticket: TicketState) -> None:
            ticket.deleted_at = None

    def resolve(self, *, resolution: str, resolution_code: str = "", at: datetime) -> None:
        """Declare the request settled."""
        self.require_changeable()
        require_open(self.status, "resolved")
        self.record(self.Resolved, at, resolution=resolution, resolution_code=resolution_code)

    def close(self, *, resolution: str = "", resolution_code: str = "", at: datetime) -> None:
        """End the matter; one that was never resolved needs a resolution that says why."""
        self.require_changeable()
        if self.status is Status.CLOSED:
            raise StatusForbids(status=self.status.value, action="closed")
        said = resolution.strip() or resolution_code.strip()
        if self.status in OPEN and not said:
            raise ResolutionMissing
        self.record(self.Closed, at, resolution=resolution, resolution_code=resolution_code)

    def reopen(self, *, reason: str, at: datetime) -> None:
        """Take the work up again; raises `TicketNotReopenable` while it is open."""
        self.require_changeable()
        if self.status in OPEN:
            raise TicketNotReopenable(id=self.id, status=self.status.value)
        self.record(self.Reopened, at, reason=reason, reopen_count=self.reopen_count + 1)

    def delete(self, *, reason: str, at: datetime) -> None:
        """Take the ticket out of sight, with a reason; nothing is erased."""
        self.require_changeable()
        self.record(self.Deleted, at, reason=reason)

    def restore(self, *, reason: str = "", at: datetime) -> None:
        """Bring a deleted ticket back; raises `TicketNotDeleted`."""
        if self.deleted_at is None:
            raise TicketNotDeleted(id=self.id)
        self.record(self.Restored, at, reason=reason)
