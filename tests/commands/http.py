"""The whole HTTP API as tests ask it: the real application, real Postgres, real tokens."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from domain.actors import Actor
from infra import bootstrap
from infra.embedded import Urls
from infra.settings import Settings
from infra.tokens import open_tokens
from tests.commands.office import ADMIN, TECHNICIAN

PROBLEM = "application/problem+json"


class Asking:
    """Asks the API as one actor, or with whatever headers are given."""

    def __init__(self, client: httpx.AsyncClient, headers: Mapping[str, str]) -> None:
        self._client = client
        self._headers = dict(headers)

    async def send(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        content: bytes | None = None,
        **headers: str,
    ) -> httpx.Response:
        """Send a request below `/api/v1`; `if_match='"1"'` is sent as `If-Match: "1"`."""
        sent = self._headers | {name.replace("_", "-"): value for name, value in headers.items()}
        if json is not None:
            content = msgspec.json.encode(json)
        if content is not None:
            sent.setdefault("content-type", "application/json")
        path = path if path.startswith(("/api/", "//")) else f"/api/v1{path}"
        return await self._client.request(method, path, content=content, headers=sent)

    async def post(self, path: str, json: Any = None, **headers: str) -> httpx.Response:
        """Send a command."""
        return await self.send("POST", path, json, content=None, **headers)

    async def accepted(self, path: str, json: Any = None) -> dict[str, Any]:
        """Send a command that must be accepted, and return what it was answered."""
        answer = await self.post(path, json)
        assert answer.status_code in (200, 201), answer.text
        return dict(answer.json())


class Api:
    """One running application."""

    def __init__(self, client: httpx.AsyncClient, home: Path, urls: Urls) -> None:
        self.client = client
        self.home = home
        self.urls = urls
        self.tokens = open_tokens(home)

    def as_(self, actor: Actor) -> Asking:
        """Return who asks with a token of this actor."""
        return self.with_token(self.tokens.issue(actor))

    def with_token(self, token: str) -> Asking:
        """Return who asks with this token."""
        return Asking(self.client, {"authorization": f"Bearer {token}"})

    def anybody(self) -> Asking:
        """Return who asks without a token."""
        return Asking(self.client, {})

    @property
    def key(self) -> Ed25519PrivateKey:
        """The key that the application signs with."""
        pem = (self.home / "keys" / "token-signing.pem").read_bytes()
        key = load_pem_private_key(pem, password=None)
        assert isinstance(key, Ed25519PrivateKey)
        return key

    async def customer(self) -> UUID:
        """Register a customer."""
        return UUID((await self.as_(ADMIN).accepted("/customers", {"name": "Acme"}))["id"])

    async def ticket(self, customer: UUID | None = None) -> str:
        """Open a ticket and return its path."""
        body = {"customer_id": customer or await self.customer(), "title": "The printer jams"}
        return f"/tickets/{(await self.as_(TECHNICIAN).accepted('/tickets', body))['id']}"


@asynccontextmanager
async def serving(urls: Urls, home: Path) -> AsyncIterator[Api]:
    """Run the application that `psa serve` runs, without a port."""
    app = bootstrap.api(Settings(home=home), urls)
    transport = httpx.ASGITransport(cast("Any", app))
    async with (
        app.lifespan(),
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        yield Api(client, home, urls)


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """Return the problem that the answer is, which must have this status."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].partition(";")[0] == PROBLEM
    content: dict[str, Any] = answer.json()
    assert set(content) == {"type", "title", "status", "detail", "errors"}
    assert content["status"] == status
    assert content["type"].startswith("urn:psa:problem:")
    assert content["detail"]
    for mark in ("Traceback", 'File "', "postgresql://", "password=", "eyJ"):
        assert mark not in answer.text
    return content


def fields(content: Mapping[str, Any]) -> list[str]:
    """Return the fields that a problem names."""
    return [error["field"] for error in content["errors"]]
