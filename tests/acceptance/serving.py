"""The API as a process of its own: what `psa serve` starts, on a free port, filled with records."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from commands.table import TABLE
from infra.bootstrap import LOCAL_ADMIN
from infra.embedded import Urls
from infra.embedded.urls import NAMES
from infra.tokens import open_tokens

START_SECONDS = 60.0


@contextmanager
def serving(
    urls: Urls, home: Path, env: Mapping[str, str] | None = None, *, workers: int = 1
) -> Iterator[str]:
    """Run the API on these servers, and give its address."""
    port = _free_port()
    settings = {
        "PSA_HOME": str(home),
        "PSA_HTTP_PORT": str(port),
        "PSA_POSTGRES_URL": urls.postgres,
        "PSA_POSTGRES_OWNER_URL": urls.postgres_owner,
        "PSA_KEYS_URL": urls.keys,
        "PSA_KEYS_OWNER_URL": urls.keys_owner,
        "PSA_NATS_URL": urls.nats,
        "PSA_REDIS_URL": urls.redis,
    }
    rest = {name: value for name, value in os.environ.items() if name not in NAMES}
    command = [sys.executable, "-m", "infra.cli", "serve", f"--workers={workers}"]
    with (home / "serve.log").open("ab") as log:
        process = subprocess.Popen(
            command, env={**rest, **settings, **(env or {})}, stdout=log, stderr=log
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(url, process, home / "serve.log")
        yield url
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def admin_token(home: Path) -> str:
    """Return a token that may do everything."""
    return open_tokens(home).issue(LOCAL_ADMIN)


def fill(url: str, token: str, *, records: int = 5) -> list[str]:
    """Make a few records of every kind, and return the ids of the tickets."""
    posted = set[str]()
    with httpx.Client(base_url=f"{url}/api/v1", timeout=30) as client:
        client.headers["Authorization"] = f"Bearer {token}"

        def post(path: str, **body: Any) -> str:
            answer = client.post(path, json=body)
            answer.raise_for_status()
            posted.add(f"POST {path}")
            return str(answer.json()["id"])

        tickets = []
        for n in range(records):
            customer = post("/customers", name=f"Customer {n}", email_domains=[f"c{n}.example"])
            group = post("/groups", name=f"Group {n}")
            user = post("/users", name=f"User {n}", email=f"user{n}@msp.example")
            site = {"street": "Hauptstraße 1", "city": "Wien", "country": "AT"}
            location = post("/locations", customer_id=customer, name="Office", address=site)
            contact = post(
                "/contacts", customer_id=customer, name=f"Contact {n}", location_id=location
            )
            talk = {"kind": "call", "happened_at": "2026-01-05T09:00:00Z", "subject": "Printers"}
            post("/interactions", customer_id=customer, contact_ids=[contact], **talk)
            labels = {"label_de": "Merkmal", "label_en": "Trait"}
            rules = {"kind": "text"}
            post("/custom-fields", record_kind="customer", key=f"trait_{n}", rules=rules, **labels)
            tickets.append(
                post(
                    "/tickets",
                    customer_id=customer,
                    title=f"Printer {n}",
                    contact_id=contact,
                    location_id=location,
                    group_id=group,
                    assignee_id=user,
                )
            )
            post(f"/tickets/{tickets[-1]}/comments", body="Have you tried turning it off?")
            post("/erasures", subject_id=contact, subject_kind="contact", basis="request")
        left_out = {entry.route for entry in TABLE if not entry.target} - posted
        assert not left_out, f"fill() makes no record by {', '.join(sorted(left_out))}."
        return tickets


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            if httpx.get(f"{url}/health", timeout=2).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(log.read_text())
