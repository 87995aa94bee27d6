"""What an erasure would destroy and keep, told before anybody orders it: nothing happens by it."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import select

from domain.people.erasures import ErasureBasis, Progress, SubjectKind, erasure_id
from projections.people import erasures
from readapi.context import Context
from readapi.entries import Entry
from readapi.parameters import Query
from readapi.people.concerned import Concerned, Counted
from readapi.people.kept import KeptText, kept_of
from readapi.people.subjects import entries, subject_of
from readapi.statements import text_of

AT_MOST: Final = 100
"""How many of the concerned records are named."""
WARNINGS: Final = (
    "What is erased can not come back: nobody can read it any more, in the log or in any backup.",
    "Texts of erased records read `[erased]`; their ids, numbers and times stay.",
    "An interaction with others falls, too: where they need it, take the person out of it first.",
    "Events that are older than the encryption can not be erased; the erasure counts them.",
)


class Previewing(Query, frozen=True):
    """A preview is always of now."""


class Ordered(msgspec.Struct, frozen=True, kw_only=True):
    """The order to erase the same subject that there was before."""

    id: Annotated[UUID, Meta(examples=["c2f1b0de-5d0e-5f0c-9a51-3a0f6f1c7d22"])]
    basis: Annotated[ErasureBasis, Meta(examples=["request"])]
    status: Annotated[Progress, Meta(description="`ordered` is not carried out yet.")]
    ordered_at: Annotated[datetime, Meta(examples=["2026-01-05T09:00:00Z"])]


class ErasurePreview(msgspec.Struct, frozen=True, kw_only=True):
    """What an erasure of the subject would do now."""

    subject: Annotated[
        Concerned, Meta(description="Of a merged one, what stands in its place: order for that id.")
    ]
    at: Annotated[datetime, Meta(examples=["2026-01-06T09:00:00Z"])]
    order: Annotated[Ordered | None, Meta(description="The last order; null where there was none.")]
    destroyed: Annotated[
        list[Counted], Meta(description="Whose texts become unreadable: how many of each kind.")
    ]
    open_tickets: Annotated[
        int,
        Meta(
            description="How many of them are tickets that are still worked on: they stay open, "
            "without a text.",
            examples=[2],
        ),
    ]
    records: Annotated[
        list[Concerned], Meta(description=f"The first {AT_MOST} of them, kind by kind.")
    ]
    kept: Annotated[list[KeptText], Meta(description="What stays readable, why, and how long.")]
    warnings: Annotated[list[str], Meta(examples=[[*WARNINGS]])]


async def preview(
    kind: SubjectKind,
    query: Previewing,  # noqa: ARG001 - it has no parameters
    ctx: Context,
    *,
    now: Callable[[], datetime],
) -> ErasurePreview:
    """Return what would happen; raises the `missing` of the kind."""
    subject, at = await subject_of(kind, ctx), now()
    counted = await subject.circle.count(ctx)
    id = subject.shown.id
    return ErasurePreview(
        subject=subject.shown,
        at=at,
        order=await _order(ctx, id),
        destroyed=counted,
        open_tickets=sum(one.open for one in counted),
        records=await subject.circle.page(ctx, None, AT_MOST),
        kept=await kept_of(ctx, subject.circle, at=at, touched=id if subject.is_used else None),
        warnings=[*WARNINGS],
    )


async def _order(ctx: Context, id: UUID) -> Ordered | None:
    table = erasures.VIEW.tables[0]
    columns = [table.c[name] for name in Ordered.__struct_fields__]
    told = text_of(select(*columns).where(table.c.id == erasure_id(id)))
    (rows,) = await ctx.read((erasures.VIEW.name,), told)
    return msgspec.convert(dict(rows[0]), Ordered) if rows else None


def _now() -> datetime:
    return datetime.now(UTC)


def previews(now: Callable[[], datetime] = _now) -> tuple[Entry, ...]:
    """Return the previews' lines in the table."""

    def answer(kind: SubjectKind) -> Any:
        return partial(preview, kind, now=now)

    return entries(
        "erasure",
        name="preview erasure of",
        promise="Return what an erasure would destroy, and what it would keep, on which basis and "
        "until when. Nothing happens by it: `POST /erasures` orders one.\n\n"
        "A contact or a customer falls with all that are merged into it, a contact with its "
        "tickets and interactions, a customer with its contacts, locations, interactions, tickets "
        "and portal users.",
        answer=answer,
        query=Previewing,
        content=ErasurePreview,
    )
