"""Which records tell of a person, and fall with them: read from the views, page by page.

A contact or a customer is one with all that are merged into it. A ticket falls with its contact,
also what it held under a key of its own before the contact was known.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Table,
    Text,
    Uuid,
    and_,
    any_,
    cast,
    false,
    func,
    literal,
    literal_column,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from domain.people.erasures import SubjectKind
from projections.customers import contacts, customers, interactions, locations
from projections.desk import tickets
from projections.people import users
from projections.view import View
from readapi.context import Context
from readapi.desk.tickets import number_of
from readapi.filters import Condition
from readapi.statements import Told, text_of

PAGE: Final = 1_000
"""How many records are read at a time."""

Ids = Sequence[UUID]


class Concerned(msgspec.Struct, frozen=True):
    """A record that tells of a person."""

    kind: Annotated[SubjectKind, Meta(examples=["ticket"])]
    id: Annotated[UUID, Meta(examples=["9b0f6e0e-4b67-4ff0-8f4a-9d3d7c1f2a10"])]
    label: Annotated[
        str,
        Meta(
            description="As people know it: a name, a ticket's number, an interaction's subject.",
            examples=["T-000123"],
        ),
    ]
    number: Annotated[
        int | None, Meta(description="Of a ticket or a customer.", examples=[123])
    ] = None
    is_open: Annotated[
        bool, Meta(description="Whether it is a ticket that is still worked on.", examples=[True])
    ] = False
    is_shared: Annotated[
        bool,
        Meta(
            description="Whether it is an interaction in which others took part, too.",
            examples=[False],
        ),
    ] = False


class Counted(msgspec.Struct, frozen=True):
    """How many records of a kind are concerned."""

    kind: Annotated[SubjectKind, Meta(examples=["ticket"])]
    records: Annotated[int, Meta(examples=[12])]
    open: Annotated[int, Meta(description="Tickets that are still worked on.", examples=[2])]
    shared: Annotated[
        int, Meta(description="Interactions in which others took part, too.", examples=[0])
    ]


class _Records(msgspec.Struct, frozen=True):
    """Records of a kind, as rows of `Concerned`."""

    kind: SubjectKind
    view: View
    label: ColumnElement[str]
    number: ColumnElement[Any] = cast(null(), BigInteger)
    is_open: ColumnElement[bool] = false()
    is_shared: ColumnElement[bool] = false()

    @property
    def table(self) -> Table:
        """Where they are."""
        return self.view.tables[0]

    def page(self, where: Condition, after: UUID | None, limit: int) -> Told:
        """Return the statement for the records after this one, in the order of their ids."""
        id = self.table.c.id
        further = [] if after is None else [id > after]
        statement = select(
            id,
            self.label.label("label"),
            self.number.label("number"),
            self.is_open.label("is_open"),
            self.is_shared.label("is_shared"),
        )
        return text_of(statement.where(where, *further).order_by(id).limit(limit))

    def count(self, where: Condition) -> Told:
        """Return the statement that counts them."""
        return text_of(
            select(
                func.count().label("records"),
                func.count().filter(self.is_open).label("open"),
                func.count().filter(self.is_shared).label("shared"),
            )
            .select_from(self.table)
            .where(where)
        )

    def shown(self, row: Any) -> Concerned:
        """Return a record as people know it."""
        label = row["label"] if self.kind is not SubjectKind.TICKET else number_of(row["number"])
        return Concerned(
            kind=self.kind,
            id=row["id"],
            label=label,
            number=row["number"],
            is_open=row["is_open"],
            is_shared=row["is_shared"],
        )


_c, _t = contacts.VIEW.tables[0].c, tickets.VIEW.tables[0].c
_i, _u = interactions.VIEW.tables[0].c, users.VIEW.tables[0].c
_l, _k = locations.VIEW.tables[0].c, customers.VIEW.tables[0].c
_SETTLED: Final[list[ColumnElement[str]]] = [
    literal_column("'resolved'"),
    literal_column("'closed'"),
]

RECORDS: Final = {
    records.kind: records
    for records in (
        _Records(SubjectKind.CONTACT, contacts.VIEW, _c.name),
        _Records(SubjectKind.USER, users.VIEW, _u.name),
        _Records(SubjectKind.CUSTOMER, customers.VIEW, _k.name, _k.number),
        _Records(SubjectKind.LOCATION, locations.VIEW, _l.name),
        _Records(
            SubjectKind.INTERACTION,
            interactions.VIEW,
            _i.subject,
            is_shared=func.cardinality(_i.contact_ids) > literal_column("1"),
        ),
        _Records(
            SubjectKind.TICKET,
            tickets.VIEW,
            cast(_t.ticket_number, Text),
            _t.ticket_number,
            is_open=and_(_t.deleted_at.is_(None), _t.status.not_in(_SETTLED)),
        ),
    )
}
"""How each kind of record is read."""

_FALLING: Final[dict[SubjectKind, dict[SubjectKind, Callable[[Ids], Condition]]]] = {
    SubjectKind.CONTACT: {
        SubjectKind.CONTACT: lambda ids: _among(_c.id, ids),
        SubjectKind.INTERACTION: lambda ids: _i.contact_ids.overlap([*ids]),
        SubjectKind.TICKET: lambda ids: _among(_t.contact_id, ids),
    },
    SubjectKind.CUSTOMER: {
        SubjectKind.CUSTOMER: lambda ids: _among(_k.id, ids),
        SubjectKind.CONTACT: lambda ids: _among(_c.customer_id, ids),
        SubjectKind.USER: lambda ids: _among(_u.customer_id, ids),
        SubjectKind.LOCATION: lambda ids: _among(_l.customer_id, ids),
        SubjectKind.INTERACTION: lambda ids: _among(_i.customer_id, ids),
        SubjectKind.TICKET: lambda ids: _among(_t.customer_id, ids),
    },
    SubjectKind.USER: {SubjectKind.USER: lambda ids: _among(_u.id, ids)},
    SubjectKind.LOCATION: {SubjectKind.LOCATION: lambda ids: _among(_l.id, ids)},
    SubjectKind.TICKET: {SubjectKind.TICKET: lambda ids: _among(_t.id, ids)},
    SubjectKind.INTERACTION: {SubjectKind.INTERACTION: lambda ids: _among(_i.id, ids)},
}
"""What falls with each kind of subject, its own kind first; the ids are all that are the same."""


class Circle:
    """All records that tell of one subject."""

    def __init__(self, kind: SubjectKind, same: Ids) -> None:
        """Take the subject with all that are merged into it."""
        self._falling = {one: to(same) for one, to in _FALLING[kind].items()}
        self.kind = kind
        self.same = same

    @property
    def kinds(self) -> frozenset[SubjectKind]:
        """The kinds of records that may be among them."""
        return frozenset(self._falling)

    def where(self, kind: SubjectKind) -> Condition:
        """Return the condition that a record of a kind is among them."""
        return self._falling[kind]

    async def page(
        self, ctx: Context, after: tuple[SubjectKind, UUID] | None, limit: int
    ) -> list[Concerned]:
        """Return up to `limit` records after this one, kind by kind."""
        found: list[Concerned] = []
        kinds = list(self._falling)
        for kind in kinds if after is None else kinds[kinds.index(after[0]) :]:
            records, where = RECORDS[kind], self._falling[kind]
            last = after[1] if after is not None and after[0] is kind else None
            told = records.page(where, last, limit - len(found))
            (rows,) = await ctx.read((records.view.name,), told)
            found += map(records.shown, rows)
            if len(found) == limit:
                break
        return found

    async def count(self, ctx: Context) -> list[Counted]:
        """Return how many there are of each kind that is concerned at all."""
        views = [RECORDS[kind].view.name for kind in self._falling]
        told = [RECORDS[kind].count(where) for kind, where in self._falling.items()]
        counts = await ctx.read(views, *told)
        counted = [Counted(kind, **row) for kind, (row,) in zip(self._falling, counts, strict=True)]
        return [one for one in counted if one.records]


async def circle_of(ctx: Context, kind: SubjectKind, id: UUID) -> Circle:
    """Return what tells of a subject; a record that no view knows has only itself."""
    table = RECORDS[kind].table
    if "merged_into" not in table.c:
        return Circle(kind, [id])
    (rows,) = await ctx.read((RECORDS[kind].view.name,), text_of(_merged_into(table, id)))
    return Circle(kind, [row["id"] for row in rows])


async def concerned(ctx: Context, kind: SubjectKind, id: UUID) -> list[Concerned]:
    """Return all records that fall with a subject, which is one of them, kind by kind."""
    circle = await circle_of(ctx, kind, id)
    return [one async for page in pages(ctx, circle, PAGE) for one in page]


async def pages(ctx: Context, circle: Circle, size: int) -> AsyncIterator[list[Concerned]]:
    """Yield the records of a circle, so many at a time."""
    after = None
    while page := await circle.page(ctx, after, size):
        yield page
        if len(page) < size:
            return
        after = (page[-1].kind, page[-1].id)


def _merged_into(table: Table, id: UUID) -> Select[Any]:
    """Return the statement for a record and all that are merged into it, however deep."""
    same = select(literal(id, Uuid).label("id")).cte("same", recursive=True)
    same = same.union(select(table.c.id).join(same, table.c.merged_into == same.c.id))
    return select(same.c.id).order_by((same.c.id == id).desc(), same.c.id)


def _among(column: ColumnElement[Any], ids: Ids) -> Condition:
    return column == any_(literal([*ids], ARRAY(Uuid)))
