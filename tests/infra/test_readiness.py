"""The API does its work with its two databases alone; `psa up` waits for everything."""

from pathlib import Path

import httpx
import msgspec
import pytest
from litestar.testing import AsyncTestClient

from infra.bootstrap import LOCAL_ADMIN, REQUIRED, api
from infra.cli.platform import _unanswered
from infra.embedded import Urls
from infra.gateway import CheckResult, Readiness
from infra.settings import Settings
from infra.tokens import open_tokens
from projections.schema import ensure
from tests.conftest import Database

AWAY = "127.0.0.1:1"


@pytest.fixture
def lonely(database: Database, urls: Urls) -> Urls:
    """The log and the keys are there, and nothing else."""
    ensure(database.url)
    return Urls(
        postgres=database.url,
        postgres_owner=database.owner_url,
        keys=urls.keys,
        keys_owner=urls.keys_owner,
        nats=f"nats://{AWAY}",
        redis=f"redis://{AWAY}",
        opensearch=f"http://{AWAY}",
    )


async def test_the_api_is_ready_and_works_with_the_log_and_the_keys_alone(
    lonely: Urls, tmp_path: Path
) -> None:
    token = open_tokens(tmp_path).issue(LOCAL_ADMIN)
    headers = {"Authorization": f"Bearer {token}"}

    async with AsyncTestClient(api(Settings(home=tmp_path), lonely)) as client:
        ready = await client.get("/ready")
        registered = await client.post("/api/v1/customers", json={"name": "Acme"}, headers=headers)
        listed = await client.get("/api/v1/customers", headers=headers)

    assert ready.status_code == 200
    checks = ready.json()["checks"]
    assert {name for name, check in checks.items() if check["ok"]} == {"postgres", "keys"}
    assert {name for name, check in checks.items() if check["required"]} == {"postgres", "keys"}
    assert (registered.status_code, listed.status_code) == (201, 200)


@pytest.mark.parametrize("lost", ["postgres", "keys"])
async def test_the_api_is_not_ready_without_the_log_or_the_keys(
    lonely: Urls, tmp_path: Path, lost: str
) -> None:
    away = msgspec.structs.replace(lonely, **{lost: f"postgresql://psa@{AWAY}/psa"})

    async with AsyncTestClient(api(Settings(home=tmp_path), away)) as client:
        ready = await client.get("/ready")

    assert ready.status_code == 503
    assert [name for name in REQUIRED if not ready.json()["checks"][name]["ok"]] == [lost]


def test_up_waits_for_the_services_that_requests_can_do_without() -> None:
    checks = {
        "postgres": CheckResult(ok=True, required=True, ms=1.0),
        "nats": CheckResult(ok=False, required=False, ms=1.0, error="TimeoutError"),
    }
    content = msgspec.json.encode(Readiness(ready=True, checks=checks))

    assert _unanswered(httpx.Response(200, content=content)) == ["nats"]
