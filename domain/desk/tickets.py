"""Tickets: a customer's request, from first contact to agreed resolution.

The module is long because the ticket's whole life is one aggregate: first what can happen
(the events), then what may be decided, then what each event changes.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from eventsourcing.domain import event

from domain.base import AggregateRoot, Created, Event
from domain.desk.priorities import Level, Priority, priority_of
from domain.desk.statuses import (
    OPEN,
    Status,
    StatusForbids,
    WaitingReason,
    require_open,
    require_reason,
)
from domain.errors import Conflict, Invalid, NotFound
from domain.rules import (
    TextMissing,
    limit_text,
    optional_email,
    require_length,
    require_text,
)
from domain.values import CustomerId, ExternalReference, GroupId, Requester, TicketId, UserId


class TicketNotFound(NotFound):
    """There is no ticket {id}."""


class TicketDeleted(Conflict):
    """The ticket {id} is deleted; restore it first."""


class TicketNotDeleted(Conflict):
    """The ticket {id} is not deleted."""


class TicketAlreadyStarted(Conflict):
    """The ticket {id} is already in progress."""


class TicketAlreadyWaiting(Conflict):
    """The ticket {id} already waits for this."""


class TicketNotReopenable(Conflict):
    """The ticket {id} is `{status}`: only a resolved or closed ticket can be reopened."""


class TicketNumberInvalid(Invalid):
    """A ticket number is 1 or more, not {number}."""

    field = "ticket_number"


class AssignmentMissing(Invalid):
    """An assignment names a group, a person, or both."""

    field = "group_id"


class ReassignmentCountFalls(Invalid):
    """A ticket was reassigned {known} times already; the total can not become {total}."""

    field = "reassignment_count"


class ReassignmentCountTooHigh(Invalid):
    """A ticket is reassigned {limit} times at most; the total can not become {total}."""

    field = "reassignment_count"


class ResolutionMissing(Invalid):
    """A ticket that was never resolved is closed with a resolution that says why."""

    field = "resolution"


class TooManyTags(Invalid):
    """A ticket has at most {limit} tags."""

    field = "tags"


class TooManyAttributes(Invalid):
    """At most {limit} attributes of another system are kept."""

    field = "attributes"


class Source(StrEnum):
    """How a ticket reached us."""

    PORTAL = "portal"
    EMAIL = "email"
    PHONE = "phone"
    MONITORING = "monitoring"
    API = "api"
    IMPORT = "import"


TITLE_LIMIT = 200
TEXT_LIMIT = 50_000
TAG_LIMIT = 20
ATTRIBUTE_LIMIT = 100
REASSIGNMENT_LIMIT = 1_000_000


class Ticket(AggregateRoot):
    """A customer's request, from first contact to agreed resolution."""

    TOPIC = "ticket"
    MISSING = TicketNotFound

    class Opened(Created):
        """The customer asked for something."""

        TOPIC = "ticket.opened"
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
        external: ExternalReference | None

    class Retitled(Event):
        """The ticket has another title."""

        TOPIC = "ticket.retitled"
        title: str

    class Described(Event):
        """The ticket has another description."""

        TOPIC = "ticket.described"
        description: str

    class Categorized(Event):
        """The ticket belongs to another category."""

        TOPIC = "ticket.categorized"
        category: str

    class Tagged(Event):
        """The ticket has other tags; all of them are named."""

        TOPIC = "ticket.tagged"
        tags: tuple[str, ...]

    class RequesterChanged(Event):
        """Somebody else is the one who asks."""

        TOPIC = "ticket.requester_changed"
        requester: Requester

    class Prioritized(Event):
        """The ticket has another impact, urgency or priority."""

        TOPIC = "ticket.prioritized"
        impact: Level
        urgency: Level
        priority: Priority
        overridden: bool

    class Assigned(Event):
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

    class Started(Event):
        """Work on the ticket began, or goes on."""

        TOPIC = "ticket.started"

    class PutOnHold(Event):
        """Work waits for somebody else."""

        TOPIC = "ticket.put_on_hold"
        status: Status
        reason: WaitingReason | None

    class Commented(Event):
        """Somebody wrote on the ticket."""

        TOPIC = "ticket.commented"
        comment_id: UUID
        author: str
        body: str
        public: bool
        first_response: bool

    class Resolved(Event):
        """The provider holds the request to be settled."""

        TOPIC = "ticket.resolved"
        resolution: str
        resolution_code: str

    class Closed(Event):
        """The matter is at an end."""

        TOPIC = "ticket.closed"
        resolution: str
        resolution_code: str

    class Reopened(Event):
        """The matter was not settled after all; the total is after this event."""

        TOPIC = "ticket.reopened"
        reason: str
        reopen_count: int

    class Deleted(Event):
        """The ticket was taken out of sight."""

        TOPIC = "ticket.deleted"
        reason: str

    class Restored(Event):
        """The ticket is back in sight."""

        TOPIC = "ticket.restored"
        reason: str

    class ExternalUpdateRecorded(Event):
        """The other system touched the record; changed attributes are named, if there are any."""

        TOPIC = "ticket.external_update_recorded"
        attributes: dict[str, str]

    @event(Opened)
    def __init__(
        self,
        *,
        ticket_number: int,
        title: str,
        description: str,
        customer_id: CustomerId,
        requester: Requester,
        category: str,
        tags: tuple[str, ...],
        source: Source,
        impact: Level,
        urgency: Level,
        priority: Priority,
        overridden: bool,
        external: ExternalReference | None,
    ) -> None:
        self.ticket_number = ticket_number
        self.title = title
        self.description = description
        self.customer_id = customer_id
        self.requester = requester
        self.category = category
        self.tags = tags
        self.source = source
        self.impact = impact
        self.urgency = urgency
        self.priority = priority
        self.external = external
        self.priority_overridden = overridden
        self.status = Status.NEW
        self.waiting_reason: WaitingReason | None = None
        self.group_id: GroupId | None = None
        self.assignee_id: UserId | None = None
        self.reassignment_count = 0
        self.reopen_count = 0
        self.first_response_at: datetime | None = None
        self.resolved_at: datetime | None = None
        self.closed_at: datetime | None = None
        self.resolution_code = ""
        self.deleted_at: datetime | None = None
        self.external_attributes: dict[str, str] = {}

    # What may be decided.

    @classmethod
    def open(
        cls,
        id: TicketId,
        *,
        ticket_number: int,
        title: str,
        customer_id: CustomerId,
        at: datetime,
        description: str = "",
        requester: Requester | None = None,
        category: str = "",
        tags: Iterable[str] = (),
        source: Source = Source.API,
        impact: Level = Level.MEDIUM,
        urgency: Level = Level.MEDIUM,
        priority: Priority | None = None,
        external: ExternalReference | None = None,
    ) -> Self:
        """Take up a request; `priority` overrides what impact × urgency ask for."""
        if ticket_number < 1:
            raise TicketNumberInvalid(number=ticket_number)
        return cls._create(
            cls.Opened,
            id=id,
            ticket_number=ticket_number,
            title=require_text("title", title, limit=TITLE_LIMIT),
            description=limit_text("description", description, limit=TEXT_LIMIT),
            customer_id=customer_id,
            requester=_checked_requester(requester or Requester()),
            category=limit_text("category", category, limit=100),
            tags=_checked_tags(tags),
            source=source,
            impact=impact,
            urgency=urgency,
            priority=priority or priority_of(impact, urgency),
            overridden=priority is not None,
            external=_checked_reference(external) if external else None,
            timestamp=at,
        )

    def retitle(self, title: str, *, at: datetime) -> None:
        """Give the ticket another title."""
        self._require_present()
        title = require_text("title", title, limit=TITLE_LIMIT)
        if title != self.title:
            self._retitled(title=title, timestamp=at)

    def describe(self, description: str, *, at: datetime) -> None:
        """Give the ticket another description."""
        self._require_present()
        description = limit_text("description", description, limit=TEXT_LIMIT)
        if description != self.description:
            self._described(description=description, timestamp=at)

    def categorize(self, category: str, *, at: datetime) -> None:
        """Put the ticket into another category."""
        self._require_present()
        category = limit_text("category", category, limit=100)
        if category != self.category:
            self._categorized(category=category, timestamp=at)

    def tag(self, tags: Iterable[str], *, at: datetime) -> None:
        """Replace the ticket's tags."""
        self._require_present()
        checked = _checked_tags(tags)
        if checked != self.tags:
            self._tagged(tags=checked, timestamp=at)

    def change_requester(self, requester: Requester, *, at: datetime) -> None:
        """Say who it is that asks."""
        self._require_present()
        requester = _checked_requester(requester)
        if requester != self.requester:
            self._requester_changed(requester=requester, timestamp=at)

    def prioritize(
        self, *, impact: Level, urgency: Level, override: Priority | None = None, at: datetime
    ) -> None:
        """Weigh the ticket anew; without `override` the priority follows impact × urgency."""
        self._require_present()
        priority = override or priority_of(impact, urgency)
        before = (self.impact, self.urgency, self.priority, self.priority_overridden)
        if (impact, urgency, priority, override is not None) != before:
            self._prioritized(
                impact=impact,
                urgency=urgency,
                priority=priority,
                overridden=override is not None,
                timestamp=at,
            )

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
        self._require_present()
        require_open(self.status, "assigned")
        if group_id is None and assignee_id is None:
            raise AssignmentMissing
        status = Status.ASSIGNED if self.status is Status.NEW and not queued else self.status
        moved = None not in (self.group_id, group_id) and group_id != self.group_id
        reassignment_count = self._total(reassignment_count, self.reassignment_count + moved)
        after = (group_id, assignee_id, status, reassignment_count)
        before = (self.group_id, self.assignee_id, self.status, self.reassignment_count)
        if after != before:
            self._assigned(
                group_id=group_id,
                assignee_id=assignee_id,
                status=status,
                reassignment_count=reassignment_count,
                timestamp=at,
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
        self._require_present()
        reassignment_count = self._total(reassignment_count, self.reassignment_count)
        after = (group_id, assignee_id, reassignment_count)
        if after != (self.group_id, self.assignee_id, self.reassignment_count):
            self._assigned(
                group_id=group_id,
                assignee_id=assignee_id,
                status=self.status,
                reassignment_count=reassignment_count,
                timestamp=at,
            )

    def unassign(self, *, at: datetime) -> None:
        """Hand the ticket back to its group's queue: nobody has it, and it is `new` again."""
        self._require_present()
        require_open(self.status, "handed back")
        if self.assignee_id is not None or self.status is not Status.NEW:
            self._unassigned(timestamp=at)

    def start(self, *, at: datetime) -> None:
        """Begin or resume work."""
        self._require_present()
        require_open(self.status, "started")
        if self.status is Status.IN_PROGRESS:
            raise TicketAlreadyStarted(id=self.id)
        self._started(timestamp=at)

    def put_on_hold(self, status: Status, reason: WaitingReason | None, *, at: datetime) -> None:
        """Let the work wait for the customer or a third party."""
        self._require_present()
        require_open(self.status, "put on hold")
        require_reason(status, reason)
        if (self.status, self.waiting_reason) == (status, reason):
            raise TicketAlreadyWaiting(id=self.id)
        self._put_on_hold(status=status, reason=reason, timestamp=at)

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
        self._require_present()
        self._commented(
            comment_id=comment_id,
            author=require_text("author", author, limit=200),
            body=require_text("body", body, limit=TEXT_LIMIT),
            public=public,
            first_response=public and by_staff and self.first_response_at is None,
            timestamp=at,
        )

    def resolve(self, *, resolution: str, resolution_code: str = "", at: datetime) -> None:
        """Declare the request settled."""
        self._require_present()
        require_open(self.status, "resolved")
        self._resolved(
            resolution=limit_text("resolution", resolution, limit=TEXT_LIMIT),
            resolution_code=limit_text("resolution_code", resolution_code, limit=50),
            timestamp=at,
        )

    def close(self, *, resolution: str = "", resolution_code: str = "", at: datetime) -> None:
        """End the matter; one that was never resolved needs a resolution that says why."""
        self._require_present()
        if self.status is Status.CLOSED:
            raise StatusForbids(status=self.status.value, action="closed")
        resolution = limit_text("resolution", resolution, limit=TEXT_LIMIT)
        resolution_code = limit_text("resolution_code", resolution_code, limit=50)
        if self.status in OPEN and not resolution and not resolution_code:
            raise ResolutionMissing
        self._closed(resolution=resolution, resolution_code=resolution_code, timestamp=at)

    def reopen(self, *, reason: str, at: datetime) -> None:
        """Take the work up again; raises `TicketNotReopenable` while it is open."""
        self._require_present()
        if self.status in OPEN:
            raise TicketNotReopenable(id=self.id, status=self.status.value)
        self._reopened(
            reason=limit_text("reason", reason, limit=2000),
            reopen_count=self.reopen_count + 1,
            timestamp=at,
        )

    def delete(self, *, reason: str, at: datetime) -> None:
        """Take the ticket out of sight, with a reason; nothing is erased."""
        self._require_present()
        self._deleted(reason=require_text("reason", reason, limit=2000), timestamp=at)

    def restore(self, *, reason: str = "", at: datetime) -> None:
        """Bring a deleted ticket back; raises `TicketNotDeleted`."""
        if self.deleted_at is None:
            raise TicketNotDeleted(id=self.id)
        self._restored(reason=limit_text("reason", reason, limit=2000), timestamp=at)

    def record_external_update(self, attributes: Mapping[str, str], *, at: datetime) -> None:
        """Keep what the other system says of attributes that have no place here.

        Recorded even if all of them are as before: somebody touched the record then.
        """
        self._require_present()
        _check_attributes(attributes)
        changed = {k: v for k, v in attributes.items() if self.external_attributes.get(k, "") != v}
        if len(self.external_attributes | changed) > ATTRIBUTE_LIMIT:
            raise TooManyAttributes(limit=ATTRIBUTE_LIMIT)
        self._external_update_recorded(attributes=changed, timestamp=at)

    def _require_present(self) -> None:
        if self.deleted_at is not None:
            raise TicketDeleted(id=self.id)

    def _total(self, stated: int | None, counted: int) -> int:
        if stated is None:
            return counted
        if stated < self.reassignment_count:
            raise ReassignmentCountFalls(known=self.reassignment_count, total=stated)
        if stated > REASSIGNMENT_LIMIT:
            raise ReassignmentCountTooHigh(limit=REASSIGNMENT_LIMIT, total=stated)
        return stated

    # What each event changes.

    @event(Retitled)
    def _retitled(self, *, title: str, timestamp: datetime) -> None:
        self.title = title

    @event(Described)
    def _described(self, *, description: str, timestamp: datetime) -> None:
        self.description = description

    @event(Categorized)
    def _categorized(self, *, category: str, timestamp: datetime) -> None:
        self.category = category

    @event(Tagged)
    def _tagged(self, *, tags: tuple[str, ...], timestamp: datetime) -> None:
        self.tags = tags

    @event(RequesterChanged)
    def _requester_changed(self, *, requester: Requester, timestamp: datetime) -> None:
        self.requester = requester

    @event(Prioritized)
    def _prioritized(
        self,
        *,
        impact: Level,
        urgency: Level,
        priority: Priority,
        overridden: bool,
        timestamp: datetime,
    ) -> None:
        self.impact = impact
        self.urgency = urgency
        self.priority = priority
        self.priority_overridden = overridden

    @event(Assigned)
    def _assigned(
        self,
        *,
        group_id: GroupId | None,
        assignee_id: UserId | None,
        status: Status,
        reassignment_count: int,
        timestamp: datetime,
    ) -> None:
        self.group_id = group_id
        self.assignee_id = assignee_id
        self.status = status
        self.reassignment_count = reassignment_count

    @event(Unassigned)
    def _unassigned(self, *, timestamp: datetime) -> None:
        self.assignee_id = None
        self.status = Status.NEW
        self.waiting_reason = None

    @event(Started)
    def _started(self, *, timestamp: datetime) -> None:
        self.status = Status.IN_PROGRESS
        self.waiting_reason = None

    @event(PutOnHold)
    def _put_on_hold(
        self, *, status: Status, reason: WaitingReason | None, timestamp: datetime
    ) -> None:
        self.status = status
        self.waiting_reason = reason

    @event(Commented)
    def _commented(
        self,
        *,
        comment_id: UUID,
        author: str,
        body: str,
        public: bool,
        first_response: bool,
        timestamp: datetime,
    ) -> None:
        if first_response:
            self.first_response_at = timestamp

    @event(Resolved)
    def _resolved(self, *, resolution: str, resolution_code: str, timestamp: datetime) -> None:
        self.status = Status.RESOLVED
        self.waiting_reason = None
        self.resolved_at = timestamp
        self.resolution_code = resolution_code

    @event(Closed)
    def _closed(self, *, resolution: str, resolution_code: str, timestamp: datetime) -> None:
        self.status = Status.CLOSED
        self.waiting_reason = None
        self.closed_at = timestamp
        # Who closes a resolved ticket without a word leaves what was said when it was resolved.
        self.resolution_code = resolution_code or self.resolution_code

    @event(Reopened)
    def _reopened(self, *, reason: str, reopen_count: int, timestamp: datetime) -> None:
        self.status = Status.IN_PROGRESS
        self.reopen_count = reopen_count
        self.resolved_at = None
        self.closed_at = None
        self.resolution_code = ""

    @event(Deleted)
    def _deleted(self, *, reason: str, timestamp: datetime) -> None:
        self.deleted_at = timestamp

    @event(Restored)
    def _restored(self, *, reason: str, timestamp: datetime) -> None:
        self.deleted_at = None

    @event(ExternalUpdateRecorded)
    def _external_update_recorded(self, *, attributes: dict[str, str], timestamp: datetime) -> None:
        self.external_attributes = self.external_attributes | attributes


def _checked_tags(tags: Iterable[str]) -> tuple[str, ...]:
    checked = sorted({require_text("tags", tag, limit=50).lower() for tag in tags})
    if len(checked) > TAG_LIMIT:
        raise TooManyTags(limit=TAG_LIMIT)
    return tuple(checked)


def _checked_requester(requester: Requester) -> Requester:
    return Requester(
        name=limit_text("requester.name", requester.name, limit=200),
        email=optional_email("requester.email", requester.email),
        phone=limit_text("requester.phone", requester.phone, limit=50),
    )


def _check_attributes(attributes: Mapping[str, str]) -> None:
    # Kept to the letter, blanks too: the other system compares them with its own.
    for name, value in attributes.items():
        if not name.strip():
            raise TextMissing(name="attributes")
        require_length("attributes", name, limit=100)
        require_length(f"attributes.{name}", value, limit=2000)


def _checked_reference(external: ExternalReference) -> ExternalReference:
    return ExternalReference(
        system=require_text("external.system", external.system, limit=50),
        number=require_text("external.number", external.number, limit=100),
    )
