"""The query API as tests ask it: real views and log, a search engine in memory, named actors."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import UUID

import httpx
import msgspec
from litestar import Litestar, Response, Router
from litestar.connection import ASGIConnection
from litestar.exceptions import PermissionDeniedException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.middleware import (
    AbstractAuthenticationMiddleware,
    AuthenticationResult,
    DefineMiddleware,
)

import eventstore.log
from domain.actors import Actor
from eventstore.epochs import Epochs
from eventstore.log import Log
from readapi import app, views
from readapi.entries import Entry
from readapi.positions import Positions
from readapi.search import Hit, Kind
from readapi.table import TABLE
from readapi.views import Views
from tests.conftest import Database
from tests.readapi import every, world

ACTORS = {
    actor.id: actor
    for actor in (
        *(world.STAFF, world.AUDITOR, world.OF_ACME, world.OF_BOLT, world.OF_NOBODY),
        *every.ACTORS,
    )
}


class Text(msgspec.Struct, frozen=True):
    """One document of the search engine."""

    id: UUID
    kind: Kind
    number: str
    customer_id: UUID
    text: str
    internal: str = ""


class FakeSearch:
    """A search engine that looks for the query as it is."""

    def __init__(self, *texts: Text) -> None:
        self._texts = texts

    async def find(
        self,
        query: str,
        *,
        kinds: Collection[Kind],
        customer_ids: Collection[UUID] | None,
        include_internal: bool,
        limit: int,
    ) -> list[Hit]:
        found = self._matching(query, kinds or list(Kind), customer_ids, include_internal)
        return [Hit(t.id, t.kind, t.number, t.text, t.text, 1.0) for t in found][:limit]

    async def ids(
        self,
        query: str,
        *,
        kind: Kind,
        customer_ids: Collection[UUID] | None,
        include_internal: bool,
        limit: int = 10_000,
    ) -> list[UUID]:
        found = self._matching(query, [kind], customer_ids, include_internal)
        return [text.id for text in found][:limit]

    def _matching(
        self,
        query: str,
        kinds: Collection[Kind],
        customer_ids: Collection[UUID] | None,
        include_internal: bool,
    ) -> list[Text]:
        return [
            text
            for text in self._texts
            if text.kind in kinds
            and (customer_ids is None or text.customer_id in customer_ids)
            and (query in text.text or (include_internal and query in text.internal))
        ]


class Asking:
    """Asks the API as one actor."""

    def __init__(self, client: httpx.AsyncClient, actor: Actor) -> None:
        self._client = client
        self._headers = {"X-Actor": actor.id}

    async def get(self, path: str, *, status: int = 200, **headers: str) -> Any:
        """Return the decoded answer, which must have this status."""
        return (await self.answer(path, status=status, **headers)).json()

    async def answer(self, path: str, *, status: int = 200, **headers: str) -> Any:
        """Return the whole answer; `min_position=5` is sent as `X-Min-Position: 5`."""
        sent = {f"X-{name.replace('_', '-')}": value for name, value in headers.items()}
        path = path if path.startswith("/api/") else f"/api/v1{path}"
        answer = await self._client.get(path, headers=self._headers | sent)
        assert answer.status_code == status, answer.text
        if status >= 400:
            assert answer.headers["content-type"].startswith("application/problem+json")
        return answer

    async def status(self, path: str) -> int:
        """Return how the question was answered."""
        return (await self.answer_of(path)).status_code

    async def answer_of(self, path: str) -> httpx.Response:
        """Return the answer, whatever it is."""
        return await self._client.get(f"/api/v1{path}", headers=self._headers)

    async def all(self, path: str) -> list[Any]:
        """Return the rows of every page, found by following `links.next`."""
        rows: list[Any] = []
        following: str | None = path
        while following:
            page = await self.get(following)
            rows += page["data"]
            following = page["links"]["next"]
        return rows


class Desk:
    """One running API; `as_(actor)` asks it."""

    def __init__(self, client: httpx.AsyncClient, positions: Positions, log: Log) -> None:
        self._client = client
        self.positions = positions
        self.log = log

    def as_(self, actor: Actor) -> Asking:
        return Asking(self._client, actor)


@asynccontextmanager
async def serving(
    database: Database, *texts: Text, table: Sequence[Entry] = TABLE
) -> AsyncIterator[Desk]:
    """Serve the query API over this database."""
    epochs = Epochs()
    async with (
        views.open_pool(database.url, size=2, epochs=epochs) as view_pool,
        eventstore.log.open_pool(database.url, size=2, epochs=epochs) as log_pool,
    ):
        read, log = Views(view_pool, epochs=epochs), Log(log_pool)
        positions = Positions(read.positions)
        handlers = app.routes(read, log, FakeSearch(*texts), positions, table, epochs=epochs)
        # Not Litestar's client: it runs the application on another loop than these pools.
        transport = httpx.ASGITransport(cast("Any", application(handlers)))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield Desk(client, positions, log)


def application(handlers: Sequence[HTTPRouteHandler]) -> Litestar:
    """Return an application that trusts the header `X-Actor`, and denies by default."""
    api = Router("/api/v1", route_handlers=list(handlers), guards=[_permitted])
    return Litestar(
        [api],
        middleware=[DefineMiddleware(_Authentication)],
        exception_handlers={PermissionDeniedException: _denied},
        openapi_config=None,
    )


class _Authentication(AbstractAuthenticationMiddleware):
    async def authenticate_request(
        self, connection: ASGIConnection[Any, Any, Any, Any]
    ) -> AuthenticationResult:
        return AuthenticationResult(user=ACTORS[connection.headers["x-actor"]], auth=None)


def _permitted(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    if connection.user.role not in handler.opt.get("may", ()):
        raise PermissionDeniedException


def _denied(_: Any, error: PermissionDeniedException) -> Response[dict[str, str]]:
    return Response({}, status_code=403, media_type="application/problem+json")
