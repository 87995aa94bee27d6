"""Locations as they are read; a portal user sees those of their customer, not how to get in."""

from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta

from domain.actors import EVERYONE
from domain.customers.coordinates import Coordinates
from domain.customers.locations import LocationNotFound
from projections.customers import customers, locations
from readapi.documents import (
    FOR_STAFF,
    CreatedAt,
    Custom,
    Id,
    Located,
    Named,
    Status,
    UpdatedAt,
    Version,
)
from readapi.fields import Reference, customs
from readapi.filters import Contains, Customized
from readapi.parameters import CustomPairs, Text, Words
from readapi.queries import ByName
from readapi.resources import Resource

_POINT: Final = {"latitude": 52.5321, "longitude": 13.3849}


class LocationDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A place of a customer, as it stands or stood."""

    id: Id
    customer: Named
    name: Annotated[str, Meta(examples=["Plant South"])]
    address: Located
    opening_hours: Annotated[
        str, Meta(description="When somebody is there, in words.", examples=["Mon-Fri 7-16"])
    ]
    access_notes: Annotated[
        str | None,
        FOR_STAFF,
        Meta(
            description="How to get in; null to customers' people.",
            examples=["The porter has the key."],
        ),
    ]
    coordinates: Annotated[
        Coordinates | None, Meta(description="In degrees (WGS 84).", examples=[_POINT])
    ]
    custom: Custom
    status: Annotated[Status, Meta(description="Whether the customer is there.")]
    created_at: CreatedAt
    updated_at: UpdatedAt
    version: Version


class LocationList(ByName, frozen=True, kw_only=True):
    """What the list of locations is narrowed to; everything that is sent has to hold."""

    search: Annotated[
        Words | None, Meta(description="Part of the name, the street or the city.")
    ] = None
    customer_id: UUID | None = None
    country: Annotated[
        Text | None, Meta(description="Two letters (ISO 3166-1).", examples=["DE"])
    ] = None
    postal_code: Annotated[Text | None, Meta(description="The whole code.", examples=["10115"])] = (
        None
    )
    custom: CustomPairs = ()


_l = locations.VIEW.tables[0].c

RESOURCE: Final = Resource(
    kind="location",
    path="/locations",
    view=locations.VIEW,
    document=LocationDocument,
    query=LocationList,
    missing=LocationNotFound,
    may=EVERYONE,
    bound=_l.customer_id,
    references=(Reference("customer", customers.VIEW),),
    composed=(customs(_l.custom),),
    filters={
        "search": Contains(_l.name, _l.address["street"].astext, _l.address["city"].astext),
        "custom": Customized(_l.custom),
        "country": lambda country: _l.address["country"].astext == country.upper(),
        "postal_code": lambda code: _l.address["postal_code"].astext == code,
    },
)
