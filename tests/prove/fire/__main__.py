"""Proves that the order of the log holds under fire; prints one JSON line.

`python -m tests.prove.fire [--seconds 600] [--writers 64] [--processes 4] [--seed 1]` starts
servers of its own, with the settings of production. The writers' connections and processes are
killed at random, some of them roll back, a transaction stays open in the same database and one in
another. Readers of Postgres and of the stream follow. In the end every answer is held against the
log: what was told to be there is there once, all else is there whole or not at all. The exit code
is 1 where it is not.
"""

import argparse
import asyncio
import json
import logging
import sys
import tempfile
from pathlib import Path
from typing import Any

import structlog

from eventstore.migrate import migrate
from infra.embedded import Stack
from tests.conftest import APP_ROLE, Database
from tests.prove.fire.proof import Fire, prove


def run(fire: Fire) -> dict[str, Any]:
    """Return the figures."""
    with tempfile.TemporaryDirectory(prefix="psa-") as name:
        home = Path(name)
        (journals := home / "journals").mkdir()
        with Stack(home / "home", external={"PSA_REDIS_URL": "unused"}, durable=True) as stack:
            urls = stack.start()
            migrate(urls.postgres_owner, app_role=APP_ROLE)
            database = Database(urls.postgres, urls.postgres_owner)
            return asyncio.run(prove(fire, database, urls.nats, journals))


def arguments() -> Fire:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(prog="just prove fire", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--writers", type=int, default=64)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    return Fire(**vars(parser.parse_args()))


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    figures = run(arguments())
    print(json.dumps({"prove": "fire", **figures}))
    sys.exit(0 if figures["holds"] else 1)
