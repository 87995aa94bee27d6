"""How a ticket gets from where it stands into the state that another system names.

The domain knows which ways there are; here is only which of them to take. A settled ticket is
reopened before it goes anywhere else than from resolved to closed, and one that is to be
`assigned` or `new` again is handed back first.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from domain.desk.statuses import OPEN, Status, WaitingReason
from domain.desk.tickets import Ticket
from domain.values import GroupId, UserId


class State(NamedTuple):
    """Where a ticket stands, and why: together they tell all states of a source apart."""

    status: Status
    reason: str = ""
    """What a waiting ticket waits for, or the resolution code of a settled one."""


class Hands(NamedTuple):
    """Who has the ticket, as the other system states it."""

    group_id: GroupId | None
    assignee_id: UserId | None
    reassignment_count: int | None = None
    """The other system's own total, where it keeps one."""


def state_of(ticket: Ticket) -> State:
    """Return where the ticket stands."""
    return state_told_by(ticket.status, ticket.waiting_reason, ticket.resolution_code)


def state_told_by(status: str, waiting_reason: str | None, resolution_code: str | None) -> State:
    """Return where a ticket stands, as the columns of its row in the view `tickets` tell it."""
    return State(Status(status), waiting_reason or resolution_code or "")


def bring(ticket: Ticket, to: State | None, hands: Hands | None, *, at: datetime) -> None:
    """Bring the ticket into a state and into somebody's hands; None leaves either as it is.

    Raises what the domain refuses.
    """
    if to is not None:
        _make_way(ticket, to.status, at)
    if hands is not None:
        _hand_over(ticket, hands, queued=to is None or to.status is not Status.ASSIGNED, at=at)
    if to is not None:
        _arrive(ticket, to, at)


def keep(ticket: Ticket, attributes: Mapping[str, str], *, at: datetime) -> None:
    """Keep what has no place of its own here; a row that changes nothing else leaves a trace.

    Somebody touched the record then: that is recorded, even if nothing can be said of it.
    """
    known = ticket.external_attributes
    changed = {name: v for name, v in attributes.items() if known.get(name, "") != v}
    if changed or not ticket.pending_events:
        ticket.record_external_update(changed, at=at)


def _make_way(ticket: Ticket, to: Status, at: datetime) -> None:
    closes = ticket.status is Status.RESOLVED and to is Status.CLOSED
    if ticket.status not in OPEN and not closes:
        ticket.reopen(reason="", at=at)
    if to in {Status.NEW, Status.ASSIGNED} and ticket.status is not Status.NEW:
        ticket.unassign(at=at)


def _hand_over(ticket: Ticket, hands: Hands, *, queued: bool, at: datetime) -> None:
    nobody = hands.group_id is None and hands.assignee_id is None
    if nobody or ticket.status not in OPEN:
        ticket.record_assignment(**hands._asdict(), at=at)
    else:
        ticket.assign(**hands._asdict(), queued=queued, at=at)


def _arrive(ticket: Ticket, to: State, at: datetime) -> None:
    match to.status:
        case Status.IN_PROGRESS if ticket.status is not Status.IN_PROGRESS:
            ticket.start(at=at)
        case Status.WAITING_CUSTOMER | Status.WAITING_THIRD_PARTY:
            reason = WaitingReason(to.reason) if to.reason else None
            ticket.put_on_hold(to.status, reason, at=at)
        case Status.RESOLVED:
            ticket.resolve(resolution="", resolution_code=to.reason, at=at)
        case Status.CLOSED:
            ticket.close(resolution_code=to.reason, at=at)
        case _:
            pass  # new, assigned and in_progress were reached on the way
