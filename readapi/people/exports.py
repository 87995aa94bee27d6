"""All that is told of one subject, for them to take along (GDPR articles 15 and 20).

Record by record: each as it stands, and all that ever happened to it, with every text of it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import Text, Uuid, any_, column, literal
from sqlalchemy.dialects.postgresql import ARRAY

from domain.people.erasures import SubjectKind
from domain.personal import Retention
from domain.problems import FieldProblem
from eventstore.epochs import Epochs
from eventstore.personal.marked import marked
from projections.timeline import timeline_entries
from readapi import cursors
from readapi.context import Context
from readapi.cursors import START, Place
from readapi.entries import Entry
from readapi.fields import Row
from readapi.parameters import ParametersInvalid, Query
from readapi.people.concerned import Circle, Concerned
from readapi.people.earlier import earlier_of, while_named
from readapi.people.kept import BASES
from readapi.people.subjects import RESOURCES, Subject, entries, subject_of
from readapi.statements import text_of
from readapi.timelines import LISTING, TimelineEntry, entry_of

PURPOSES: Final = {
    SubjectKind.CONTACT: "To reach the people of a customer, and to know what to ask them.",
    SubjectKind.USER: "To let somebody work with the platform, and to know who did what.",
    SubjectKind.CUSTOMER: "To conclude and carry out contracts, and to bill.",
    SubjectKind.LOCATION: "To visit a customer and what is looked after there.",
    SubjectKind.TICKET: "To do what a customer asked for, and to prove that it was done.",
    SubjectKind.INTERACTION: "To know what was agreed with a customer.",
}
CONTROLLER: Final = "The managed service provider that runs this platform."
_SORT, _ORDER = "record", "asc"
_PLACE: Final = (column("kind", Text), column("id", Uuid))
_e = timeline_entries.c


class Exporting(Query, frozen=True, kw_only=True):
    """Which part of an export is asked for."""

    limit: Annotated[
        int, Meta(ge=1, le=500, description="How many records a part has, each with its history.")
    ] = 100
    cursor: Annotated[
        str | None,
        Meta(
            max_length=1000,
            description="The part after this one: follow `next` until it is null.",
            examples=[START],
        ),
    ] = None


class ToldEvent(TimelineEntry, frozen=True):
    """One thing that happened to a record, with all that was told by it."""

    personal: Annotated[
        dict[str, Retention],
        Meta(
            description="Which of the changes tell of a person, and why each is kept.",
            examples=[{"resolution": "none"}],
        ),
    ]


class ExportedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record that tells of the subject."""

    concerned: Concerned
    document: Annotated[
        dict[str, Any],
        Meta(
            description="As it stands: what `GET` of the record answers.",
            examples=[{"id": "9b0f6e0e-4b67-4ff0-8f4a-9d3d7c1f2a10", "title": "The printer jams"}],
        ),
    ]
    history: Annotated[
        list[ToldEvent], Meta(description="All that ever happened to it, oldest first.")
    ]


class EarlierRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record that names somebody else by now."""

    kind: Annotated[SubjectKind, Meta(examples=["ticket"])]
    id: Annotated[UUID, Meta(examples=["9b0f6e0e-4b67-4ff0-8f4a-9d3d7c1f2a10"])]
    history: Annotated[
        list[ToldEvent],
        Meta(description="What happened to it while it named the subject, oldest first."),
    ]


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of a subject, or a part of it."""

    subject: Concerned
    at: Annotated[datetime, Meta(examples=["2026-01-06T09:00:00Z"])]
    controller: Annotated[str, Meta(description="By whom it is kept.", examples=[CONTROLLER])]
    purposes: Annotated[
        dict[SubjectKind, str],
        Meta(
            description="What for, by the kind of record.",
            examples=[{"ticket": PURPOSES[SubjectKind.TICKET]}],
        ),
    ]
    retention: Annotated[
        dict[Retention, str],
        Meta(
            description="How long, by what `personal` says of a text.",
            examples=[{"none": BASES[Retention.NONE]}],
        ),
    ]
    recipients: Annotated[
        list[str], Meta(description="To whom the platform hands it on: nobody.", examples=[[]])
    ]
    total: Annotated[int, Meta(description="How many records all parts have.", examples=[1])]
    records: list[ExportedRecord]
    earlier: Annotated[
        list[EarlierRecord],
        Meta(
            description="With the last part: tickets and interactions that named a contact once. "
            "What was told then is erased with the contact, the rest of them is not."
        ),
    ]
    next: Annotated[
        str | None, Meta(description="Where the next part is; null with the last.", examples=[None])
    ]


async def export(
    kind: SubjectKind, query: Exporting, ctx: Context, *, now: Callable[[], datetime]
) -> Export:
    """Return a part of what is told of a subject.

    Raises the `missing` of the kind, and `ParametersInvalid` for a cursor that is none.
    """
    subject = await subject_of(kind, ctx)
    place = None if query.cursor in (None, START) else _place(query.cursor, subject)
    after = None if place is None else (SubjectKind(place.value), place.key)
    found = await subject.circle.page(ctx, after, query.limit + 1)
    shown = found[: query.limit]
    total = place.total if place else sum(one.records for one in await subject.circle.count(ctx))
    following = None
    if len(found) > query.limit:
        place = Place(_SORT, _ORDER, shown[-1].kind, shown[-1].id, total)
        following = ctx.asked.link(cursor=cursors.write(place))
    return Export(
        subject=subject.shown,
        at=now(),
        controller=CONTROLLER,
        purposes={one: PURPOSES[one] for one in sorted(subject.circle.kinds)},
        retention=BASES,
        recipients=[],
        total=total,
        records=await _records(ctx, shown),
        earlier=[] if following else await _earlier(ctx, subject.circle),
        next=following,
    )


def _place(cursor: str, subject: Subject) -> Place:
    place = cursors.read(cursor, _PLACE)
    if place.sort != _SORT or place.value not in subject.circle.kinds:
        hint = "This cursor is of another list; begin without one, then follow `next`."
        raise ParametersInvalid(FieldProblem("cursor", hint))
    return place


async def _records(ctx: Context, shown: Sequence[Concerned]) -> list[ExportedRecord]:
    documents: dict[UUID, Mapping[str, Any]] = {}
    for kind in dict.fromkeys(one.kind for one in shown):
        documents |= await _documents(ctx, kind, [one.id for one in shown if one.kind is kind])
    histories = await _histories(ctx, [one.id for one in shown])
    return [
        ExportedRecord(
            concerned=one,
            document={**documents[one.id]},
            history=[_told(row, ctx.epochs) for row in histories.get(one.id, [])],
        )
        for one in shown
        # One whose view was folded anew meanwhile may be back in a moment, but not here.
        if one.id in documents
    ]


async def _earlier(ctx: Context, circle: Circle) -> list[EarlierRecord]:
    found: list[EarlierRecord] = []
    for kind, ids in (await earlier_of(ctx, circle)).items():
        for id, history in (await _histories(ctx, ids)).items():
            told = [_told(row, ctx.epochs) for row in while_named(kind, circle, history)]
            found.append(EarlierRecord(kind=kind, id=id, history=told))
    return found


async def _documents(
    ctx: Context, kind: SubjectKind, ids: Sequence[UUID]
) -> dict[UUID, Mapping[str, Any]]:
    listing = RESOURCES[kind].listing
    told = text_of(listing.rows.where(listing.key == any_(literal([*ids], ARRAY(Uuid)))))
    (rows,) = await ctx.read(listing.views, told)
    shown = ((row["id"], RESOURCES[kind].shown(row, ctx.actor)) for row in rows)
    return {id: msgspec.to_builtins(document) for id, document in shown}


async def _histories(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, list[Row]]:
    these = _e.record_id == any_(literal([*ids], ARRAY(Uuid)))
    told = text_of(LISTING.rows.where(these).order_by(_e.record_id, _e.position))
    (rows,) = await ctx.read(LISTING.views, told)
    histories: dict[UUID, list[Row]] = {}
    for row in rows:
        histories.setdefault(row["record_id"], []).append(row)
    return histories


def _told(row: Row, epochs: Epochs) -> ToldEvent:
    marks = marked().get(row["kind"], {})
    personal = {name: keep for name, keep in marks.items() if name in row["changes"]}
    return ToldEvent(**msgspec.structs.asdict(entry_of(row, provenance=epochs)), personal=personal)


def _now() -> datetime:
    return datetime.now(UTC)


def exports(now: Callable[[], datetime] = _now) -> tuple[Entry, ...]:
    """Return the exports' lines in the table."""

    def answer(kind: SubjectKind) -> Any:
        return partial(export, kind, now=now)

    return entries(
        "export",
        name="export",
        promise="Return all that is told of a subject: the records that tell of it as they stand, "
        "each with all that ever happened to it. Follow `next` until it is null: that is all there "
        "is.\n\nWhat is erased reads `[erased]`: nobody can read it any more.",
        answer=answer,
        query=Exporting,
        content=Export,
    )
