"""A server with the settings of production, and what its figures depend on."""

import os
import platform
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from infra.embedded import Stack, Urls


@contextmanager
def durable(home: Path) -> Iterator[Urls]:
    """Run PostgreSQL as production does, and nothing else."""
    unused = {"PSA_NATS_URL": "unused", "PSA_REDIS_URL": "unused"}
    with Stack(home, external=unused, durable=True) as stack:
        yield stack.start()


def machine(url: str, folder: Path) -> dict[str, Any]:
    """Return what the figures depend on."""
    with psycopg.connect(url) as connection:
        version = connection.info.parameter_status("server_version")
        for setting in ("fsync", "synchronous_commit"):
            assert connection.execute(f"show {setting}".encode()).fetchone() == ("on",)
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "postgres": version,
        "fsync_us": fsync_us(folder),
    }


def fsync_us(folder: Path) -> int:
    """Return the median time to bring a page to the disk, in microseconds."""
    taken = []
    with (folder / "fsync").open("wb", buffering=0) as file:
        for _ in range(200):
            file.seek(0)
            file.write(os.urandom(8192))
            start = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - start)
    return round(statistics.median(taken) * 1_000_000)
