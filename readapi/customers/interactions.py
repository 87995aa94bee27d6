"""Interactions with customers as staff reads them; a customer's people never see any."""

from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from domain.actors import READERS
from domain.customers.interactions import Direction, InteractionKind, InteractionNotFound
from projections.customers import contacts, customers, interactions
from readapi.documents import CreatedAt, Id, Named, Status, UpdatedAt, Version
from readapi.fields import Reference
from readapi.filters import Contains, Since, UpTo
from readapi.pages import Order, Paged
from readapi.parameters import VALUES_LIMIT, From, Until, Words
from readapi.resources import Resource

Kinds = Annotated[
    tuple[InteractionKind, ...],
    Meta(
        max_length=VALUES_LIMIT,
        description="Several may be sent, separated by commas or one by one.",
    ),
]


class InteractionDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A call, a meeting, an e-mail, a note or a visit, as it stands or stood."""

    id: Id
    customer: Named
    kind: InteractionKind
    direction: Annotated[
        Direction, Meta(description="Who began: the customer is `inbound`.", examples=["inbound"])
    ]
    happened_at: Annotated[datetime, Meta(examples=["2026-01-05T09:00:00Z"])]
    minutes: Annotated[
        int | None, Meta(description="How long it took; null where unknown.", examples=[15])
    ]
    subject: Annotated[str, Meta(examples=["Renewal of the contract"])]
    text: Annotated[str, Meta(examples=["They want a second line."])]
    contact_ids: Annotated[
        list[UUID],
        Meta(
            description="The customer's people who took part.",
            examples=[["6a7f6f0e-52e7-4d09-a6a1-3d7b0d0c8f32"]],
        ),
    ]
    status: Annotated[Status, Meta(description="Whether the interaction counts.")]
    created_at: CreatedAt
    updated_at: UpdatedAt
    version: Version


class InteractionList(Paged, frozen=True, kw_only=True):
    """What the list of interactions is narrowed to; everything that is sent has to hold."""

    search: Annotated[Words | None, Meta(description="Part of the subject or the text.")] = None
    customer_id: UUID | None = None
    kind: Kinds = ()
    contact_id: Annotated[
        UUID | None, Meta(description="Somebody who took part, also as a double of theirs.")
    ] = None
    happened_from: From | None = None
    happened_to: Until | None = None
    status: Status | None = None
    sort: Literal["happened_at", "created_at", "updated_at"] = "happened_at"
    order: Order = Order.DESC


_i = interactions.VIEW.tables[0].c

RESOURCE: Final = Resource(
    kind="interaction",
    path="/interactions",
    view=interactions.VIEW,
    document=InteractionDocument,
    query=InteractionList,
    missing=InteractionNotFound,
    may=READERS,
    bound=None,
    references=(Reference("customer", customers.VIEW),),
    filters={
        "search": Contains(_i.subject, _i.text),
        "contact_id": lambda contacts: _i.contact_ids.overlap([*contacts]),
        "happened_from": Since(_i.happened_at),
        "happened_to": UpTo(_i.happened_at),
    },
    followed={"contact_id": contacts.VIEW},
)
