"""The library's side: its own recorder with its default settings, one thread per command."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from eventsourcing.persistence import ApplicationRecorder, InfrastructureFactory
from eventsourcing.utils import Environment
from psycopg.conninfo import conninfo_to_dict

from tests.bench.append_facts import Clock, Turn, a_stored_event


@contextmanager
def stock_recorder(url: str) -> Iterator[ApplicationRecorder]:
    """Give the library's recorder on tables of its own."""
    address = conninfo_to_dict(url)
    names = {"DBNAME": "dbname", "HOST": "host", "PORT": "port", "USER": "user"}
    env = {f"POSTGRES_{key}": str(address[name]) for key, name in names.items()}
    env |= {"POSTGRES_PASSWORD": str(address["password"])}
    env |= {"PERSISTENCE_MODULE": "eventsourcing.postgres"}
    factory = InfrastructureFactory.construct(Environment(env=env))
    yield factory.application_recorder()
    factory.close()


def stock(recorder: ApplicationRecorder, seconds: float, in_flight: int) -> Turn:
    """Insert one event after another in so many threads."""
    recorder.insert_events([a_stored_event()])
    clock = Clock(seconds)

    def client() -> None:
        while (start := time.perf_counter()) < clock.end:
            recorder.insert_events([a_stored_event()])
            clock.note(start)

    threads = [threading.Thread(target=client) for _ in range(in_flight)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Turn(len(clock.taken), clock.taken)
