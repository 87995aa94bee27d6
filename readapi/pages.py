"""Lists in pages: by number for looking around, by cursor for reading everything.

A cursor says after which row a page begins, so that the last page costs what the first one does,
and rows that come and go meanwhile neither hide nor double another row.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import new_class
from typing import Annotated, Any, Final, Generic, TypeVar

import msgspec
from msgspec import Meta
from sqlalchemy import Column

from domain.problems import FieldProblem
from readapi import cursors
from readapi.context import Asked, Context
from readapi.counts import FEW, OLDEST
from readapi.cursors import START, Place
from readapi.listings import Listing, Narrowed, Wanted
from readapi.parameters import ParametersInvalid, Query

TDocument = TypeVar("TDocument")
TPage = TypeVar("TPage")

DEPTH: Final = 10_000
"""How many rows may lie before a page that is asked for by its number."""


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

    page: Annotated[int | None, Meta(description="Null where a cursor was followed.", examples=[1])]
    limit: Annotated[int, Meta(examples=[20])]
    total: Annotated[
        int,
        Meta(
            description=f"How many rows all pages have together. Of more than {FEW} it may be as "
            f"it was up to {OLDEST:.0f} seconds ago; where a cursor was followed, it is as it was "
            "at the start.",
            examples=[1],
        ),
    ]
    total_pages: Annotated[int, Meta(examples=[1])]


class PageLinks(msgspec.Struct, frozen=True):
    """The way to this page and its neighbours, filters included."""

    this: Annotated[str, Meta(examples=["?page=1"])] = msgspec.field(name="self")
    next: Annotated[str | None, Meta(examples=[None])] = None
    prev: Annotated[str | None, Meta(examples=[None])] = None


class Page(msgspec.Struct, Generic[TDocument], frozen=True):
    """One page of a list."""

    data: list[TDocument]
    meta: PageMeta
    links: PageLinks


def page_of(name: str, document: type[TDocument]) -> type[Page[TDocument]]:
    """Return the kind of the pages of one list, called `{name}Page`.

    It says again what it holds: the OpenAPI document would not know it of a generic class.
    """
    fields = {"data": list[document], "meta": PageMeta, "links": PageLinks}  # type: ignore[valid-type] # it is a value
    space = {"__annotations__": fields, "__module__": __name__, "__doc__": "One page of a list."}
    base: Any = Page[document]  # type: ignore[valid-type] # likewise
    kind: type[Page[TDocument]] = new_class(
        f"{name}Page", (base,), {"frozen": True}, lambda into: into.update(space)
    )
    return kind


async def read_page(
    kind: Callable[[list[TDocument], PageMeta, PageLinks], TPage],
    render: Callable[[Mapping[str, Any]], TDocument],
    ctx: Context,
    listing: Listing,
    *,
    query: Any,
    narrowed: Narrowed,
) -> TPage:
    """Return the page that was asked for; raises `ParametersInvalid` and `PositionOutdated`."""
    wanted = _wanted(listing, query, narrowed)
    found = await ctx.page(wanted)
    if wanted.after is not None:
        ctx.epochs.require_current(wanted.after.epoch, "The cursor")
    following = None
    if len(found.keys) > query.limit:
        value, key = found.keys[query.limit - 1]
        epoch = ctx.epochs.current
        following = cursors.write(Place(query.sort, query.order, value, key, found.total, epoch))
    pages = -(-found.total // query.limit)
    meta = PageMeta(None if query.cursor else query.page, query.limit, found.total, pages)
    data = [render(row) for row in found.rows]
    return kind(data, meta, _links(ctx.asked, query, meta, following))


def _wanted(listing: Listing, query: Any, narrowed: Narrowed) -> Wanted:
    return Wanted(
        listing,
        narrowed,
        query.sort,
        down=query.order is Order.DESC,
        limit=query.limit,
        offset=_offset(query),
        after=_place(query, (listing.sorts[query.sort].column, listing.key)),
    )


def _place(query: Any, columns: tuple[Column[Any], Column[Any]]) -> Place | None:
    if query.cursor in (None, START):
        return None
    place = cursors.read(query.cursor, columns)
    if (place.sort, place.order) != (query.sort, query.order):
        hint = f"The cursor was made for `sort={place.sort}&order={place.order}`."
        raise ParametersInvalid(FieldProblem("cursor", hint))
    return place


def _offset(query: Paged) -> int:
    if query.cursor:
        return 0
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
