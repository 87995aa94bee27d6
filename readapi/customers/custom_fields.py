"""Custom fields as staff reads them: what customers, contacts and locations may have besides."""

from decimal import Decimal
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from domain.actors import READERS
from domain.customers.custom_fields import CustomFieldNotFound, RecordKind
from domain.field_rules import FieldKind
from projections.customers import custom_fields
from readapi.documents import CreatedAt, Id, Status, UpdatedAt, Version
from readapi.filters import Contains
from readapi.pages import Order, Paged
from readapi.parameters import Words
from readapi.resources import Resource

Limit = Annotated[
    Decimal | None,
    Meta(
        description="For `number` and `integer`; null where there is none.",
        examples=[None],
    ),
]


class RulesDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What a custom field takes; each rule counts for the kinds that it names."""

    kind: Annotated[FieldKind, Meta(examples=["choice"])]
    required: Annotated[
        bool, Meta(description="Whether a value can not be taken away.", examples=[True])
    ]
    choices: Annotated[
        list[str],
        Meta(description="For `choice` and `choices`.", examples=[["gold", "silver"]]),
    ]
    minimum: Limit
    maximum: Limit
    scale: Annotated[int, Meta(description="For `number`: decimals.", examples=[2])]
    max_length: Annotated[
        int, Meta(description="For `text` and `url`: characters.", examples=[1000])
    ]


class CustomFieldDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A custom field, as it stands or stood."""

    id: Id
    record_kind: Annotated[RecordKind, Meta(description="Which records have it.")]
    key: Annotated[
        str, Meta(description="What values are stored under.", examples=["service_level"])
    ]
    label_de: Annotated[str, Meta(examples=["Servicestufe"])]
    label_en: Annotated[str, Meta(examples=["Service level"])]
    rules: RulesDocument
    status: Annotated[Status, Meta(description="Whether the field takes values.")]
    created_at: CreatedAt
    updated_at: UpdatedAt
    version: Version


class CustomFieldList(Paged, frozen=True, kw_only=True):
    """What the list of custom fields is narrowed to; everything that is sent has to hold."""

    search: Annotated[Words | None, Meta(description="Part of the key or of a label.")] = None
    record_kind: RecordKind | None = None
    status: Status | None = None
    sort: Literal["key", "created_at", "updated_at"] = "key"
    order: Order = Order.ASC


_f = custom_fields.VIEW.tables[0].c

RESOURCE: Final = Resource(
    kind="custom_field",
    path="/custom-fields",
    view=custom_fields.VIEW,
    document=CustomFieldDocument,
    query=CustomFieldList,
    missing=CustomFieldNotFound,
    may=READERS,
    bound=None,
    filters={"search": Contains(_f.key, _f.label_de, _f.label_en)},
)
