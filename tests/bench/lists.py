"""How soon each list answers, whatever it is narrowed to and sorted by, and all about a customer.

One JSON line per case. The views are filled as `filling` says, and asked what `questions` has. So
many questions are in flight as the pool has connections; each is asked while its view stands still,
so that its total is known, and while the view moves (`moving`); `cold_ms` is the first time of all.
`nothing` is the same with a question that has no rows, `python_ms` the time of our own processor
for one request. Beside the times stands what depends less on who shares the machine: how long
Postgres takes for the statements alone, and how many pages they touch, for the page and for
counting as far as it goes. The last line sums up.

`--beside FILE` compares with the lines of a smaller run, `--plans` shows how the slow ones are
made, `--only TEXT` asks those whose names have the text.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
import psycopg
import uvloop

from domain.errors import Forbidden
from eventstore.log import Log
from eventstore.log import open_pool as open_log
from eventstore.migrate import migrate
from infra import logs
from infra.drivers.postgres_search import PostgresSearch
from readapi import parameters
from readapi.context import Asked, Context, Patience, Sources
from readapi.counts import FEW
from readapi.customers.overview import Overview, read_overview
from readapi.listings import FoundPage, Wanted
from readapi.positions import Positions
from readapi.records import read_list
from readapi.statements import Told
from readapi.totals import NearTotals, NoTotals, Totals
from readapi.views import SESSION, Views, open_pool
from tests.bench.filling import fill
from tests.bench.questions import Case, cases
from tests.bench.servers import durable, machine

IN_FLIGHT: Final = 8
PROMISED_MS: Final = 20.0
SECONDS: Final = 3.0
"""One case ends after these, however few of its requests are answered."""


class Noted(Views):
    """Views that remember what they were asked."""

    statements: Sequence[Told] = ()

    async def read(self, views: Any, *statements: Told) -> Any:
        self.statements = statements
        return await super().read(views, *statements)

    async def page(self, wanted: Wanted) -> FoundPage:
        found = await super().page(wanted)
        keys = wanted.keys(few=found.total <= FEW)
        rows = wanted.rows([key for _, key in found.keys[: wanted.limit]])
        self.statements = (keys, rows, wanted.count_few())
        return found


class Shown(msgspec.Struct, frozen=True):
    """How much an answer shows."""

    rows: int
    total: int


async def ask(case: Case, sources: Sources) -> Shown:
    """Ask once."""
    if case.overview_of:
        asked = Asked(case.resource.path, {}, case.overview_of)
        await read_overview(Overview(), Context(sources, case.actor, asked, Patience()))
        return Shown(1, 1)
    query = parameters.read(case.resource.query, {k: [v] for k, v in case.asked.items()})
    sent = {name: [value] for name, value in case.asked.items()}
    ctx = Context(sources, case.actor, Asked(case.resource.path, sent), Patience())
    page = await read_list(case.resource, query, ctx)
    return Shown(len(page.data), page.meta.total)


async def measure(question: Callable[[], Awaitable[Any]], requests: int) -> dict[str, float]:
    """Ask again and again, as many at a time as agreed, and return how long it takes."""
    times: list[float] = []
    # Each connection prepares the statements before it is measured.
    await asyncio.gather(*(question() for _ in range(IN_FLIGHT)))
    end, cpu = time.perf_counter() + SECONDS, time.process_time()
    left = iter(range(requests))

    async def client() -> None:
        for _ in left:
            start = time.perf_counter()
            await question()
            now = time.perf_counter()
            times.append((now - start) * 1000)
            if now > end:
                return

    await asyncio.gather(*(client() for _ in range(IN_FLIGHT)))
    cpu = (time.process_time() - cpu) / len(times)
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    soon = {f"p{share}_ms": round(cuts[share - 1], 1) for share in (50, 95, 99)}
    return {**soon, "python_ms": round(cpu * 1000, 2)}


class Bench:
    """Asks the questions, each in all ways."""

    def __init__(self, url: str, log: Log, rows: Any, requests: int) -> None:
        self._url, self._log, self._pool, self._requests = url, log, rows, requests
        self._standing = self._sources(NearTotals(NoTotals()))
        self._moving = self._sources(NoTotals())

    def _sources(self, totals: Totals) -> tuple[Noted, Sources]:
        views = Noted(self._pool, totals)
        search = PostgresSearch(self._pool)
        return views, Sources(views, self._log, search, Positions(views.positions))

    async def figures(self, case: Case) -> dict[str, Any] | None:
        """Return what was measured, or None where the actor may not ask that."""
        views, cold = self._sources(NoTotals())
        begin = time.perf_counter()
        try:
            shown = await ask(case, cold)
        except Forbidden:
            return None
        took = time.perf_counter() - begin
        explained = [explain(self._url, one) for one in views.statements]
        standing = await measure(partial(ask, case, self._standing[1]), self._requests)
        moving = await measure(partial(ask, case, self._moving[1]), self._requests // 4)
        nothing = await measure(views.positions, self._requests // 4)
        return {
            "case": case.name,
            **standing,
            "rows": shown.rows,
            "total": shown.total,
            "buffers": [one.buffers for one in explained],
            "database_ms": [one.took for one in explained],
            "moving": moving,
            "cold_ms": round(took * 1000, 1),
            "nothing": nothing,
            "plans": [one.plan for one in explained],
        }


class Explained(msgspec.Struct, frozen=True):
    """What Postgres says of a statement."""

    buffers: int
    """How many pages it touches."""
    took: float
    """Planning and execution, in milliseconds, alone on the server."""
    plan: str


def explain(url: str, statement: Told) -> Explained:
    """Return what it takes to answer a statement."""
    text, values = statement
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SESSION)
        connection.execute(text, values)
        prefix = "explain (analyze, buffers, timing off, format"
        told: Any = connection.execute(f"{prefix} json) {text}", values).fetchone()
        plan = "\n".join(
            row[0] for row in connection.execute(f"{prefix} text) {text}", values).fetchall()
        )
    (root,) = told[0]
    touched = root["Plan"]["Shared Hit Blocks"] + root["Plan"]["Shared Read Blocks"]
    return Explained(touched, round(root["Execution Time"] + root["Planning Time"], 2), plan)


async def ask_all(url: str, options: argparse.Namespace) -> list[dict[str, Any]]:
    """Ask every question, and print what was measured."""
    lines = []
    async with open_log(url, size=1) as log, open_pool(url, size=IN_FLIGHT) as rows:
        bench = Bench(url, Log(log), rows, options.requests)
        for case in cases(url):
            if options.only not in case.name:
                continue
            if (line := await bench.figures(case)) is None:
                continue
            plans = line.pop("plans")
            print(json.dumps(line, ensure_ascii=False), flush=True)
            if options.plans and _slow(line):
                print(line["case"], *plans, sep="\n", file=sys.stderr, flush=True)
            lines.append(line)
    return lines


def _slow(line: Mapping[str, Any]) -> bool:
    return bool(sum(line["database_ms"]) > PROMISED_MS)


def summary(lines: Sequence[Mapping[str, Any]], told: Mapping[str, Any]) -> dict[str, Any]:
    """Return how many cases are slower than promised, and which take longest."""
    slowest = sorted(lines, key=lambda line: -sum(line["database_ms"]))
    return {
        "bench": "lists",
        "cases": len(lines),
        "above": sum(line["p95_ms"] > PROMISED_MS for line in lines),
        "above_moving": sum(line["moving"]["p95_ms"] > PROMISED_MS for line in lines),
        "above_in_postgres": sum(map(_slow, lines)),
        "promised_ms": PROMISED_MS,
        "in_flight": IN_FLIGHT,
        "slowest": {line["case"]: sum(line["database_ms"]) for line in slowest[:10]},
        **told,
    }


def compared(lines: Sequence[Mapping[str, Any]], file: Path) -> str:
    """Return a table of what each case takes as a multiple of what it took in another run."""
    others = {}
    for text in file.read_text().splitlines():
        line = json.loads(text)
        others[line.get("case")] = line
    rows = ["| case | p95 ms | before | ratio | pages | before |", "|---|---|---|---|---|---|"]
    for line in lines:
        if other := others.get(line["case"]):
            before, now = other["p95_ms"], line["p95_ms"]
            pages = f"{other['buffers']} | {line['buffers']}"
            rows.append(f"| {line['case']} | {now} | {before} | {now / before:.1f} | {pages} |")
    return "\n".join(rows)


def run(url: str, options: argparse.Namespace) -> None:
    """Fill the views unless they are filled, ask, and print."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        lines = runner.run(ask_all(url, options))
    told = {name: getattr(options, name) for name in ("customers", "contacts", "tickets")}
    print(json.dumps(summary(lines, told), ensure_ascii=False))
    if options.beside:
        print(compared(lines, options.beside))


def main() -> None:
    """Start a server, fill it, measure."""
    options = argparse.ArgumentParser(prog="just bench lists")
    options.add_argument("--customers", type=int, default=10_000)
    options.add_argument("--contacts", type=int, default=30_000)
    options.add_argument("--tickets", type=int, default=100_000)
    options.add_argument("--requests", type=int, default=200, help="per case")
    options.add_argument("--only", default="", help="ask the cases whose names have this text")
    options.add_argument("--plans", action="store_true", help="show the plans of the slow ones")
    options.add_argument("--beside", type=Path, help="the lines of another run to compare with")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="psa-bench-") as folder, durable(Path(folder)) as urls:
        migrate(urls.postgres_owner, app_role="psa_app")
        fill(
            urls.postgres,
            customers=given.customers,
            contacts=given.contacts,
            tickets=given.tickets,
        )
        run(urls.postgres, given)
        print(json.dumps({"machine": machine(urls.postgres, Path(folder))}))


if __name__ == "__main__":
    logs.configure()  # to standard error: standard output is for the figures
    main()
