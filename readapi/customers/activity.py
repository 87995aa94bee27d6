"""What is begun for one customer (talks, tickets, people, places) and what happens to it."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import Text, any_, func, literal, literal_column
from sqlalchemy.dialects.postgresql import ARRAY

from domain.actors import READERS
from eventstore.epochs import Epochs
from projections.customers import customers
from projections.timeline import timeline_entries
from readapi.context import Context
from readapi.customers.customers import RESOURCE
from readapi.entries import Entry
from readapi.filters import Condition, equals
from readapi.listings import Narrowed
from readapi.merges import same_as
from readapi.pages import Order, Page, Paged, page_of, read_page
from readapi.parameters import VALUES_LIMIT
from readapi.records import find
from readapi.timelines import LISTING, TimelineEntry, entry_of


class Happened(msgspec.Struct, frozen=True):
    """The record to which it happened."""

    kind: Annotated[str, Meta(examples=["interaction"])]
    id: Annotated[UUID, Meta(examples=["9b0f6e0e-4b67-4ff0-8f4a-9d3d7c1f2a10"])]


class ActivityEntry(TimelineEntry, frozen=True):
    """One thing that happened around a customer."""

    record: Happened


ActivityPage: Final = page_of("Activity", ActivityEntry)


class Activity(Paged, frozen=True, kw_only=True):
    """What part of it is asked for."""

    record: Annotated[
        tuple[Literal["contact", "customer", "interaction", "location", "ticket", "user"], ...],
        Meta(
            max_length=VALUES_LIMIT,
            description="Only what happened to records of these kinds.",
            examples=[["interaction"]],
        ),
    ] = ()
    sort: Literal["position"] = "position"
    order: Annotated[Order, Meta(description="`desc` begins with the newest entry.")] = Order.DESC


_e = timeline_entries.c


async def read_activity(query: Activity, ctx: Context) -> Page[ActivityEntry]:
    """Return a page of what happened around the customer that the path names.

    Raises `CustomerNotFound`.
    """
    customer = await find(RESOURCE, ctx)
    same = await same_as(ctx, customers.VIEW, customer["id"])
    narrowed = Narrowed([], [equals(_e.customer_id)(same), *_of_kinds(query.record)])
    shown = partial(_shown, ctx.epochs)
    return await read_page(ActivityPage, shown, ctx, LISTING, query=query, narrowed=narrowed)


def _of_kinds(kinds: tuple[str, ...]) -> list[Condition]:
    if not kinds:
        return []
    kind = func.split_part(_e.kind, literal_column("'.'"), literal_column("1"))
    return [kind == any_(literal(list(kinds), ARRAY(Text)))]


def _shown(epochs: Epochs, row: Mapping[str, Any]) -> ActivityEntry:
    entry = msgspec.structs.asdict(entry_of(row, provenance=epochs))
    return ActivityEntry(
        **entry, record=Happened(kind=row["kind"].partition(".")[0], id=row["record_id"])
    )


ENTRY: Final = Entry(
    "/customers/{id:str}/activity",
    "read customer activity",
    "Return a page of what was begun for a customer (talks, tickets, contacts, places, users) and "
    "of what happened to itself; first comes what the log learned last. What else happened to a "
    "ticket is in the ticket's own timeline. Customers that are the same count as one.",
    read_activity,
    Activity,
    ActivityPage,
    READERS,
    "The id, or the number: `10042`.",
)
