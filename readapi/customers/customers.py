"""Customers as they are read; a portal user sees their own."""

import re
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import String, cast, false

from domain.actors import EVERYONE
from domain.customers.customers import CustomerNotFound
from domain.customers.particulars import Currency, Language, RegisterEntry
from domain.customers.standing import Status
from domain.errors import Invalid
from domain.vat_ids import optional_vat_id
from projections.customers import customers
from projections.people import users
from readapi.customers.customer_list import CustomerList
from readapi.documents import FOR_STAFF, CreatedAt, Custom, Id, Located, Named, UpdatedAt, Version
from readapi.fields import Reference, customs
from readapi.filters import Condition, Contains, Customized, Since, Tagged, UpTo
from readapi.resources import Naming, Resource

_MANAGER: Final = {"id": "6a7f6f0e-52e7-4d09-a6a1-3d7b0d0c8f32", "name": "Anna Berger"}


class CustomerDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A customer, as it stands or stood."""

    id: Id
    number: Annotated[int, Meta(examples=[10042])]
    name: Annotated[str, Meta(description="The legal name.", examples=["Acme Werke GmbH"])]
    trade_name: Annotated[str, Meta(examples=["Acme"])]
    register_entry: Annotated[
        RegisterEntry,
        Meta(examples=[{"court": "Amtsgericht Berlin", "number": "HRB 4711"}]),
    ]
    address: Located
    email_domains: Annotated[list[str], Meta(examples=[["acme.example"]])]
    status: Annotated[
        Status | None,
        FOR_STAFF,
        Meta(description="Where the customer stands.", examples=[Status.ACTIVE]),
    ]
    language: Annotated[
        Language, Meta(description="In which they are written to.", examples=[Language.GERMAN])
    ]
    vat_id: Annotated[str, Meta(examples=["DE136695976"])]
    currency: Annotated[Currency, Meta(examples=[Currency.EUR])]
    payment_days: Annotated[int, Meta(description="Days to pay a bill in.", examples=[14])]
    invoice_email: Annotated[str, Meta(examples=["invoices@acme.example"])]
    notes: Annotated[str | None, FOR_STAFF, Meta(examples=["Rings twice."])]
    tags: Annotated[list[str] | None, FOR_STAFF, Meta(examples=[["gold"]])]
    account_manager: Annotated[
        Named | None,
        FOR_STAFF,
        Meta(description="Who looks after the customer.", examples=[_MANAGER]),
    ]
    parent: Annotated[
        Named | None,
        FOR_STAFF,
        Meta(description="The customer that it belongs to.", examples=[None]),
    ]
    custom: Custom
    merged_into: Annotated[
        UUID | None,
        FOR_STAFF,
        Meta(description="The customer that stands in the place of this one.", examples=[None]),
    ]
    created_at: CreatedAt
    updated_at: UpdatedAt
    version: Version


_c = customers.VIEW.tables[0].c


def number_of(name: str) -> int | None:
    """Return the number that a path names, or None where it names something else."""
    return int(name) if re.fullmatch(r"\d{1,9}", name, re.ASCII) else None


def _numbered(name: str) -> Condition:
    number = number_of(name)
    return false() if number is None else _c.number == number


def _vat_id(written: str) -> Condition:
    try:
        return _c.vat_id == optional_vat_id("vat_id", written)
    except Invalid:  # what is no VAT id is nobody's
        return false()


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
    references=(
        Reference("account_manager", users.VIEW),
        Reference("parent", customers.VIEW),
    ),
    composed=(customs(_c.custom),),
    filters={
        "search": Contains(
            _c.name, _c.trade_name, cast(_c.number, String), _c.vat_id, _c.address["city"].astext
        ),
        "name": Contains(_c.name),
        "email": lambda email: _c.email_domains.contains([email.rpartition("@")[2].lower()]),
        "vat_id": _vat_id,
        "country": lambda code: _c.address["country"].astext == code.upper(),
        "tag": Tagged(_c.tags),
        "custom": Customized(_c.custom),
        "created_from": Since(_c.created_at),
        "created_to": UpTo(_c.created_at),
        "updated_from": Since(_c.updated_at),
        "updated_to": UpTo(_c.updated_at),
    },
)
