"""Users as staff reads them."""

from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from domain.actors import READERS, Role
from domain.people.users import UserNotFound
from projections.customers import customers
from projections.people import users
from readapi.documents import CreatedAt, Id, Named, UpdatedAt, Version
from readapi.fields import Reference
from readapi.filters import Contains
from readapi.pages import Order, Paged
from readapi.parameters import Text, Words
from readapi.resources import Resource

Status = Literal["active", "deactivated"]


class UserDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A user, as they stand or stood."""

    id: Id
    name: Annotated[str, Meta(examples=["Anna Berger"])]
    email: Annotated[
        str,
        Meta(
            description="Empty for somebody known by name only.",
            examples=["anna.berger@msp.example"],
        ),
    ]
    role: Annotated[Role, Meta(examples=["technician"])]
    customer: Annotated[
        Named | None, Meta(description="Where what a portal user sees ends.", examples=[None])
    ]
    status: Annotated[Status, Meta(description="Whether the user may act.")]
    created_at: CreatedAt
    updated_at: UpdatedAt
    version: Version


class UserList(Paged, frozen=True, kw_only=True):
    """What the list of users is narrowed to; everything that is sent has to hold."""

    search: Annotated[Words | None, Meta(description="Part of the name or the address.")] = None
    name: Annotated[Text | None, Meta(description="Part of the name.")] = None
    email: Annotated[Text | None, Meta(description="The whole address.")] = None
    role: Role | None = None
    customer_id: UUID | None = None
    status: Status | None = None
    sort: Literal["name", "email", "created_at", "updated_at"] = "name"
    order: Order = Order.ASC


_u = users.VIEW.tables[0].c

RESOURCE: Final = Resource(
    kind="user",
    path="/users",
    view=users.VIEW,
    document=UserDocument,
    query=UserList,
    missing=UserNotFound,
    may=READERS,
    bound=None,
    references=(Reference("customer", customers.VIEW),),
    filters={
        "search": Contains(_u.name, _u.email),
        "name": Contains(_u.name),
        "email": lambda address: _u.email == address.lower(),
    },
)
