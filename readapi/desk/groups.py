"""Assignment groups as staff reads them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import ColumnElement, or_, select

from projections.desk import groups
from readapi.asof import AsOf, record
from readapi.context import Context
from readapi.errors import GroupNotFound
from readapi.pages import Listing, Order, Page, Paged, Sort, read_page
from readapi.parameters import Text, Words


class GroupStatus(StrEnum):
    """Whether the group takes tickets."""

    ACTIVE = "active"
    ARCHIVED = "archived"


class GroupSort(StrEnum):
    """What groups are sorted by."""

    NAME = "name"
    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"


class GroupDocument(msgspec.Struct, frozen=True, kw_only=True):
    """An assignment group, as it stands or stood."""

    id: UUID
    name: Annotated[str, Meta(examples=["First level"])]
    description: str
    status: GroupStatus
    created_at: datetime
    updated_at: datetime
    version: Annotated[int, Meta(description="Send it as `If-Match` to decide on what you saw.")]


class GroupPage(Page[GroupDocument], frozen=True):
    """One page of groups."""


class GroupList(Paged, frozen=True, kw_only=True):
    """What the list of groups is narrowed to; everything that is sent has to hold."""

    search: Annotated[Words | None, Meta(description="Part of the name or description.")] = None
    name: Annotated[Text | None, Meta(description="Part of the name.")] = None
    status: GroupStatus | None = None
    sort: GroupSort = GroupSort.NAME
    order: Order = Order.ASC


_g = groups.groups.c

LISTING: Final = Listing(
    views=("groups",),
    rows=select(groups.groups),
    key=_g.id,
    sorts={sort: Sort(_g[sort.value]) for sort in GroupSort},
)


def document(row: Mapping[str, Any]) -> GroupDocument:
    """Return the document of a row."""
    return GroupDocument(
        id=row["id"],
        name=row["name"],
        description=row["description"],
        status=GroupStatus(row["status"]),
        created_at=row["created_at"].astimezone(UTC),
        updated_at=row["updated_at"].astimezone(UTC),
        version=row["version"],
    )


async def list_groups(query: GroupList, ctx: Context) -> GroupPage:
    """Return a page of groups."""
    return await read_page(GroupPage, document, ctx, LISTING, query=query, where=_conditions(query))


async def read_group(query: AsOf, ctx: Context) -> GroupDocument:
    """Return one group.

    Raises `GroupNotFound`.
    """
    row = await record(query, ctx, groups.VIEW, LISTING)
    if row is None:
        raise GroupNotFound(id=ctx.asked.id)
    return document(row)


def _conditions(query: GroupList) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.search is not None:
        conditions.append(
            or_(
                _g.name.icontains(query.search, autoescape=True),
                _g.description.icontains(query.search, autoescape=True),
            )
        )
    if query.name is not None:
        conditions.append(_g.name.icontains(query.name, autoescape=True))
    if query.status is not None:
        conditions.append(_g.status == query.status.value)
    return conditions
