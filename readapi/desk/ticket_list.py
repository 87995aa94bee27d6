"""The list of tickets: what it can be narrowed to and sorted by."""

from collections.abc import Sequence
from enum import StrEnum
from operator import eq, ge, le
from typing import Annotated, Final
from uuid import UUID

from msgspec import Meta
from sqlalchemy import Column, ColumnElement, Uuid, any_, literal
from sqlalchemy import Text as SqlText
from sqlalchemy.dialects.postgresql import ARRAY

from domain.actors import READERS
from domain.desk.priorities import Priority
from domain.desk.statuses import Status
from domain.desk.tickets import Source
from projections.desk.tickets import tickets
from readapi.context import Context
from readapi.desk.tickets import ROWS, VIEWS, TicketDocument, document, external_is
from readapi.finds import search_ids
from readapi.pages import Listing, Order, Page, Paged, Sort, read_page
from readapi.parameters import VALUES_LIMIT, From, Text, Until, Words
from readapi.rights import within
from readapi.search import Kind

_t = tickets.c


class Deleted(StrEnum):
    """Whether deleted tickets are shown."""

    NO = "false"
    YES = "true"
    ANY = "any"


class TicketSort(StrEnum):
    """What tickets are sorted by; `status` by its name, `priority` by its weight."""

    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"
    PRIORITY = "priority"
    TICKET_NUMBER = "ticket_number"
    STATUS = "status"


_SEVERAL = "Several may be sent, separated by commas or one by one."
Statuses = Annotated[tuple[Status, ...], Meta(max_length=VALUES_LIMIT, description=_SEVERAL)]
Priorities = Annotated[tuple[Priority, ...], Meta(max_length=VALUES_LIMIT, description=_SEVERAL)]
Sources = Annotated[tuple[Source, ...], Meta(max_length=VALUES_LIMIT, description=_SEVERAL)]
Tags = Annotated[
    tuple[Text, ...],
    Meta(max_length=VALUES_LIMIT, description="Tickets that have all of these tags."),
]


class TicketPage(Page[TicketDocument], frozen=True):
    """One page of tickets."""


class TicketList(Paged, frozen=True, kw_only=True):
    """What the list of tickets is narrowed to; everything that is sent has to hold."""

    status: Statuses = ()
    priority: Priorities = ()
    source: Sources = ()
    customer_id: UUID | None = None
    assigned_to: Annotated[UUID | None, Meta(description="The user who has the ticket.")] = None
    group_id: UUID | None = None
    category: Text | None = None
    tag: Tags = ()
    external: Annotated[
        Text | None,
        Meta(
            description="The number in another system, alone or after the system's name.",
            examples=["INC0000047", "servicenow:INC0000047"],
        ),
    ] = None
    created_from: From | None = None
    created_to: Until | None = None
    updated_from: From | None = None
    updated_to: Until | None = None
    search: Annotated[
        Words | None,
        Meta(description="Words in the ticket's texts; of more than 10000 matches, the best."),
    ] = None
    deleted: Annotated[
        Deleted, Meta(description="Only staff and auditors see what is deleted.")
    ] = Deleted.NO
    sort: TicketSort = TicketSort.CREATED_AT
    order: Order = Order.DESC


LISTING: Final = Listing(
    views=VIEWS,
    rows=ROWS,
    key=_t.id,
    sorts={
        TicketSort.CREATED_AT: Sort(_t.created_at),
        TicketSort.UPDATED_AT: Sort(_t.updated_at),
        TicketSort.PRIORITY: Sort(_t.priority_rank, falling=True),
        TicketSort.TICKET_NUMBER: Sort(_t.ticket_number),
        TicketSort.STATUS: Sort(_t.status),
    },
)


async def list_tickets(query: TicketList, ctx: Context) -> TicketPage:
    """Return a page of tickets.

    Raises `RoleForbidden` and `ParametersInvalid`.
    """
    if query.deleted is not Deleted.NO:
        ctx.actor.require(READERS)
    conditions = [within(ctx.actor, _t.customer_id), *_conditions(query)]
    if query.search is not None:
        conditions.append(await _found(query.search, ctx))
    return await read_page(TicketPage, document, ctx, LISTING, query=query, where=conditions)


def _conditions(query: TicketList) -> list[ColumnElement[bool]]:
    compared = (
        (eq, _t.customer_id, query.customer_id),
        (eq, _t.assignee_id, query.assigned_to),
        (eq, _t.group_id, query.group_id),
        (eq, _t.category, query.category),
        (ge, _t.created_at, query.created_from),
        (le, _t.created_at, query.created_to),
        (ge, _t.updated_at, query.updated_from),
        (le, _t.updated_at, query.updated_to),
    )
    conditions = [test(column, value) for test, column, value in compared if value is not None]
    chosen = ((_t.status, query.status), (_t.priority, query.priority), (_t.source, query.source))
    conditions += [_is_one_of(column, values) for column, values in chosen if values]
    if query.tag:
        conditions.append(_t.tags.contains([tag.lower() for tag in query.tag]))
    if query.external is not None:
        conditions.append(external_is(query.external))
    if query.deleted is not Deleted.ANY:
        present = query.deleted is Deleted.NO
        conditions.append(_t.deleted_at.is_(None) if present else _t.deleted_at.is_not(None))
    return conditions


async def _found(words: str, ctx: Context) -> ColumnElement[bool]:
    ids = await search_ids(words, Kind.TICKET, ctx)
    return _t.id == any_(literal(ids, ARRAY(Uuid)))


def _is_one_of(column: Column[str], values: Sequence[StrEnum]) -> ColumnElement[bool]:
    return column == any_(literal([value.value for value in values], ARRAY(SqlText)))
