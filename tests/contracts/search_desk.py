"""A search engine under test, and rows to feed it with."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from projections.rows import BatchRows
from projections.running.session import connect
from projections.search import search_documents, search_texts
from projections.searched import PLACES
from projections.view import Row
from readapi.search import Hit, Kind, Search
from tests.conftest import Database
from tests.given import CUSTOMER

HEADING = ("kind", "number", "external_number", "title", "customer_id", "deleted", "position")


class Desk(NamedTuple):
    """A search engine and the way in which it is fed."""

    search: Search
    take_in: Callable[[Sequence[Row]], Awaitable[None]]
    """Makes rows searchable."""

    async def find(
        self,
        query: str,
        *,
        kinds: Sequence[Kind] = (),
        customer_ids: Collection[UUID] | None = None,
        include_internal: bool = False,
        limit: int = 20,
    ) -> list[Hit]:
        return await self.search.find(
            query,
            kinds=kinds,
            customer_ids=customer_ids,
            include_internal=include_internal,
            limit=limit,
        )

    async def titles(self, query: str, **rights: Any) -> list[str]:
        return [hit.title for hit in await self.find(query, **rights)]

    async def found(self, *queries: str) -> dict[str, list[str]]:
        """Return the titles that each query finds."""
        return {query: await self.titles(query) for query in queries}

    async def ids(self, query: str, **rights: Any) -> list[UUID]:
        known = {"kind": Kind.TICKET, "customer_ids": None, "include_internal": False} | rights
        return await self.search.ids(query, **known)


def ticket(title: str = "Ticket", body: str = "", *, number: int = 1, **changes: Any) -> Row:
    """A whole document of a ticket; its id and its position follow from its number."""
    row = {
        "id": UUID(int=number),
        "kind": "ticket",
        "number": str(number),
        "external_number": None,
        "title": title,
        "body": body,
        "internal_body": "",
        "customer_id": CUSTOMER,
        "deleted": False,
        "position": number,
    }
    return row | changes


def customer(title: str, *, number: int = 10_001, **changes: Any) -> Row:
    return ticket(title, number=number, kind="customer") | changes


def tickets(*titles: str) -> list[Row]:
    return [ticket(title, number=number) for number, title in enumerate(titles, start=1)]


async def keep(database: Database, rows: Sequence[Row]) -> None:
    """Write documents into the tables of the view, as its worker does."""
    batch = BatchRows([search_documents, search_texts])
    for row in rows:
        values = {name: row[name] for name in HEADING}
        batch.insert(search_documents, row["id"], **values, fields={})
        for place, name in enumerate(("title", "body", "internal_body")):
            key = row["id"].int * PLACES + place
            if text := row[name]:
                batch.insert(
                    search_texts,
                    key,
                    document_id=row["id"],
                    place=place,
                    internal=name == "internal_body",
                    text=text,
                )
            else:
                batch.delete(search_texts, key)
    async with await connect(database.url) as connection, connection.transaction():
        await batch.flush(connection)
