"""Proves that the log is what a page of Python says, whatever is appended in whatever way.

`python -m tests.prove.append [RUNS] [SEED]` lets the machine of the suite append to one log, run
after run, in an order drawn with the seed. One line of JSON tells what it met; a fault is told with
the shortest way to it, and the exit code is 1.
"""

import json
import sys
import tempfile
import time
import traceback
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from eventstore.migrate import migrate
from infra.embedded import Stack
from tests.conftest import APP_ROLE, Database
from tests.eventstore.append_machine import machine_on
from tests.eventstore.append_world import world
from tests.eventstore.carried import broken

STEPS: Final = 30
UNUSED: Final = {"PSA_NATS_URL": "unused", "PSA_REDIS_URL": "unused"}


def run(runs: int, number: int) -> bool:
    """Print what was met, and tell whether all was as it has to be."""
    started = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="psa-") as home,
        Stack(Path(home), external=UNUSED, durable=False) as stack,
    ):
        urls = stack.start()
        migrate(urls.postgres_owner, app_role=APP_ROLE)
        told: dict[str, Any] = prove(Database(urls.postgres, urls.postgres_owner), runs, number)
    seconds = round(time.monotonic() - started, 1)
    print(json.dumps({"prove": "append", "seed": number, **told, "seconds": seconds}))
    return bool(told["holds"])


def prove(
    database: Database, runs: int, number: int, *, phases: Collection[Phase] = tuple(Phase)
) -> dict[str, Any]:
    """Append to an empty log, and return what it answered."""
    longer = settings(
        max_examples=runs,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )
    with world(database) as log:
        machine = seed(number)(machine_on(log))
        try:
            run_state_machine_as_test(machine, settings=longer)
        except Exception:  # noqa: BLE001 - whatever was found, it is told
            traceback.print_exc()
            holds = False
        else:
            holds = broken(database) == []
        return {"events": log.head(), **dict(sorted(log.told.items())), "holds": holds}


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    sys.exit(0 if run(*given, *(1_000, 1)[len(given) :]) else 1)
