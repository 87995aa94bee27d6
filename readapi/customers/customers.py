"""Customers as they are read; a portal user sees their own."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import ColumnElement, String, cast, or_, select

from domain.values import Address
from projections.customers import customers
from readapi.asof import AsOf, record
from readapi.context import Context
from readapi.errors import CustomerNotFound
from readapi.pages import Listing, Order, Page, Paged, Sort, read_page
from readapi.parameters import Text, Words
from readapi.rights import within


class CustomerStatus(StrEnum):
    """Whether the provider works for the customer."""

    ACTIVE = "active"
    ARCHIVED = "archived"


class CustomerSort(StrEnum):
    """What customers are sorted by."""

    NAME = "name"
    NUMBER = "number"
    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"


class CustomerDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A customer, as it stands or stood."""

    id: UUID
    number: Annotated[int, Meta(examples=[10042])]
    name: Annotated[str, Meta(examples=["Acme Werke GmbH"])]
    address: Address
    email_domains: Annotated[list[str], Meta(examples=[["acme.example"]])]
    status: CustomerStatus
    created_at: datetime
    updated_at: datetime
    version: Annotated[int, Meta(description="Send it as `If-Match` to decide on what you saw.")]


class CustomerPage(Page[CustomerDocument], frozen=True):
    """One page of customers."""


class CustomerList(Paged, frozen=True, kw_only=True):
    """What the list of customers is narrowed to; everything that is sent has to hold."""

    search: Annotated[Words | None, Meta(description="Part of the name or the number.")] = None
    name: Annotated[Text | None, Meta(description="Part of the name.")] = None
    number: Annotated[int, Meta(ge=1, le=999_999_999)] | None = None
    email: Annotated[
        Text | None,
        Meta(description="An address or a domain; finds whose it is.", examples=["acme.example"]),
    ] = None
    status: CustomerStatus | None = None
    sort: CustomerSort = CustomerSort.NAME
    order: Order = Order.ASC


_c = customers.customers.c

LISTING: Final = Listing(
    views=("customers",),
    rows=select(customers.customers),
    key=_c.id,
    sorts={sort: Sort(_c[sort.value]) for sort in CustomerSort},
)


def document(row: Mapping[str, Any]) -> CustomerDocument:
    """Return the document of a row."""
    return CustomerDocument(
        id=row["id"],
        number=row["number"],
        name=row["name"],
        address=Address(**row["address"]),
        email_domains=row["email_domains"],
        status=CustomerStatus(row["status"]),
        created_at=row["created_at"].astimezone(UTC),
        updated_at=row["updated_at"].astimezone(UTC),
        version=row["version"],
    )


async def list_customers(query: CustomerList, ctx: Context) -> CustomerPage:
    """Return a page of customers."""
    conditions = [within(ctx.actor, _c.id), *_conditions(query)]
    return await read_page(CustomerPage, document, ctx, LISTING, query=query, where=conditions)


async def read_customer(query: AsOf, ctx: Context) -> CustomerDocument:
    """Return one customer.

    Raises `CustomerNotFound`.
    """
    customer_id = UUID(ctx.asked.id)
    if not ctx.actor.may_see(customer_id):
        raise CustomerNotFound(id=customer_id)
    row = await record(query, ctx, customers.VIEW, LISTING)
    if row is None:
        raise CustomerNotFound(id=customer_id)
    return document(row)


def _conditions(query: CustomerList) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.search is not None:
        number = cast(_c.number, String)
        conditions.append(
            or_(
                _c.name.icontains(query.search, autoescape=True),
                number.contains(query.search, autoescape=True),
            )
        )
    if query.name is not None:
        conditions.append(_c.name.icontains(query.name, autoescape=True))
    if query.number is not None:
        conditions.append(_c.number == query.number)
    if query.email is not None:
        domain = query.email.rpartition("@")[2].lower()
        conditions.append(_c.email_domains.contains([domain]))
    if query.status is not None:
        conditions.append(_c.status == query.status.value)
    return conditions
