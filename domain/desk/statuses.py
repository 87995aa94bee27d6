"""The status machine of a ticket, after ITIL's incident lifecycle.

    new → assigned → in_progress ⇄ waiting_customer | waiting_third_party → resolved → closed
                         ▲                                                      │        │
                         └──────────────────────── reopen ──────────────────────┴────────┘

Open tickets move freely among the open statuses: work is picked up, handed back and paused in
any order. Only leaving the open statuses, and coming back, takes a decision of its own.
"""

from enum import StrEnum

from domain.errors import Conflict, Invalid


class Status(StrEnum):
    """Where a ticket stands."""

    NEW = "new"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    WAITING_CUSTOMER = "waiting_customer"
    WAITING_THIRD_PARTY = "waiting_third_party"
    RESOLVED = "resolved"
    CLOSED = "closed"


class WaitingReason(StrEnum):
    """What a waiting ticket waits for."""

    CUSTOMER = "customer"
    VENDOR = "vendor"
    PROBLEM = "problem"
    EVIDENCE = "evidence"
    IMPLEMENTATION = "implementation"
    OTHER = "other"


WAITING = frozenset({Status.WAITING_CUSTOMER, Status.WAITING_THIRD_PARTY})
OPEN = WAITING | {Status.NEW, Status.ASSIGNED, Status.IN_PROGRESS}


class StatusForbids(Conflict):
    """A ticket that is `{status}` can not be {action}."""


class StatusNotWaiting(Invalid):
    """`{status}` is no status of a ticket that waits; it takes one of: {allowed}."""

    field = "status"


class WaitingReasonInvalid(Invalid):
    """`{status}` takes one of these reasons: {allowed}."""

    field = "reason"


_REASONS: dict[Status, frozenset[WaitingReason | None]] = {
    Status.WAITING_CUSTOMER: frozenset({None, WaitingReason.CUSTOMER}),
    Status.WAITING_THIRD_PARTY: frozenset(WaitingReason) - {WaitingReason.CUSTOMER},
}


def require_open(status: Status, action: str) -> None:
    """Raise `StatusForbids` unless the ticket is still being worked on."""
    if status not in OPEN:
        raise StatusForbids(status=status.value, action=action)


def require_reason(status: Status, reason: WaitingReason | None) -> None:
    """Raise `StatusNotWaiting` or `WaitingReasonInvalid` unless the reason explains the waiting.

    Waiting for the customer needs no reason (`customer` marks their organisation rather than
    the requester); waiting for a third party always has one.
    """
    if status not in WAITING:
        names = ", ".join(sorted(s.value for s in WAITING))
        raise StatusNotWaiting(status=status.value, allowed=names)
    allowed = _REASONS[status]
    if reason not in allowed:
        names = ", ".join(sorted(r.value for r in allowed if r))
        raise WaitingReasonInvalid(status=status.value, allowed=names)
