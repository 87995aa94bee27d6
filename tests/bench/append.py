"""How many events a second the log takes, beside the library's recorder and beside raw INSERTs.

Single-event commands are in flight, each for a stream of its own. All sides use one server with
the settings of production (every commit is on the disk before it is answered), in turns. Each side
is a line of JSON, and so is each size of the log; the last line has the ratios, and what is paid
for on the way from a bare INSERT to our own rate, in microseconds an event.
"""

import argparse
import itertools
import json
import statistics
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from eventstore.migrate import migrate
from infra.embedded import Urls
from tests.bench.append_facts import Turn
from tests.bench.append_growth import empty_log, fill, wal_bytes
from tests.bench.append_ours import in_processes, ours, sealed
from tests.bench.append_raw import RUNGS, Batches, raw, raw_tables
from tests.bench.append_stock import stock, stock_recorder
from tests.bench.servers import durable, machine
from tests.conftest import APP_ROLE

OURS, SEALED, TWO, STOCK = "ours", "ours, sealed meanwhile", "ours, two processes", "stock recorder"
PAID_FOR: Final = (
    "the rows",
    "indexes",
    "arrays in place of values",
    "streams and commands",
    "deciding",
    "an answer to each caller",
)
"""What each rung does that the one before it does not; the last one is our own rate."""
PAIRS: Final = (
    (OURS, STOCK),
    (TWO, STOCK),
    (SEALED, OURS),
    (TWO, OURS),
    *((OURS, rung) for rung in RUNGS),
)

Sides = Mapping[str, Callable[[], Turn]]


class Plan(msgspec.Struct, frozen=True):
    """How long each turn takes, how many there are, and how large the log grows."""

    seconds: float
    turns: int
    rows: int
    in_flight: int


def run(plan: Plan) -> None:
    """Measure, and print a line for each side, for each size, and for all."""
    with tempfile.TemporaryDirectory(prefix="psa-bench-") as name, durable(Path(name)) as urls:
        home = Path(name)
        migrate(urls.postgres_owner, app_role=APP_ROLE)
        behind: list[float] = []
        rates = beside_each_other(plan, urls, home, behind)
        by_rows = growing(plan, urls)
        summary = {
            "ratios": {f"{a} / {b}": round(rates[a] / rates[b], 2) for a, b in PAIRS},
            "smallest_to_largest_rate_by_rows": round(min(by_rows) / max(by_rows), 2),
            "seals_behind_s": round(max(behind), 2),
            "microseconds": paid(rates),
            "machine": machine(urls.postgres, home),
        }
        show(side="all", **summary)


def beside_each_other(plan: Plan, urls: Urls, home: Path, behind: list[float]) -> dict[str, float]:
    """Return the rates of all sides, each the median of its turns; they take turns."""
    how = (plan.seconds, plan.in_flight)
    first = ours(urls.postgres, *how)
    turn = Batches(round(first.events / first.commits), plan.seconds)
    with ExitStack() as stack:
        recorder = stack.enter_context(stock_recorder(urls.postgres_owner))
        tables = stack.enter_context(raw_tables(urls.postgres_owner))
        places = itertools.count(1)
        sides: Sides = {
            OURS: partial(ours, urls.postgres, *how),
            SEALED: partial(sealed, urls, home, behind, *how),
            TWO: partial(in_processes, urls.postgres, *how),
            STOCK: partial(stock, recorder, *how),
            **{rung: partial(raw, tables, send, places, turn) for rung, send in RUNGS.items()},
        }
        turns = [{side: measure() for side, measure in sides.items()} for _ in range(plan.turns)]
    return {side: told(plan, side, [turn[side] for turn in turns]) for side in sides}


def growing(plan: Plan, urls: Urls) -> list[float]:
    """Return our rates while a log grows to so many rows.

    How much WAL an event costs tells where they come from: a page that is touched for the first
    time after a checkpoint is written whole, and a large log has many.
    """
    rates = []
    with empty_log(urls) as database:
        for share in (0, 0.25, 0.5, 1):
            rows = fill(database.owner_url, round(plan.rows * share))
            before = wal_bytes(database.url)
            turns = [ours(database.url, plan.seconds, plan.in_flight) for _ in range(plan.turns)]
            written = wal_bytes(database.url) - before
            each = round(written / sum(turn.events for turn in turns))
            rates.append(told(plan, OURS, turns, rows=rows, wal_bytes_per_event=each))
    return rates


def told(plan: Plan, side: str, turns: Sequence[Turn], **facts: int) -> float:
    """Print the figures of a side, and return its rate."""
    rate = statistics.median(turn.events / plan.seconds for turn in turns)
    commits = sum(turn.commits for turn in turns)
    if commits:
        facts["events_per_commit"] = round(sum(turn.events for turn in turns) / commits)
    taken = [seconds for turn in turns for seconds in turn.taken]
    cuts = statistics.quantiles(taken, n=100) if taken else []
    latencies = {f"p{p}_ms": round(cuts[p - 1] * 1000, 2) for p in (50, 95, 99) if cuts}
    show(side=side, value=round(rate), unit="events/s", **facts, **latencies)
    return rate


def paid(rates: Mapping[str, float]) -> dict[str, float]:
    """Return what each rung costs an event more than the one below it, in microseconds."""
    costs = [1_000_000 / rates[side] for side in (*RUNGS, OURS)]
    steps = [later - earlier for earlier, later in itertools.pairwise([0.0, *costs])]
    return {name: round(step, 1) for name, step in zip(PAID_FOR, steps, strict=True)}


def show(**facts: Any) -> None:
    """Print a line."""
    print(json.dumps({"bench": "append", **facts}), flush=True)


def arguments() -> Plan:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(
        prog="just bench append",
        description=__doc__,
        epilog="A short run: just bench append --seconds 1 --turns 1 --rows 20000",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seconds", type=float, default=4.0, help="of one turn")
    parser.add_argument("--turns", type=int, default=5, help="of each side")
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the log in the end")
    parser.add_argument("--in-flight", type=int, default=64, help="commands, or threads")
    return Plan(**vars(parser.parse_args()))


if __name__ == "__main__":
    run(arguments())
