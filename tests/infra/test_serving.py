"""Several processes serve one port: as one API would, and none is left behind."""

import asyncio
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psycopg
import pytest

from infra import bootstrap
from infra.embedded import Urls
from tests.acceptance.serving import admin_token, serving
from tests.conftest import Database
from tests.infra.processes import family, until

CALLERS = 16
COMMANDS = 15
"""How many each caller sends."""


class Api:
    """An API of two workers, and its processes."""

    def __init__(self, url: str, home: Path) -> None:
        self.home = home
        self.url = f"{url}/api/v1"
        self.headers = {"Authorization": f"Bearer {admin_token(home)}"}
        until(lambda: len(self.workers()) == 2)

    def parent(self) -> int:
        """Return the process that was started."""
        return next(pid for pid, line in family(self.home).items() if "--workers" in line)

    def workers(self) -> set[int]:
        """Return the processes that answer."""
        return {pid for pid, line in family(self.home).items() if "--workers" not in line}

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        """Ask over a connection of its own."""
        return httpx.get(self.url + path, headers=self.headers | (headers or {}), timeout=30)

    def register(self) -> httpx.Response:
        """Record one event."""
        return httpx.post(
            f"{self.url}/customers", json={"name": "Acme"}, headers=self.headers, timeout=30
        )


@pytest.fixture
def services(urls: Urls, database: Database) -> Urls:
    """The shared servers, with a database of one's own."""
    own = msgspec.structs.replace(urls, postgres=database.url, postgres_owner=database.owner_url)
    bootstrap.prepare(own)
    return own


@pytest.fixture
def api(services: Urls, tmp_path: Path) -> Iterator[Api]:
    """Two workers on one port."""
    with serving(services, tmp_path, workers=2) as url:
        yield Api(url, tmp_path)


async def test_what_two_workers_append_has_no_gap_and_every_answer_is_right(
    api: Api, database: Database
) -> None:
    told: list[dict[str, Any]] = []

    async def caller(name: str) -> None:
        # A connection each: whichever worker takes it, answers all of its requests.
        async with httpx.AsyncClient(headers=api.headers, timeout=60) as client:
            for n in range(COMMANDS):
                body = {"name": f"{name} {n}"}
                answer = await client.post(f"{api.url}/customers", json=body)
                told.append(answer.raise_for_status().json())

    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        rounds = iter("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        while _appending(owner) < 2:  # the second worker may start later than the first
            name = next(rounds)
            await asyncio.gather(*(caller(f"{name} {number}") for number in range(CALLERS)))
        recorded = owner.execute("select position from es.events order by position").fetchall()
        # The first event of a command is its target's.
        commands = owner.execute(
            "select last_position, stream_id::text from es.commands join es.events"
            " on position = first_position"
        ).fetchall()
    assert recorded == [(position,) for position in range(1, len(recorded) + 1)]
    assert sorted((each["position"], each["id"]) for each in told) == sorted(commands)


def test_a_worker_that_is_killed_is_replaced_while_the_other_one_answers(api: Api) -> None:
    before = api.workers()
    killed = min(before)
    os.kill(killed, signal.SIGKILL)

    answer = api.get("/customers")
    until(lambda: len(api.workers() - before) == 1)

    assert answer.status_code == 200
    assert killed not in api.workers()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_answers_what_was_asked_and_leaves_nothing_running(
    api: Api, database: Database, number: signal.Signals
) -> None:
    position = api.register().json()["position"]
    # No worker folds the view: the answer waits until the patience of who asks has ended.
    patience = {"X-Min-Position": str(position), "X-Max-Wait-Ms": "2000"}
    with ThreadPoolExecutor(1) as elsewhere, psycopg.connect(database.owner_url) as owner:
        owner.autocommit = True
        answer = elsewhere.submit(api.get, "/customers", patience)
        until(lambda: _somebody_waits(owner))

        os.kill(api.parent(), number)

        assert answer.result().status_code == 200
    until(lambda: family(api.home) == {})


def test_workers_end_with_a_parent_that_was_killed(api: Api) -> None:
    os.kill(api.parent(), signal.SIGKILL)

    until(lambda: api.workers() == set())


def _appending(owner: "psycopg.Connection[Any]") -> int:
    """Return how many connections have appended: each worker has one for it."""
    row = owner.execute(
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and query like '%es.append%'"
        " and pid <> pg_backend_pid()"
    ).fetchone()
    return int(row[0]) if row else 0


def _somebody_waits(owner: "psycopg.Connection[Any]") -> bool:
    looked = owner.execute(
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and query like '%rm.checkpoints%'"
        " and pid <> pg_backend_pid()"
    ).fetchone()
    return looked != (0,)
