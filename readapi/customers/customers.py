"""Customers as they are read; a portal user sees their own."""

import re
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta
from sqlalchemy import String, cast, false

from domain.actors import EVERYONE
from domain.customers.customers import CustomerNotFound
from domain.values import Address
from projections.customers import customers
from readapi.documents import CreatedAt, Id, UpdatedAt, Version
from readapi.filters import Condition, contains
from readapi.pages import Order, Paged
from readapi.parameters import Text, Words
from readapi.resources import Naming, Resource

Status = Literal["active", "archived"]


class CustomerDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A customer, as it stands or stood."""

    id: Id
    number: Annotated[int, Meta(examples=[10042])]
    name: Annotated[str, Meta(examples=["Acme Werke GmbH"])]
    address: Annotated[
        Address,
        Meta(
            examples=[
                {
                    "street": "Hauptstraße 1",
                    "postal_code": "10115",
                    "city": "Berlin",
                    "country": "DE",
                }
            ]
        ),
    ]
    email_domains: Annotated[list[str], Meta(examples=[["acme.example"]])]
    status: Annotated[Status, Meta(description="Whether the provider works for the customer.")]
    created_at: CreatedAt
    updated_at: UpdatedAt
    version: Version


class CustomerList(Paged, frozen=True, kw_only=True):
    """What the list of customers is narrowed to; everything that is sent has to hold."""

    search: Annotated[Words | None, Meta(description="Part of the name or the number.")] = None
    name: Annotated[Text | None, Meta(description="Part of the name.")] = None
    number: Annotated[int, Meta(ge=1, le=999_999_999)] | None = None
    email: Annotated[
        Text | None,
        Meta(description="An address or a domain; finds whose it is.", examples=["acme.example"]),
    ] = None
    status: Status | None = None
    sort: Literal["name", "number", "created_at", "updated_at"] = "name"
    order: Order = Order.ASC


_c = customers.VIEW.tables[0].c


def _numbered(name: str) -> Condition:
    return _c.number == int(name) if re.fullmatch(r"\d{1,9}", name, re.ASCII) else false()


RESOURCE: Final = Resource(
    kind="customer",
    path="/customers",
    view=customers.VIEW,
    document=CustomerDocument,
    query=CustomerList,
    missing=CustomerNotFound,
    may=EVERYONE,
    bound=_c.id,
    named_by=Naming(_numbered, _c.number, "The id, or the number: `10042`."),
    filters={
        "search": contains(_c.name, cast(_c.number, String)),
        "name": contains(_c.name),
        "email": lambda email: _c.email_domains.contains([email.rpartition("@")[2].lower()]),
    },
)
