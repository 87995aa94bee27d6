"""The list of tickets: what it can be narrowed to and sorted by."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from domain.desk.priorities import Priority
from domain.desk.statuses import Status
from domain.desk.tickets import Source
from readapi.filters import Deleted
from readapi.pages import Order, Paged
from readapi.parameters import VALUES_LIMIT, From, Text, Until, Words

_SEVERAL = "Several may be sent, separated by commas or one by one."
Statuses = Annotated[tuple[Status, ...], Meta(max_length=VALUES_LIMIT, description=_SEVERAL)]
Priorities = Annotated[tuple[Priority, ...], Meta(max_length=VALUES_LIMIT, description=_SEVERAL)]
Sources = Annotated[tuple[Source, ...], Meta(max_length=VALUES_LIMIT, description=_SEVERAL)]
Tags = Annotated[
    tuple[Text, ...],
    Meta(max_length=VALUES_LIMIT, description="Tickets that have all of these tags."),
]


class TicketList(Paged, frozen=True, kw_only=True):
    """What the list of tickets is narrowed to; everything that is sent has to hold."""

    status: Statuses = ()
    priority: Priorities = ()
    source: Sources = ()
    customer_id: UUID | None = None
    contact_id: UUID | None = None
    location_id: UUID | None = None
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
    sort: Annotated[
        Literal["created_at", "updated_at", "priority", "ticket_number", "status"],
        Meta(description="`status` by its name, `priority` by its weight."),
    ] = "created_at"
    order: Order = Order.DESC
