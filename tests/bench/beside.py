"""What runs beside a measurement: the sealer, in a process of its own as in production."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg

from infra.embedded import Urls

UNSEALED: Final = """
    select coalesce((select max(position) from es.events), 0)
         - coalesce((select max(last_position) from es.seals), 0)
"""
BEHIND: Final = """
    select max(substring(statement from 'sealed-at ([^\n]+)')::timestamptz - recorded_at)
      from es.seals
      join es.events on position = first_position
     where seal > %s
"""
DEADLINE: Final = 60.0


@contextmanager
def sealer(urls: Urls, home: Path, behind: list[float]) -> Iterator[None]:
    """Seal the log meanwhile; begins once all that was there is sealed.

    Notes the seconds that the oldest event of a seal had waited for it, at most.
    """
    env = {
        **os.environ,
        "PSA_HOME": str(home / "sealer"),
        "PSA_POSTGRES_URL": urls.postgres,
        "PSA_KEYS_URL": urls.keys,
        "PSA_NATS_URL": "nats://127.0.0.1:9",  # Nobody there: the file anchors alone.
        "PSA_REDIS_URL": "unused",
    }
    with (home / "sealer.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "infra.cli", "seal"], env=env, stdout=log, stderr=log
        )
    try:
        before = wait_until_sealed(urls)
        yield
        wait_until_sealed(urls)
        with psycopg.connect(urls.postgres) as connection:
            row = connection.execute(BEHIND, [before]).fetchone()
            behind.append(row[0].total_seconds() if row else 0.0)
    finally:
        process.terminate()
        assert process.wait(DEADLINE) == 0


def wait_until_sealed(urls: Urls) -> int:
    """Wait until every event is sealed, and return the number of the last seal."""
    deadline = time.monotonic() + DEADLINE
    with psycopg.connect(urls.postgres, autocommit=True) as connection:
        while connection.execute(UNSEALED).fetchone() != (0,):
            assert time.monotonic() < deadline, "the sealer does not seal"
            time.sleep(0.05)
        row = connection.execute("select coalesce(max(seal), 0) from es.seals").fetchone()
        return int(row[0]) if row else 0
