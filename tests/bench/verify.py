"""How fast the log is verified, beside plain reading of the same rows; prints one JSON line.

`python -m tests.bench.verify [EVENTS]` starts a server of its own. One process compares, so that
the figure is for one core; the table's own checks of streams and commands are told apart.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, Final

import psycopg

from eventstore.log import scan
from eventstore.migrate import migrate
from eventstore.sealing import seals
from eventstore.sealing.tables import check_tables
from eventstore.sealing.verify import compare_events
from eventstore.sealing.walk import walk
from infra.embedded import Urls
from tests.bench.servers import durable, machine
from tests.conftest import APP_ROLE, Database
from tests.eventstore.carried import fill
from tests.eventstore.sealing.given import key, steps

TURNS: Final = 3


def run(count: int) -> dict[str, Any]:
    """Return events per second, each the median of all turns; the sides take turns."""
    with tempfile.TemporaryDirectory(prefix="psa-bench-") as home, durable(Path(home)) as urls:
        migrate(urls.postgres_owner, app_role=APP_ROLE)
        fill(Database(urls.postgres, urls.postgres_owner), count, size=300)
        sealed = seconds(lambda: seal(urls))
        turns = [
            (seconds(lambda: compared(urls)), seconds(lambda: plain(urls, count)))
            for _ in range(TURNS)
        ]
        ours, theirs = (count / median(side) for side in zip(*turns, strict=True))
        with psycopg.connect(urls.postgres, autocommit=True) as connection:
            tables = seconds(lambda: check_tables(connection))
        return {
            "bench": "verify",
            "value": round(ours),
            "unit": "events/s/core",
            "baseline": {"name": "psycopg, pages of the same rows", "value": round(theirs)},
            "ratio": round(ours / theirs, 2),
            "events": count,
            "sealed": round(count / sealed),
            "streams_and_commands_s": round(tables, 2),
            "load": round(os.getloadavg()[0], 1),
            "machine": machine(urls.postgres, Path(home)),
        }


def seal(urls: Urls) -> None:
    """Seal everything, one step after the other."""
    with psycopg.connect(urls.postgres, autocommit=True) as connection:
        at_work = steps(connection)
        while at_work.seal(at_once=True):
            pass


def compared(urls: Urls) -> None:
    """Check the chain of seals, and all events against it."""
    with psycopg.connect(urls.postgres, autocommit=True) as connection:
        log = seals.log_id(connection)
        walked = walk(log, key(1).public, seals.read_rows(connection))
    assert walked.problem is None
    assert compare_events(urls.postgres, walked.seals, 1, lambda _, __: None) is None


def plain(urls: Urls, count: int) -> None:
    """Read the same rows, as views and relay do."""
    assert sum(len(page) for page in scan(urls.postgres)) == count


def seconds(work: Callable[[], Any]) -> float:
    """Return how long it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)))
