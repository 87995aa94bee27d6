"""Search on OpenSearch: the read side's engine, and the mirror of the view that feeds it."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final, Self
from uuid import UUID

from opensearchpy import AsyncOpenSearch, TransportError

from infra.drivers.opensearch_bulk import PAUSES, Bulk, NotTaken
from infra.drivers.opensearch_indices import Indices, filling
from infra.drivers.opensearch_query import highlight, query_body
from infra.drivers.search_errors import SearchUnavailable
from infra.drivers.search_hits import hit
from infra.drivers.search_pages import Pages
from infra.drivers.search_terms import Query, read_query
from projections.running.mirrors import MirrorUnavailable
from projections.view import Row
from readapi.search import Hit, Kind

SEARCH_SECONDS: Final = 5.0
OTHER_SECONDS: Final = 60.0
# No connection, no answer, too busy, a proxy without a node, or no index until the next rebuild.
UNAVAILABLE: Final[set[int | str]] = {"N/A", "TIMEOUT", 404, 429, 502, 503, 504}
SHOWN: Final = ["id", "kind", "number", "title"]
# From a column: unpacking ten thousand stored documents for their ids takes five times as long.
ONLY_ID: Final = {"_source": False, "stored_fields": "_none_", "docvalue_fields": ["id"]}


class OpenSearch:
    """Documents in OpenSearch, read and written through one alias."""

    def __init__(
        self, urls: str, *, alias: str = "psa-search", pauses: Sequence[float] = PAUSES
    ) -> None:
        """Plan connections to the nodes in `urls`, separated by commas.

        What a busy node does not take is offered again after each of the `pauses`, in seconds.
        """
        nodes = urls.split(",")
        self._client = AsyncOpenSearch(nodes, timeout=OTHER_SECONDS, max_retries=len(nodes) - 1)
        self._alias = alias
        self._bulk = Bulk(self._client, pauses)
        self._indices = Indices(self._client, alias)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.close()

    async def find(
        self,
        query: str,
        *,
        kinds: Collection[Kind],
        customer_ids: Collection[UUID] | None,
        include_internal: bool,
        limit: int,
    ) -> list[Hit]:
        """Return the best matches, best first; raises `SearchUnavailable`."""
        asked = read_query(query)
        body = query_body(
            asked,
            kinds=kinds,
            customer_ids=customer_ids,
            include_internal=include_internal,
            include_deleted=False,
            limit=limit,
        )
        shown = {"_source": SHOWN, "highlight": highlight(include_internal=include_internal)}
        return [
            hit(found["_source"], _snippets(found), found["_score"], asked)
            for found in await self._found(asked, body | shown)
        ]

    async def ids(
        self,
        query: str,
        *,
        kind: Kind,
        customer_ids: Collection[UUID] | None,
        include_internal: bool,
        limit: int = 10_000,
    ) -> list[UUID]:
        """Return the ids of the best matches, best first; raises `SearchUnavailable`."""
        asked = read_query(query)
        body = query_body(
            asked,
            kinds=[kind],
            customer_ids=customer_ids,
            include_internal=include_internal,
            include_deleted=True,
            limit=limit,
        )
        return [
            UUID(found["fields"]["id"][0]) for found in await self._found(asked, body | ONLY_ID)
        ]

    async def write(self, changed: Sequence[Row]) -> None:
        """Take in rows, unless newer ones are here already; raises `MirrorUnavailable`."""
        try:
            await self._bulk.write(self._alias, changed)
        except (TransportError, NotTaken) as error:
            raise MirrorUnavailable from error

    async def ping(self) -> None:
        """Return when the node answers; raises `SearchUnavailable`."""
        with _answered():
            await self._client.info()

    async def wants_rebuild(self) -> bool:
        """Return whether a rebuild is wanted, which makes the first index too.

        It is for an index that is not there, was never filled, or is not of this program's
        shape. Raises `SearchUnavailable`.
        """
        with _answered():
            return await self._indices.wants_rebuild()

    async def rebuild(self, pages: Pages) -> int:
        """Fill a new index, put it in the place of the old one, and return its size.

        Searches go on. The pages are read once more after the switch, for what workers wrote
        to the old index meanwhile. One at a time: see `search_pages`. Raises
        `RebuildIncomplete` and `SearchUnavailable`; then the old index stays in use, and the
        next rebuild removes the remains.
        """
        with _answered():
            name = await self._indices.begin()
            await self._indices.switch(name, await self._fill(filling(name), pages))
            size = await self._fill(self._alias, pages)
            await self._indices.discard_unused()
        return size

    async def _fill(self, alias: str, pages: Pages) -> int:
        size = 0
        async for page in pages():
            await self._bulk.write(alias, page)
            size += len(page)
        return size

    async def _found(self, asked: Query, body: dict[str, Any]) -> list[dict[str, Any]]:
        if not asked.wanted or not body["size"]:
            return []
        with _answered():
            answer = await self._client.search(
                index=self._alias,
                body=body,
                allow_partial_search_results=False,
                request_timeout=SEARCH_SECONDS,
            )
        found: list[dict[str, Any]] = answer["hits"]["hits"]
        return found


def _snippets(found: dict[str, Any]) -> Iterator[str]:
    for texts in found.get("highlight", {}).values():
        yield from texts


@contextmanager
def _answered() -> Iterator[None]:
    try:
        yield
    except NotTaken as error:
        raise SearchUnavailable from error
    except TransportError as error:
        if error.status_code in UNAVAILABLE:
            raise SearchUnavailable from error
        raise
