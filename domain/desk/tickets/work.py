"""What is done about a ticket: who has it, what it waits for, what is written on it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from domain.base import Change, Event
from domain.desk.statuses import Status, WaitingReason, require_open, require_reason
from domain.desk.tickets.state import TEXT_LIMIT, TicketState
from domain.errors import Conflict, Invalid
from domain.personal import Impersonal, Personal
from domain.rules import Line
from domain.values import GroupId, UserId

REASSIGNMENT_LIMIT = 1_000_000


class TicketAlreadyStarted(Conflict):
    """The ticket {id} is already in progress."""


class TicketAlreadyWaiting(Conflict):
    """The ticket {id} already waits for this."""


class AssignmentMissing(Invalid):
    """An assignment names a group, a person, or both."""

    field = "group_id"


class ReassignmentCountFalls(Invalid):
    """A ticket was reassigned {known} times already; the total can not become {total}."""

    field = "reassignment_count"


class ReassignmentCountTooHigh(Invalid):
    """A ticket is reassigned {limit} times at most; the total can not become {total}."""

    field = "reassignment_count"


Author = Annotated[
    str,
    Line(200),
    Impersonal("The id under which somebody acted; their name is in their own record."),
]


class Work(TicketState, abstract=True):
    """What may happen to the work on a ticket."""

    class Assigned(Change):
        """The ticket was given to a group, a person, or both; totals are after this event."""

        # Neither is named where another system took both away.
        TOPIC = "ticket.assigned"
        group_id: GroupId | None
        assignee_id: UserId | None
        status: Status
        reassignment_count: int

    class Unassigned(Event):
        """Nobody works on the ticket any more; it is back in its group's queue."""

        TOPIC = "ticket.unassigned"

        def apply(self, ticket: TicketState) -> None:
            ticket.assignee_id = None
            ticket.status = Status.NEW
            ticket.waiting_reason = None

    class Started(Event):
        """Work on the ticket began, or goes on."""

        TOPIC = "ticket.started"

        def apply(self, ticket: TicketState) -> None:
            ticket.status = Status.IN_PROGRESS
            ticket.waiting_reason = None

    class PutOnHold(Event):
        """Work waits for somebody else."""

        TOPIC = "ticket.put_on_hold"
        status: Status
        reason: WaitingReason | None

        def apply(self, ticket: TicketState) -> None:
            ticket.status = self.status
            ticket.waiting_reason = self.reason

    class Commented(Event):
        """Somebody wrote on the ticket."""

        TOPIC = "ticket.commented"
        comment_id: UUID
        author: Author
        body: Annotated[str, Line(TEXT_LIMIT), Personal()]
        public: bool
        first_response: bool

        def apply(self, ticket: TicketState) -> None:
            if self.first_response:
                ticket.first_response_at = self.timestamp

    def assign(
        self,
        *,
        group_id: GroupId | None,
        assignee_id: UserId | None,
        at: datetime,
        queued: bool = False,
        reassignment_count: int | None = None,
    ) -> None:
        """Give the ticket to a group, a person, or both.

        A new ticket becomes `assigned`, unless it is only `queued` for somebody to take it up.
        Moving from one group to another counts as a reassignment; a total that the source
        system states (`reassignment_count`) takes precedence over ours, unless it falls.
        """
        self.require_changeable()
        require_open(self.status, "assigned")
        if group_id is None and assignee_id is None:
            raise AssignmentMissing
        moved = None not in (self.group_id, group_id) and group_id != self.group_id
        self.change(
            self.Assigned,
            at,
            group_id=group_id,
            assignee_id=assignee_id,
            status=Status.ASSIGNED if self.status is Status.NEW and not queued else self.status,
            reassignment_count=self._total(reassignment_count, self.reassignment_count + moved),
        )

    def record_assignment(
        self,
        *,
        group_id: GroupId | None,
        assignee_id: UserId | None,
        at: datetime,
        reassignment_count: int | None = None,
    ) -> None:
        """Keep what another system says of who has the ticket; the status stays.

        There, unlike here, nobody may have it, and a settled ticket may change hands.
        """
        self.require_changeable()
        self.change(
            self.Assigned,
            at,
            group_id=group_id,
            assignee_id=assignee_id,
            status=self.status,
            reassignment_count=self._total(reassignment_count, self.reassignment_count),
        )

    def unassign(self, *, at: datetime) -> None:
        """Hand the ticket back to its group's queue: nobody has it, and it is `new` again."""
        self.require_changeable()
        require_open(self.status, "handed back")
        if self.assignee_id is not None or self.status is not Status.NEW:
            self.record(self.Unassigned, at)

    def start(self, *, at: datetime) -> None:
        """Begin or resume work."""
        self.require_changeable()
        require_open(self.status, "started")
        if self.status is Status.IN_PROGRESS:
            raise TicketAlreadyStarted(id=self.id)
        self.record(self.Started, at)

    def put_on_hold(self, status: Status, reason: WaitingReason | None, *, at: datetime) -> None:
        """Let the work wait for the customer or a third party."""
        self.require_changeable()
        require_open(self.status, "put on hold")
        require_reason(status, reason)
        if (self.status, self.waiting_reason) == (status, reason):
            raise TicketAlreadyWaiting(id=self.id)
        self.record(self.PutOnHold, at, status=status, reason=reason)

    def comment(
        self,
        comment_id: UUID,
        body: str,
        *,
        author: str,
        public: bool,
        by_staff: bool,
        at: datetime,
    ) -> None:
        """Write on the ticket; staff's first public word is the first response."""
        self.require_changeable()
        self.record(
            self.Commented,
            at,
            comment_id=comment_id,
            author=author,
            body=body,
            public=public,
            first_response=public and by_staff and self.first_response_at is None,
        )

    def _total(self, stated: int | None, counted: int) -> int:
        if stated is None:
            return counted
        if stated < self.reassignment_count:
            raise ReassignmentCountFalls(known=self.reassignment_count, total=stated)
        if stated > REASSIGNMENT_LIMIT:
            raise ReassignmentCountTooHigh(limit=REASSIGNMENT_LIMIT, total=stated)
        return stated
