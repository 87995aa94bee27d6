"""What a comment costs the view `search`, and how long a search takes in Postgres.

`python -m tests.bench.search [TICKETS]` starts a server of its own and prints one JSON line per
figure. A comment goes the way of a worker, alone in its batch, to a short ticket and to a long
one. Then there are many tickets, with ten comments each, and queries for words that are in most
tickets, in some and in hardly any.
"""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec
import psycopg
import structlog
import uvloop

from domain.base import Event
from eventstore.log import scan
from eventstore.migrate import migrate
from eventstore.records import Recorded
from infra.drivers.postgres_search import PostgresSearch
from projections.running.rebuild import rebuild
from projections.running.worker import Worker
from projections.schema import ensure
from projections.search import VIEW
from readapi.views import open_pool
from tests.bench.servers import durable, machine
from tests.conftest import APP_ROLE
from tests.given import commented, opened
from tests.projections.given import Pages, append

TICKETS: Final = 20_000
CUSTOMERS: Final = 500
COMMENTS: Final = 10
WORDS: Final = 45
"""In a text: about 300 characters."""
LENGTHS: Final = {"short": 1, "long": 300}
"""Texts on a ticket before it is commented on: 300 and 90,000 characters."""
TIMES: Final = 30

EVERY: Final = {"drucker": 10, "netzwerk": 11, "toner": 1_000, "gabelstapler": 20_000}
"""One text in so many has the word."""
QUERIES: Final = (
    "drucker",
    "toner",
    "gabelstapler",
    "drucker netzwerk",
    "drucker toner",
    "drucker gabelstapler",
)


class Prose:
    """Texts whose words are as unevenly frequent as those of a language; the same in every run."""

    def __init__(self) -> None:
        self._random = random.Random(1)
        consonants, vowels = "bdfgklmnprstvw", "aeiou"
        syllables = [first + vowel for first in consonants for vowel in vowels]
        self._words = ["".join(self._random.choices(syllables, k=n % 3 + 2)) for n in range(5_000)]
        self._weights = list(accumulate(1 / rank for rank in range(1, len(self._words) + 1)))
        self._written = 0

    def text(self) -> str:
        """Return the next text."""
        self._written += 1
        words = self._random.choices(self._words, cum_weights=self._weights, k=WORDS)
        words += [word for word, every in EVERY.items() if self._written % every == 0]
        return " ".join(words)


def ticket(number: int, prose: Prose, comments: int) -> Iterator[Event]:
    """Yield the events of a ticket."""
    stream = UUID(int=number)
    yield opened(
        originator_id=stream,
        external=None,
        ticket_number=number,
        title=prose.text()[:60],
        description=prose.text(),
        customer_id=UUID(int=number % CUSTOMERS + 1),
    ).event(1)
    for version in range(2, comments + 2):
        yield comment(stream, prose).event(version)


def comment(stream: UUID, prose: Prose) -> Any:
    """Return a comment that is about to be written."""
    return commented(originator_id=stream, body=prose.text())


class Timed(Pages):
    """A feed of single events that takes the time from each delivery to its commit."""

    def __init__(self, events: Sequence[Recorded]) -> None:
        super().__init__(events, size=1)
        self.laps: list[float] = []
        self._began = 0.0

    async def next(self, after: int) -> list[Recorded]:
        self._began = time.perf_counter()
        return await super().next(after)

    async def acknowledge(self, position: int) -> None:
        self.laps.append(time.perf_counter() - self._began)


async def cost_of_a_comment(url: str, number: int, texts: int, prose: Prose) -> list[float]:
    """Return how long a worker takes for each of some comments on a ticket with so many texts."""
    events = list(ticket(number, prose, texts - 1))
    more = [comment(UUID(int=number), prose).event(len(events) + n) for n in range(1, TIMES + 1)]
    append(url, events)
    await Worker([VIEW], url, feed := Pages([e for page in scan(url) for e in page])).run(feed.stop)
    append(url, more)
    timed = Timed([event for page in scan(url) for event in page][-TIMES:])
    await Worker([VIEW], url, timed).run(timed.stop)
    return timed.laps


async def latencies(search: PostgresSearch, query: str, **rights: Any) -> tuple[list[float], int]:
    """Return how long each of some searches takes, and how much is found."""
    asked = {"kinds": (), "customer_ids": None, "include_internal": True, "limit": 20} | rights
    taken, hits = [], []
    for _ in range(TIMES):
        began = time.perf_counter()
        hits = await search.find(query, **asked)
        taken.append(time.perf_counter() - began)
    return taken, len(hits)


def told(what: str, times: Sequence[float], **more: Any) -> None:
    """Print one figure."""
    figures = {"bench": "search", "what": what, "unit": "ms", **more}
    figures |= {"least": round(1000 * min(times), 2)}
    figures |= {"p50": round(1000 * statistics.median(times), 2)}
    figures |= {"p95": round(1000 * statistics.quantiles(times, n=20)[-1], 2)}
    print(msgspec.json.encode(figures).decode(), flush=True)


async def run(url: str, owner_url: str, tickets: int) -> None:
    """Measure, and print."""
    prose = Prose()
    for place, (length, texts) in enumerate(LENGTHS.items(), start=1):
        laps = await cost_of_a_comment(url, 10_000_000 + place, texts, prose)
        told(f"a comment on a {length} ticket", laps)
    append(url, (event for n in range(1, tickets + 1) for event in ticket(n, prose, COMMENTS)))
    with psycopg.connect(url) as connection:
        # As if it were of another shape: else it would be rebuilt up to where it stands.
        connection.execute("update rm.checkpoints set shape = -shape")
    report = await rebuild(VIEW, owner_url)
    told("rebuild", [report.seconds] * 2, rows=report.rows)
    async with open_pool(url) as pool:
        search = PostgresSearch(pool)
        for query in QUERIES:
            times, hits = await latencies(search, query)
            told(query, times, hits=hits)
        times, hits = await latencies(
            search, "drucker", customer_ids=[UUID(int=7)], include_internal=False
        )
        told("drucker, of one customer", times, hits=hits)


def main(tickets: int) -> None:
    """Start a server, measure, print."""
    with tempfile.TemporaryDirectory(prefix="psa-bench-") as home, durable(Path(home)) as urls:
        migrate(urls.postgres_owner, app_role=APP_ROLE)
        ensure(urls.postgres, [VIEW])
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run(urls.postgres, urls.postgres_owner, tickets))
        print(msgspec.json.encode(machine(urls.postgres, Path(home))).decode())


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TICKETS)
