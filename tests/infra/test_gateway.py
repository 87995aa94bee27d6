"""Who gets in, and whether the services answer."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from litestar import Litestar, get
from litestar.exceptions import InternalServerException

from domain.actors import Actor, Role
from infra import gateway
from infra.gateway import Check
from infra.tokens import Tokens

TOKENS = Tokens(Ed25519PrivateKey.from_private_bytes(b"k" * 32), lambda: datetime.now(UTC))


@get("/forgotten", sync_to_thread=False)
def _forgotten() -> str:
    """Say nothing about who may."""
    return "secret"


@get("/admins", opt={"may": {Role.ADMIN}}, sync_to_thread=False)
def _admins() -> str:
    """Answer administrators."""
    return "for admins"


@get("/broken", opt={"may": set(Role)}, sync_to_thread=False)
def _broken() -> str:
    """Fail with a secret in the message."""
    raise RuntimeError("hunter2")


@get("/stopped", opt={"may": set(Role)}, sync_to_thread=False)
def _stopped() -> str:
    """Fail as the framework fails."""
    raise InternalServerException


async def _answers() -> None:
    return


async def _refuses() -> None:
    raise ConnectionError("postgresql://psa:hunter2@10.0.0.1")


async def _hangs() -> None:
    await asyncio.Event().wait()


@asynccontextmanager
async def _client(
    checks: Mapping[str, Check] | None = None, required: Collection[str] = ()
) -> AsyncIterator[httpx.AsyncClient]:
    app: Litestar = gateway.build(
        [_forgotten, _admins, _broken, _stopped],
        tokens=TOKENS,
        checks=checks or {},
        required=required,
        lifespan=[],
    )
    transport = httpx.ASGITransport(cast("Any", app))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


def _as(role: Role) -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKENS.issue(Actor(id='ada', name='', role=role))}"}


@pytest.mark.parametrize("role", list(Role))
async def test_a_route_that_does_not_say_who_may_is_open_to_nobody(role: Role) -> None:
    async with _client() as client:
        answer = await client.get("/api/v1/forgotten", headers=_as(role))

    assert answer.status_code == 403
    assert "secret" not in answer.text


@pytest.mark.parametrize("role", list(Role))
async def test_a_route_is_open_to_those_it_names(role: Role) -> None:
    async with _client() as client:
        answer = await client.get("/api/v1/admins", headers=_as(role))

    assert answer.status_code == (200 if role is Role.ADMIN else 403)


async def test_no_request_takes_a_thread() -> None:
    closed = ThreadPoolExecutor(max_workers=1)
    closed.shutdown()
    asyncio.get_running_loop().set_default_executor(closed)

    async with _client() as client:
        answer = await client.get("/api/v1/admins", headers=_as(Role.ADMIN))

    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/forgotten", "/admins"])
async def test_without_a_token_no_route_is_open(path: str) -> None:
    async with _client() as client:
        answer = await client.get(f"/api/v1{path}")

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "path", ["/health", "/ready", "/docs", "/docs/openapi.json", "/docs/assets/swagger-ui.css"]
)
async def test_health_and_documentation_are_open(path: str) -> None:
    async with _client() as client:
        answer = await client.get(path)

    assert answer.status_code == 200


async def test_documentation_opens_no_other_route() -> None:
    async with _client() as client:
        answers = [await client.get(p) for p in ("/docs/../api/v1/admins", "/docs/api/v1/admins")]

    assert [answer.status_code in (401, 404) for answer in answers] == [True, True]


async def test_a_route_tells_its_methods_to_whoever_has_a_token() -> None:
    async with _client() as client:
        answer = await client.options("/api/v1/admins", headers=_as(Role.AUDITOR))

    assert answer.status_code == 204
    assert set(answer.headers["allow"].split(", ")) == {"GET", "OPTIONS"}


async def test_who_has_what_is_required_is_ready_and_tells_what_is_away() -> None:
    checks = {"postgres": _answers, "nats": _refuses, "redis": _answers}

    async with _client(checks, {"postgres"}) as client:
        answer = await client.get("/ready")

    assert answer.status_code == 200
    assert answer.json()["ready"] is True
    assert {name: (c["ok"], c["required"]) for name, c in answer.json()["checks"].items()} == {
        "postgres": (True, True),
        "nats": (False, False),
        "redis": (True, False),
    }


async def test_who_lacks_a_required_service_is_not_ready_and_names_it() -> None:
    checks = {"postgres": _answers, "nats": _refuses}

    async with _client(checks, {"postgres", "nats"}) as client:
        answer = await client.get("/ready")

    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert answer.json()["checks"]["postgres"]["ok"] is True
    assert answer.json()["checks"]["nats"]["error"] == "ConnectionError"
    assert "hunter2" not in answer.text


async def test_a_service_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "CHECK_SECONDS", 0.05)

    async with _client({"redis": _hangs}, {"redis"}) as client:
        answer = await client.get("/ready")

    assert answer.status_code == 503
    assert answer.json()["checks"]["redis"]["error"] == "TimeoutError"


@pytest.mark.parametrize("path", ["/broken", "/stopped"])
async def test_a_fault_of_ours_gives_nothing_away(path: str) -> None:
    async with _client() as client:
        answer = await client.get(f"/api/v1{path}", headers=_as(Role.AUDITOR))

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "hunter2" not in answer.text


async def test_the_documents_say_that_health_needs_no_token() -> None:
    async with _client() as client:
        document = (await client.get("/docs/openapi.json")).json()

    assert document["security"] == [{"token": []}]
    assert document["paths"]["/health"]["get"]["security"] == [{}]
    assert document["paths"]["/ready"]["get"]["security"] == [{}]
