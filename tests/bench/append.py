"""How many events a second the log takes, beside the library's recorder.

64 single-event commands are in flight, each for a stream of its own. Both sides use one server
with the settings of production (every commit is on the disk before it is answered), in turns.
"""

import asyncio
import json
import os
import platform
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import psycopg
import uvloop
from eventsourcing.persistence import ApplicationRecorder, InfrastructureFactory, StoredEvent
from eventsourcing.utils import Environment
from psycopg.conninfo import conninfo_to_dict

from eventstore.appender import Appender
from eventstore.migrate import migrate
from eventstore.records import Append, NewEvent
from infra.embedded import Stack, Urls
from tests.bench import beside

IN_FLIGHT: Final = 64
TURNS: Final = 5
SECONDS: Final = 4.0
STATE: Final = json.dumps({"title": "Printer on fire", "text": "x" * 200}).encode()
METADATA: Final = json.dumps({"actor": str(uuid4()), "cause": "x" * 100}).encode()


def run() -> dict[str, Any]:
    """Return the figures, each the median of all turns."""
    with tempfile.TemporaryDirectory(prefix="psa-bench-") as folder, durable(Path(folder)) as urls:
        migrate(urls.postgres_owner, app_role="psa_app")
        behind: list[float] = []
        with stock_recorder(urls.postgres_owner) as recorder:
            turns = [
                (ours(urls.postgres), sealed(urls, Path(folder), behind), theirs(recorder))
                for _ in range(TURNS)
            ]
        our_rate, sealed_rate, their_rate = (
            statistics.median(len(side) / SECONDS for side in sides)
            for sides in zip(*turns, strict=True)
        )
        cuts = statistics.quantiles([t for turn, *_ in turns for t in turn], n=100)
        return {
            "bench": "append",
            "value": round(our_rate),
            "unit": "events/s",
            "baseline": {
                "name": "eventsourcing PostgresApplicationRecorder, 64 threads",
                "value": round(their_rate),
            },
            "ratio": round(our_rate / their_rate, 1),
            "sealed": {
                "value": round(sealed_rate),
                "share": round(sealed_rate / our_rate, 2),
                "behind_s": round(max(behind), 2),
            },
            **{f"p{p}_ms": round(cuts[p - 1] * 1000, 2) for p in (50, 95, 99)},
            "machine": machine(urls.postgres, Path(folder)),
        }


@contextmanager
def durable(home: Path) -> Iterator[Urls]:
    """Run PostgreSQL as production does, and nothing else."""
    unused = {"PSA_NATS_URL": "unused", "PSA_REDIS_URL": "unused"}
    with Stack(home, external=unused, durable=True) as stack:
        yield stack.start()


def ours(url: str) -> list[float]:
    """Return how long each command took that was answered in time."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(append_for_a_while(url))


def sealed(urls: Urls, home: Path, behind: list[float]) -> list[float]:
    """Return the same while the log is sealed, and note how far behind the seals were."""
    with beside.sealer(urls, home, behind):
        return ours(urls.postgres)


async def append_for_a_while(url: str) -> list[float]:
    """Keep as many commands in flight as agreed."""
    taken: list[float] = []
    async with Appender(url) as appender:
        await appender.append(a_command())
        end = time.perf_counter() + SECONDS

        async def client() -> None:
            while (start := time.perf_counter()) < end:
                await appender.append(a_command())
                note(taken, start, end)

        await asyncio.gather(*(client() for _ in range(IN_FLIGHT)))
    return taken


def theirs(recorder: ApplicationRecorder) -> list[float]:
    """Return how long each insert took that was answered in time."""
    taken: list[float] = []
    recorder.insert_events([a_stored_event()])
    end = time.perf_counter() + SECONDS

    def client() -> None:
        while (start := time.perf_counter()) < end:
            recorder.insert_events([a_stored_event()])
            note(taken, start, end)

    threads = [threading.Thread(target=client) for _ in range(IN_FLIGHT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def note(taken: list[float], start: float, end: float) -> None:
    """Note how long it took, unless the turn is over."""
    if (now := time.perf_counter()) <= end:
        taken.append(now - start)


def a_command() -> Append:
    """One event, for a stream of its own."""
    event = NewEvent(uuid4(), 1, uuid4(), "ticket.opened", 1, STATE)
    return Append(uuid4(), b"h" * 32, METADATA, [event])


def a_stored_event() -> StoredEvent:
    """The same for the library."""
    return StoredEvent(uuid4(), 1, "ticket.opened", STATE)


@contextmanager
def stock_recorder(url: str) -> Iterator[ApplicationRecorder]:
    """Give the library's recorder with its default settings."""
    address = conninfo_to_dict(url)
    names = {"DBNAME": "dbname", "HOST": "host", "PORT": "port", "USER": "user"}
    env = {f"POSTGRES_{key}": str(address[name]) for key, name in names.items()}
    env |= {"POSTGRES_PASSWORD": str(address["password"])}
    env |= {"PERSISTENCE_MODULE": "eventsourcing.postgres"}
    factory = InfrastructureFactory.construct(Environment(env=env))
    yield factory.application_recorder()
    factory.close()


def machine(url: str, folder: Path) -> dict[str, Any]:
    """Return what the figures depend on."""
    with psycopg.connect(url) as connection:
        version = connection.info.parameter_status("server_version")
        settings = connection.execute("show fsync").fetchone()
        assert settings == ("on",)
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


if __name__ == "__main__":
    print(json.dumps(run()))
