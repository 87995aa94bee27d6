"""Erasures as administrators and auditors read them."""

from datetime import date, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from domain.actors import OVERSEERS
from domain.people.erasures import ErasureBasis, ErasureNotFound, Progress, SubjectKind
from domain.personal import Retention
from projections.people import erasures
from readapi.documents import CreatedAt, Id, UpdatedAt, Version
from readapi.pages import Order, Paged
from readapi.resources import Resource

SubjectId = Annotated[
    UUID,
    Meta(
        description="The record that tells, or told, of the person.",
        examples=["7e2d9c40-1f6b-4a83-b5c7-0d4e8a9f3b61"],
    ),
]


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What the law has kept."""

    subject_id: SubjectId
    retention: Annotated[Retention, Meta(description="On which basis.", examples=["books"])]
    until: Annotated[
        date, Meta(description="The last day on which it has to be.", examples=["2034-12-31"])
    ]


class ErasureDocument(msgspec.Struct, frozen=True, kw_only=True):
    """That somebody is to be forgotten, or was; who it was is nowhere in it."""

    id: Id
    subject_id: SubjectId
    subject_kind: Annotated[SubjectKind, Meta(examples=["contact"])]
    basis: Annotated[ErasureBasis, Meta(description="Why.", examples=["request"])]
    status: Annotated[
        Progress, Meta(description="Whether it is carried out.", examples=["carried_out"])
    ]
    ordered_at: Annotated[datetime, Meta(examples=["2026-01-05T09:00:00Z"])]
    carried_out_at: Annotated[datetime | None, Meta(examples=["2026-01-05T09:02:10Z"])]
    subject_count: Annotated[
        int, Meta(description="How many records were erased, this one among them.", examples=[12])
    ]
    keys_destroyed: Annotated[int, Meta(examples=[12])]
    kept: Annotated[list[Kept], Meta(description="What the law has kept, and until when.")]
    plain_events: Annotated[
        int,
        Meta(
            description="How many events were stored before there was encryption: they can not be "
            "erased.",
            examples=[0],
        ),
    ]
    created_at: CreatedAt
    updated_at: UpdatedAt
    version: Version


class ErasureList(Paged, frozen=True, kw_only=True):
    """What the list of erasures is narrowed to; everything that is sent has to hold."""

    status: Progress | None = None
    basis: ErasureBasis | None = None
    subject_kind: SubjectKind | None = None
    subject_id: UUID | None = None
    sort: Literal["ordered_at", "created_at", "updated_at"] = "ordered_at"
    order: Annotated[Order, Meta(description="`desc` begins with the latest one.")] = Order.DESC


RESOURCE: Final = Resource(
    kind="erasure",
    path="/erasures",
    view=erasures.VIEW,
    document=ErasureDocument,
    query=ErasureList,
    missing=ErasureNotFound,
    may=OVERSEERS,
    bound=None,
)
