"""Lists in pages: by number for looking around, by cursor for reading everything.

A cursor says after which row a page begins, so that the last page costs what the first one does,
and rows that come and go meanwhile neither hide nor double another row.
"""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Generic, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    Select,
    Text,
    Uuid,
    func,
    literal,
    select,
    tuple_,
)

from domain.problems import FieldProblem
from readapi.context import Asked, Context
from readapi.parameters import ParametersInvalid, Query

TDocument = TypeVar("TDocument")
TPage = TypeVar("TPage")

DEPTH: Final = 10_000
"""How many rows may lie before a page that is asked for by its number."""
START: Final = "start"


class Order(StrEnum):
    """Which end comes first."""

    ASC = "asc"
    DESC = "desc"


class Paged(Query, frozen=True, kw_only=True):
    """The parameters of every list; each list adds its own `sort` and `order`."""

    page: Annotated[int, Meta(ge=1, le=DEPTH, description="The number of the page.")] = 1
    limit: Annotated[int, Meta(ge=1, le=100, description="How many rows a page has.")] = 20
    cursor: Annotated[
        str | None,
        Meta(
            max_length=1000,
            description="Reads a list of any length: begin with `start`, then follow "
            "`links.next`. The number of the page does not matter then.",
            examples=[START],
        ),
    ] = None


class PageMeta(msgspec.Struct, frozen=True):
    """Where a page stands."""

    page: Annotated[int | None, Meta(description="Null where a cursor was followed.")]
    limit: int
    total: Annotated[int, Meta(description="How many rows all pages have together.")]
    total_pages: int


class PageLinks(msgspec.Struct, frozen=True):
    """The way to this page and its neighbours, filters included."""

    this: str = msgspec.field(name="self")
    next: str | None = None
    prev: str | None = None


class Page(msgspec.Struct, Generic[TDocument], frozen=True):
    """One page of a list; each list has a kind of its own, for the OpenAPI document's sake."""

    data: list[TDocument]
    meta: PageMeta
    links: PageLinks


class Sort(msgspec.Struct, frozen=True):
    """A column to sort by."""

    column: Column[Any]
    falling: bool = False
    """The column's values fall where what they stand for rises: rank 1 is the highest priority."""


class Listing(msgspec.Struct, frozen=True):
    """Rows that can be read in pages."""

    views: tuple[str, ...]
    """What is read; the first view's table is the one that is filtered and counted."""
    rows: Select[Any]
    key: Column[Any]
    """Makes every order unambiguous."""
    sorts: Mapping[str, Sort]


async def read_page(
    kind: Callable[[list[TDocument], PageMeta, PageLinks], TPage],
    render: Callable[[Mapping[str, Any]], TDocument],
    ctx: Context,
    listing: Listing,
    *,
    query: Any,
    where: Sequence[ColumnElement[bool]],
) -> TPage:
    """Return the page that was asked for; raises `ParametersInvalid`."""
    sort = listing.sorts[query.sort]
    column, key = sort.column, listing.key
    down = (query.order is Order.DESC) != sort.falling
    statement = listing.rows.where(*where).limit(query.limit + 1)
    statement = statement.order_by(*((c.desc() if down else c.asc()) for c in (column, key)))
    if query.cursor is None:
        statement = statement.offset(_offset(query))
    elif query.cursor != START:
        after, place = _after(query, column, key), tuple_(column, key)
        statement = statement.where(place < after if down else place > after)
    count = select(func.count()).select_from(key.table).where(*where)
    rows, ((counted),) = await ctx.read(listing.views, statement, count)
    shown = rows[: query.limit]
    total: int = counted["count_1"]
    following = _cursor(query, column, key, shown[-1]) if len(rows) > query.limit else None
    meta = PageMeta(
        None if query.cursor else query.page, query.limit, total, -(-total // query.limit)
    )
    return kind([render(row) for row in shown], meta, _links(ctx.asked, query, meta, following))


def _offset(query: Paged) -> int:
    offset = (query.page - 1) * query.limit
    if offset >= DEPTH:
        hint = f"Pages by number end at row {DEPTH}; begin with `cursor={START}` to read on."
        raise ParametersInvalid(FieldProblem("page", hint))
    return offset


def _links(asked: Asked, query: Paged, meta: PageMeta, following: str | None) -> PageLinks:
    after = before = None
    if query.cursor is None and query.page > 1 and meta.total_pages:
        before = asked.link(page=min(query.page - 1, meta.total_pages))
    if following and query.cursor is None and query.page * query.limit < DEPTH:
        after = asked.link(page=query.page + 1)
    elif following:
        # Where the numbers end, the cursor takes over: who follows `next` arrives.
        after = asked.link(page=None, cursor=following)
    return PageLinks(asked.link(), after, before)


_KINDS: Final[dict[type, tuple[Any, Any]]] = {
    int: (Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)], BigInteger()),
    str: (Annotated[str, Meta(pattern=r"^[^\x00]*$")], Text()),
    datetime: (Annotated[datetime, Meta(tz=True)], DateTime(timezone=True)),
    UUID: (UUID, Uuid()),
}


def _cursor(query: Any, column: Column[Any], key: Column[Any], row: Mapping[str, Any]) -> str:
    place = (query.sort, query.order, row[column.name], row[key.name])
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).rstrip(b"=").decode()


def _after(query: Any, column: Column[Any], key: Column[Any]) -> ColumnElement[Any]:
    """Return the place that the cursor names; it was made by us, but may have been altered."""
    (kind, type_), (key_kind, key_type) = (_KINDS[c.type.python_type] for c in (column, key))
    try:
        padded = query.cursor + "=" * (-len(query.cursor) % 4)
        place = base64.b64decode(padded, altchars=b"-_", validate=True)
        sort, order, value, last = msgspec.json.decode(place, type=tuple[str, str, Any, Any])
        after = (msgspec.convert(value, kind), msgspec.convert(last, key_kind))
    except (binascii.Error, ValueError) as error:
        hint = f"This is no cursor; begin with `{START}`, then follow `links.next`."
        raise ParametersInvalid(FieldProblem("cursor", hint)) from error
    if (sort, order) != (query.sort, query.order):
        hint = f"The cursor was made for `sort={sort}&order={order}`."
        raise ParametersInvalid(FieldProblem("cursor", hint))
    return tuple_(literal(after[0], type_), literal(after[1], key_type))
