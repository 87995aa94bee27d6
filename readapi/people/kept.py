"""What the law has kept of a subject, and until when, whoever wants to be forgotten."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import Select, Text, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.people.erasures import SubjectKind, has_to_be_kept, kept_until
from domain.personal import Retention
from eventstore.personal.marked import marked
from projections.timeline import timeline_entries
from readapi.context import Context
from readapi.people.concerned import RECORDS, Circle
from readapi.statements import text_of

BASES: Final = {
    Retention.NONE: "Nothing keeps it: it is erased when the person asks (GDPR article 17).",
    Retention.BOOKS: "It stands in invoices and vouchers, which are kept until the end of the "
    "eighth year after the last event (AO § 147 (3), HGB § 257 (4); GDPR article 17 (3) b).",
}
"""Each reason for keeping something, as people read it."""

_e = timeline_entries.c


class KeptText(msgspec.Struct, frozen=True, kw_only=True):
    """What stays readable of one record although it is erased."""

    kind: Annotated[SubjectKind, Meta(examples=["customer"])]
    id: Annotated[UUID, Meta(examples=["1d1f3a52-7c58-4f8c-9e57-0c5a2b7f4e21"])]
    fields: Annotated[
        list[str], Meta(description="What is kept of it.", examples=[["address", "name"]])
    ]
    retention: Annotated[Retention, Meta(examples=["books"])]
    basis: Annotated[str, Meta(examples=[BASES[Retention.BOOKS]])]
    until: Annotated[
        date, Meta(description="The last day on which it is.", examples=["2034-12-31"])
    ]


async def kept_of(
    ctx: Context, circle: Circle, *, at: datetime, touched: UUID | None
) -> list[KeptText]:
    """Return what is kept if all is erased that can be at this time.

    A record that is `touched` will have had an event then: it is put out of use by the order.
    """
    found: list[KeptText] = []
    for kind in sorted(circle.kinds & _KINDS):
        told = await _told(ctx, kind, circle)
        last = await _last_events(ctx, {id for id, _ in told})
        if touched in last:
            last[touched] = at
        found += [
            _kept(kind, id, fields, retention, last[id])
            for (id, retention), fields in sorted(told.items())
            if has_to_be_kept(retention, last[id], at=at)
        ]
    return found


def _kept(
    kind: SubjectKind, id: UUID, fields: set[str], retention: Retention, last: datetime
) -> KeptText:
    until = kept_until(retention, last)
    assert until is not None
    return KeptText(
        kind=kind,
        id=id,
        fields=sorted(fields),
        retention=retention,
        basis=BASES[retention],
        until=until,
    )


def _lasting() -> dict[str, Mapping[str, Retention]]:
    """Return the fields that something keeps, by the event's topic."""
    kept = {
        topic: {name: keep for name, keep in fields.items() if keep is not Retention.NONE}
        for topic, fields in marked().items()
    }
    return {topic: fields for topic, fields in kept.items() if fields}


_LASTING: Final = _lasting()
_KINDS: Final = frozenset(SubjectKind(topic.partition(".")[0]) for topic in _LASTING)


async def _told(
    ctx: Context, kind: SubjectKind, circle: Circle
) -> dict[tuple[UUID, Retention], set[str]]:
    """Return which of these fields were ever told, by record and by what keeps them."""
    (rows,) = await ctx.read(("timeline",), text_of(_events(kind, circle)))
    told: dict[tuple[UUID, Retention], set[str]] = {}
    for row in rows:
        for name, keep in _LASTING[row["kind"]].items():
            # An empty one was never encrypted: there is no key that could be kept for it.
            if row["changes"].get(name):
                told.setdefault((row["record_id"], keep), set()).add(name)
    return told


def _events(kind: SubjectKind, circle: Circle) -> Select[Any]:
    records = RECORDS[kind]
    ids = select(records.table.c.id).where(circle.where(kind))
    topics = [topic for topic in _LASTING if topic.partition(".")[0] == kind]
    return select(_e.record_id, _e.kind, _e.changes).where(
        _e.record_id.in_(ids), _e.kind == any_(literal(topics, ARRAY(Text)))
    )


async def _last_events(ctx: Context, ids: set[UUID]) -> dict[UUID, datetime]:
    statement = (
        select(_e.record_id, func.max(_e.recorded_at).label("last"))
        .where(_e.record_id.in_(sorted(ids)))
        .group_by(_e.record_id)
    )
    (rows,) = await ctx.read(("timeline",), text_of(statement))
    return {row["record_id"]: row["last"] for row in rows}
