"""Users as staff reads them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import ColumnElement, or_, select

from domain.actors import Role
from domain.people.users import UserNotFound
from projections.customers import customers
from projections.people import users
from readapi.asof import AsOf, name_as_of, record
from readapi.context import Context
from readapi.names import Named, named
from readapi.pages import Listing, Order, Page, Paged, Sort, read_page
from readapi.parameters import Text, Words


class UserStatus(StrEnum):
    """Whether the user may act."""

    ACTIVE = "active"
    DEACTIVATED = "deactivated"


class UserSort(StrEnum):
    """What users are sorted by."""

    NAME = "name"
    EMAIL = "email"
    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"


class UserDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A user, as they stand or stood."""

    id: UUID
    name: Annotated[str, Meta(examples=["Anna Berger"])]
    email: Annotated[str, Meta(description="Empty for somebody known by name only.")]
    role: Role
    customer: Annotated[Named | None, Meta(description="Where what a portal user sees ends.")]
    status: UserStatus
    created_at: datetime
    updated_at: datetime
    version: Annotated[int, Meta(description="Send it as `If-Match` to decide on what you saw.")]


class UserPage(Page[UserDocument], frozen=True):
    """One page of users."""


class UserList(Paged, frozen=True, kw_only=True):
    """What the list of users is narrowed to; everything that is sent has to hold."""

    search: Annotated[Words | None, Meta(description="Part of the name or the address.")] = None
    name: Annotated[Text | None, Meta(description="Part of the name.")] = None
    email: Annotated[Text | None, Meta(description="The whole address.")] = None
    role: Role | None = None
    customer_id: UUID | None = None
    status: UserStatus | None = None
    sort: UserSort = UserSort.NAME
    order: Order = Order.ASC


_u, _c = users.users.c, customers.customers.c

LISTING: Final = Listing(
    views=("users", "customers"),
    rows=select(users.users, _c.name.label("customer_name")).outerjoin(
        customers.customers, _c.id == _u.customer_id
    ),
    key=_u.id,
    sorts={sort: Sort(_u[sort.value]) for sort in UserSort},
)


def document(row: Mapping[str, Any]) -> UserDocument:
    """Return the document of a row of the listing."""
    return UserDocument(
        id=row["id"],
        name=row["name"],
        email=row["email"],
        role=Role(row["role"]),
        customer=named(row["customer_id"], row["customer_name"]),
        status=UserStatus(row["status"]),
        created_at=row["created_at"].astimezone(UTC),
        updated_at=row["updated_at"].astimezone(UTC),
        version=row["version"],
    )


async def list_users(query: UserList, ctx: Context) -> UserPage:
    """Return a page of users."""
    return await read_page(UserPage, document, ctx, LISTING, query=query, where=_conditions(query))


async def read_user(query: AsOf, ctx: Context) -> UserDocument:
    """Return one user.

    Raises `UserNotFound`.
    """
    row = await record(query, ctx, users.VIEW, LISTING)
    if row is None:
        raise UserNotFound(id=ctx.asked.id)
    if query.asked:
        at, position = query.as_of, query.as_of_position
        name = await name_as_of(ctx.log, customers.VIEW, row["customer_id"], at, position)
        row = {**row, "customer_name": name}
    return document(row)


def _conditions(query: UserList) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.search is not None:
        conditions.append(
            or_(
                _u.name.icontains(query.search, autoescape=True),
                _u.email.icontains(query.search, autoescape=True),
            )
        )
    if query.name is not None:
        conditions.append(_u.name.icontains(query.name, autoescape=True))
    if query.email is not None:
        conditions.append(_u.email == query.email.lower())
    if query.role is not None:
        conditions.append(_u.role == query.role.value)
    if query.customer_id is not None:
        conditions.append(_u.customer_id == query.customer_id)
    if query.status is not None:
        conditions.append(_u.status == query.status.value)
    return conditions
