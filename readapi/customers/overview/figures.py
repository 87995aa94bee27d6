"""What a customer's tickets come to: how many, how soon, how old."""

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta
from sqlalchemy import ColumnElement, ScalarSelect, func, select

from domain.actors import Actor
from domain.desk.statuses import Status
from projections.desk import tickets
from readapi.customers.overview.parts import Part, as_json, seconds
from readapi.customers.overview.subject import AT, Subject
from readapi.customers.overview.tickets import open_of
from readapi.documents import FOR_STAFF, is_for_staff

_t = tickets.VIEW.tables[0].c
_CLOCK: Final = (
    "In seconds of the wall clock: nights, weekends and waiting count, so that this is not what a "
    "service level is measured by. Null to customers' people, and where there is none."
)


class TicketFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How a customer's tickets stand; deleted ones do not count."""

    open: Annotated[int, Meta(description="Neither resolved nor closed.", examples=[1])]
    waiting_for_customer: Annotated[int, Meta(description="Of the open ones.", examples=[0])]
    oldest_open_at: Annotated[
        datetime | None,
        Meta(description="When the oldest open one was opened.", examples=["2026-01-05T09:00:00Z"]),
    ]
    oldest_open_seconds: Annotated[
        int | None, Meta(description="Its age, of the wall clock.", examples=[86_400])
    ]
    opened_30_days: Annotated[int, Meta(description="In the last 30 days.", examples=[4])]
    opened_365_days: Annotated[int, Meta(description="In the last 365 days.", examples=[61])]
    closed_30_days: Annotated[
        int, Meta(description="In the last 30 days, and not opened again since.", examples=[5])
    ]
    closed_365_days: Annotated[
        int, Meta(description="In the last 365 days, and not opened again since.", examples=[60])
    ]
    mean_first_response_seconds: Annotated[
        int | None,
        FOR_STAFF,
        Meta(
            description="From opening to the first answer, of the tickets that were opened in "
            f"the last 90 days and answered. {_CLOCK}",
            examples=[5_400],
        ),
    ]
    mean_resolution_seconds: Annotated[
        int | None,
        FOR_STAFF,
        Meta(
            description="From opening to resolution (to closing, where nobody resolved it first), "
            f"of the tickets that were closed in the last 90 days. {_CLOCK}",
            examples=[172_800],
        ),
    ]


_HIDDEN: Final = [
    field.name for field in msgspec.structs.fields(TicketFigures) if is_for_staff(field.type)
]


def _value(subject: Subject) -> ScalarSelect[Any]:
    open_ones, opened, closed = _open(subject), _opened(subject), _closed(subject)
    columns = [*open_ones.c, *opened.c, *closed.c]
    figures = as_json(**{str(column.name): column for column in columns})
    # Each of the three is one row.
    return select(figures).select_from(open_ones, opened, closed).scalar_subquery()


def _open(subject: Subject) -> Any:
    oldest: ColumnElement[datetime] = func.min(_t.created_at)
    waiting = func.count().filter(_t.status == Status.WAITING_CUSTOMER.value)
    return (
        select(
            func.count().label("open"),
            waiting.label("waiting_for_customer"),
            oldest.label("oldest_open_at"),
            seconds(AT - oldest).label("oldest_open_seconds"),
        )
        .where(*open_of(subject))
        .subquery("open_ones")
    )


def _opened(subject: Subject) -> Any:
    recent = _t.created_at > subject.ago(days=90)
    return (
        select(
            func.count().filter(_t.created_at > subject.ago(days=30)).label("opened_30_days"),
            func.count().label("opened_365_days"),
            seconds(func.avg(_t.first_response_at - _t.created_at).filter(recent)).label(
                "mean_first_response_seconds"
            ),
        )
        .where(
            subject.has(_t.customer_id),
            _t.created_at > subject.ago(days=365),
            _t.deleted_at.is_(None),
        )
        .subquery("opened")
    )


def _closed(subject: Subject) -> Any:
    recent = _t.closed_at > subject.ago(days=90)
    took = func.coalesce(_t.resolved_at, _t.closed_at) - _t.created_at
    return (
        select(
            func.count().filter(_t.closed_at > subject.ago(days=30)).label("closed_30_days"),
            func.count().label("closed_365_days"),
            seconds(func.avg(took).filter(recent)).label("mean_resolution_seconds"),
        )
        .where(
            subject.has(_t.customer_id),
            _t.closed_at > subject.ago(days=365),
            _t.deleted_at.is_(None),
        )
        .subquery("closed")
    )


def _shown(value: Any, actor: Actor) -> TicketFigures:
    hidden = {} if actor.is_staff else dict.fromkeys(_HIDDEN)
    return msgspec.convert(value | hidden, TicketFigures)


PART: Final = Part(views=(tickets.VIEW,), value=_value, shown=_shown)
