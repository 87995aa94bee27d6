"""The open tickets of a customer: the most urgent ones, and how many there are of which kind."""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta
from sqlalchemy import ColumnElement, ScalarSelect, func, literal_column, select

from domain.actors import Actor
from domain.desk.priorities import Priority
from domain.desk.statuses import Status, WaitingReason
from projections.desk import groups, tickets
from projections.people import users
from readapi.customers.overview.parts import Part, Records, as_json, count_by
from readapi.customers.overview.subject import Subject
from readapi.desk.tickets import number_of
from readapi.documents import CreatedAt, Id, Named, UpdatedAt
from readapi.fields import Composed, Reference

_t = tickets.VIEW.tables[0].c


class OpenTicket(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket that is still being worked on."""

    id: Id
    number: Annotated[str, Meta(description="What people call it.", examples=["T-000123"])]
    title: Annotated[str, Meta(examples=["The printer on floor 3 jams"])]
    priority: Annotated[Priority, Meta(examples=["medium"])]
    status: Annotated[Status, Meta(examples=["assigned"])]
    waiting_reason: Annotated[WaitingReason | None, Meta(examples=[None])]
    assignee: Annotated[Named | None, Meta(description="The person who has it.")]
    group: Annotated[Named | None, Meta(description="The group that has it.")]
    created_at: CreatedAt
    updated_at: UpdatedAt


class OpenTickets(msgspec.Struct, frozen=True, kw_only=True):
    """The tickets that are still being worked on, without deleted ones."""

    data: Annotated[
        list[OpenTicket], Meta(description="The most urgent ones; of one priority, the newest.")
    ]
    total: Annotated[int, Meta(examples=[1])]
    by_status: Annotated[
        dict[str, int],
        Meta(description="How many have each status.", examples=[{"assigned": 1}]),
    ]
    by_priority: Annotated[
        dict[str, int],
        Meta(description="How many have each priority.", examples=[{"medium": 1}]),
    ]


_RECORDS: Final = Records(
    OpenTicket,
    tickets.VIEW.tables[0],
    references=(Reference("assignee", users.VIEW), Reference("group", groups.VIEW)),
    composed=(Composed("number", (_t.ticket_number,), number_of),),
)


def open_of(subject: Subject) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of the customer's open tickets, as the index on them has it."""
    # Written out: a value that is sent could not be known to be the index's own.
    settled: list[ColumnElement[str]] = [literal_column("'resolved'"), literal_column("'closed'")]
    return subject.has(_t.customer_id), _t.deleted_at.is_(None), _t.status.not_in(settled)


def _value(subject: Subject) -> ScalarSelect[Any]:
    where = open_of(subject)
    return select(
        as_json(
            data=_RECORDS.first(where, _t.priority_rank, _t.created_at.desc(), _t.id.desc()),
            total=select(func.count()).where(*where).scalar_subquery(),
            by_status=count_by(_t.status, *where),
            by_priority=count_by(_t.priority, *where),
        )
    ).scalar_subquery()


def _shown(value: Any, actor: Actor) -> OpenTickets:
    return OpenTickets(**{**value, "data": _RECORDS.shown(value["data"], actor)})


PART: Final = Part(views=(tickets.VIEW, users.VIEW, groups.VIEW), value=_value, shown=_shown)
