"""Contacts as they are read; a portal user sees those of their customer, without the notes."""

from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta

from domain.actors import EVERYONE
from domain.customers.contacts import ContactNotFound
from domain.customers.particulars import Language
from domain.customers.people import ContactRole, Salutation
from domain.values import EmailAddress, PhoneNumber
from projections.customers import contacts, customers, locations
from readapi.customers.contact_list import ContactList, called, searched, written_to
from readapi.documents import FOR_STAFF, CreatedAt, Custom, Id, Named, Status, UpdatedAt, Version
from readapi.fields import Reference, customs
from readapi.filters import Customized
from readapi.resources import Resource

_EMAILS: Final = [{"address": "ada@acme.example", "label": "work"}]
_PHONES: Final = [{"number": "+4930901820", "label": "desk"}]
_LOCATION: Final = {"id": "3b0c1f52-9a4e-4c57-8d21-6f0e5b7a9c14", "name": "Plant South"}


class ContactDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A person at a customer, as they stand or stood."""

    id: Id
    customer: Named
    name: Annotated[str, Meta(examples=["Ada Zürn"])]
    title: Annotated[str, Meta(description="Academic.", examples=["Dr."])]
    salutation: Annotated[Salutation, Meta(examples=["ms"])]
    job_title: Annotated[str, Meta(examples=["Head of purchasing"])]
    roles: Annotated[
        list[ContactRole], Meta(description="What they are asked about.", examples=[["main"]])
    ]
    emails: Annotated[
        list[EmailAddress], Meta(description="The preferred one first.", examples=[_EMAILS])
    ]
    phones: Annotated[
        list[PhoneNumber],
        Meta(description="In E.164, the preferred one first.", examples=[_PHONES]),
    ]
    location: Annotated[Named | None, Meta(description="Where they work.", examples=[_LOCATION])]
    language: Annotated[Language, Meta(examples=["de"])]
    notes: Annotated[
        str | None,
        FOR_STAFF,
        Meta(description="Null to customers' people.", examples=["Prefers to be called."]),
    ]
    do_not_contact: Annotated[
        bool,
        Meta(
            description="They want no mail and no call that they did not ask for.", examples=[False]
        ),
    ]
    custom: Custom
    status: Annotated[Status, Meta(description="Whether they speak for the customer.")]
    merged_into: Annotated[
        UUID | None,
        Meta(description="The contact that stands in the place of this one.", examples=[None]),
    ]
    created_at: CreatedAt
    updated_at: UpdatedAt
    version: Version


_c = contacts.VIEW.tables[0].c

RESOURCE: Final = Resource(
    kind="contact",
    path="/contacts",
    view=contacts.VIEW,
    document=ContactDocument,
    query=ContactList,
    missing=ContactNotFound,
    may=EVERYONE,
    bound=_c.customer_id,
    references=(
        Reference("customer", customers.VIEW),
        Reference("location", locations.VIEW),
    ),
    composed=(customs(_c.custom),),
    filters={
        "search": searched,
        "role": lambda roles: _c.roles.overlap([role.value for role in roles]),
        "email": written_to,
        "phone": called,
        "custom": Customized(_c.custom),
    },
)
