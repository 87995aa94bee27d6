"""How many requests a second the API answers, and how soon; one line for writes, one for reads,
each beside a route of the same server that does nothing.

A real `psa serve` works on servers with the settings of production: a comment is on the disk
before it is answered. 32 connections ask one after the other, from a process of their own. The
comments go to tickets in turn, so that the histories stay as short as they are in practice. The
three routes are asked in turn, several times: who shares the machine disturbs all of them alike,
and the median of the turns is told. `--workers 2` serves from two processes.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import msgspec

from infra import bootstrap, logs
from infra.embedded import Stack, Urls
from tests.acceptance.serving import admin_token, serving
from tests.bench.servers import machine
from tests.readapi.folding import fold_all

IN_FLIGHT: Final = 32
TURNS: Final = 3
SECONDS: Final = 4.0
"""Of each turn."""
WARM_UP: Final = 1.0
TICKETS: Final = 480
LIST: Final = "/api/v1/tickets?status=new"


class Load(msgspec.Struct, frozen=True):
    """What was answered in time: how many a second, and how long each took."""

    rate: float
    taken: list[float]


def run(workers: int) -> list[dict[str, Any]]:
    """Return the figures of writes and of reads."""
    with (
        tempfile.TemporaryDirectory(prefix="psa-bench-") as folder,
        Stack(Path(folder) / "stack", external={}, durable=True) as stack,
    ):
        urls = stack.start()
        bootstrap.prepare(urls)
        home = Path(folder)
        with serving(urls, home, workers=workers) as url:
            measured = _measure(url, admin_token(home), urls)
            told = {"workers": workers, "machine": machine(urls.postgres, home)}
    return [figures | told for figures in measured]


def _measure(url: str, token: str, urls: Urls) -> list[dict[str, Any]]:
    tickets = _fill(url, token)
    asyncio.run(fold_all(urls.postgres))
    comments = [
        _request("POST", f"/api/v1/tickets/{each}/comments", token, {"body": "Ich schaue nach."})
        for each in tickets
    ]
    asked = (comments, [_request("GET", LIST, token)], [_request("GET", "/health", token)])
    turns = [[load(url, requests, SECONDS) for requests in asked] for _ in range(TURNS)]
    writes, reads, nothing = zip(*turns, strict=True)
    return [
        _figures("http", f"POST /tickets/{{id}}/comments, {IN_FLIGHT} in flight", writes, nothing),
        _figures("http-read", f"GET {LIST}, {IN_FLIGHT} in flight", reads, nothing),
    ]


def _figures(
    bench: str, what: str, measured: Sequence[Load], nothing: Sequence[Load]
) -> dict[str, Any]:
    ratios = [one.rate / other.rate for one, other in zip(measured, nothing, strict=True)]
    return {
        "bench": bench,
        "what": what,
        "value": round(statistics.median(each.rate for each in measured)),
        "unit": "requests/s",
        **_soon(measured),
        "baseline": {
            "name": "GET /health on the same server",
            "value": round(statistics.median(each.rate for each in nothing)),
            **_soon(nothing),
        },
        "ratio": round(statistics.median(ratios), 3),
    }


def _soon(measured: Sequence[Load]) -> dict[str, float]:
    cuts = statistics.quantiles([taken for each in measured for taken in each.taken], n=100)
    return {f"p{p}_ms": round(cuts[p - 1] * 1000, 2) for p in (50, 95, 99)}


def _fill(url: str, token: str) -> list[str]:
    """Open the tickets, and return their ids."""
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"{url}/api/v1", headers=headers, timeout=60) as client:
        customer = client.post("/customers", json={"name": "Acme"}).raise_for_status().json()["id"]
        opening = [
            {"type": "OpenTicket", "data": {"customer_id": customer, "title": f"Printer {n}"}}
            for n in range(TICKETS)
        ]
        results = client.post("/commands", json=opening).raise_for_status().json()
    return [result["accepted"]["id"] for result in results]


def _request(method: str, path: str, token: str, body: Any = None) -> bytes:
    content = b"" if body is None else json.dumps(body).encode()
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: bench",
        f"Authorization: Bearer {token}",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + content


def load(url: str, requests: Sequence[bytes], seconds: float) -> Load:
    """Send the requests in turn for a while, from a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as elsewhere:
        return elsewhere.submit(_load, url, requests, seconds).result()


def _load(url: str, requests: Sequence[bytes], seconds: float) -> Load:
    return asyncio.run(_send_for_a_while(url, requests, seconds))


async def _send_for_a_while(url: str, requests: Sequence[bytes], seconds: float) -> Load:
    turns = cycle(requests)
    taken: list[float] = []
    begin = time.perf_counter() + WARM_UP
    end = begin + seconds

    async def connection() -> None:
        reader, writer = await asyncio.open_connection(*_address(url))
        while (start := time.perf_counter()) < end:
            writer.write(next(turns))
            await _answer(reader)
            now = time.perf_counter()
            if start >= begin and now <= end:
                taken.append(now - start)
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(connection() for _ in range(IN_FLIGHT)))
    return Load(len(taken) / seconds, taken)


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return str(parts.hostname), int(parts.port or 80)


async def _answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
    await reader.readexactly(int(length))


if __name__ == "__main__":
    logs.configure()  # to standard error: standard output is for the figures
    options = argparse.ArgumentParser(prog="just bench http")
    options.add_argument("--workers", type=int, default=1, help="processes that share the port")
    for figures in run(options.parse_args().workers):
        print(json.dumps(figures))
