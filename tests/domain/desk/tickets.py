"""Tickets in every status, and everything that may be asked of them."""

from collections.abc import Callable

from domain.desk.priorities import Level
from domain.desk.statuses import Status
from domain.desk.tickets import Ticket
from domain.values import Requester
from tests.given import (
    COMMENT,
    GROUP,
    T1,
    USER,
    Fact,
    assigned,
    closed,
    opened,
    put_on_hold,
    resolved,
    started,
)

waits_for_customer = put_on_hold(status=Status.WAITING_CUSTOMER, reason=None)
queued = assigned(assignee_id=None, status=Status.NEW)
grouped = assigned(assignee_id=None)

OPEN_TICKETS: dict[str, tuple[Fact, ...]] = {
    "new": (opened,),
    "assigned": (opened, assigned),
    "in_progress": (opened, assigned, started),
    "waiting_customer": (opened, assigned, waits_for_customer),
    "waiting_third_party": (opened, assigned, put_on_hold),
}
SETTLED_TICKETS: dict[str, tuple[Fact, ...]] = {
    "resolved": (opened, resolved),
    "closed": (opened, resolved, closed),
    "closed without resolving": (opened, closed),
}

Call = Callable[[Ticket], None]

WORK: dict[str, Call] = {
    "assign": lambda t: t.assign(group_id=GROUP, assignee_id=USER, at=T1),
    "unassign": lambda t: t.unassign(at=T1),
    "start": lambda t: t.start(at=T1),
    "put_on_hold": lambda t: t.put_on_hold(Status.WAITING_CUSTOMER, None, at=T1),
    "resolve": lambda t: t.resolve(resolution="Done.", at=T1),
}
"""What is done to open tickets only."""
EVERYTHING: dict[str, Call] = WORK | {
    "retitle": lambda t: t.change(Ticket.Retitled, T1, title="New"),
    "describe": lambda t: t.change(Ticket.Described, T1, description="New"),
    "categorize": lambda t: t.change(Ticket.Categorized, T1, category="new"),
    "tag": lambda t: t.change(Ticket.Tagged, T1, tags=("new",)),
    "change_requester": lambda t: t.change(Ticket.RequesterChanged, T1, requester=Requester("Bo")),
    "prioritize": lambda t: t.prioritize(impact=Level.LOW, urgency=Level.LOW, at=T1),
    "comment": lambda t: t.comment(
        COMMENT, "Hello", author="Tess", public=True, by_staff=True, at=T1
    ),
    "close": lambda t: t.close(resolution="Done.", at=T1),
    "reopen": lambda t: t.reopen(reason="Again.", at=T1),
    "delete": lambda t: t.delete(reason="Twice.", at=T1),
    "record_assignment": lambda t: t.record_assignment(group_id=None, assignee_id=USER, at=T1),
    "record_external_update": lambda t: t.record_external_update({"a": "b"}, at=T1),
}
