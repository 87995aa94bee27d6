"""What the machine works on: one log and every way into it."""

import asyncio
import itertools
import tempfile
from collections import Counter
from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import UUID

import psycopg

from eventstore.appender import Appender
from eventstore.batches import Outcome
from eventstore.log import Log, open_pool
from eventstore.records import Append, Appended, NewEvent, Recorded, Since
from tests.conftest import Database
from tests.eventstore.append_model import Answered, Placed
from tests.eventstore.given import append
from tests.eventstore.lossy import losing

T = TypeVar("T")

CONNECTIONS: Final = (1, 1, 2)
"""Of each appender; the batches of two connections may overtake each other."""
CUT: Final = """
    select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and usename = current_user
       and query like '%es.append(%' and pid <> pg_backend_pid()
"""
COMMANDS: Final = """
    select command_id, first_position, last_position, request_hash
      from es.commands where command_id = any (%s)
"""
STREAMS: Final = """
    select stream_id, version, first_position, last_position
      from es.streams where stream_id = any (%s)
"""


class World:
    """A log that nobody else appends to, for any number of runs."""

    def __init__(
        self, url: str, direct: psycopg.Connection, runner: asyncio.Runner, folder: Path
    ) -> None:
        self._url = url
        self._direct = direct
        self._runner = runner
        self._folder = folder
        self.runs = itertools.count(1)
        self.told: Counter[str] = Counter()
        """How many answers there were of each kind, and how many runs and steps."""

    async def open(self, stack: AsyncExitStack) -> None:
        """Open the appenders and the way out, until the end of the stack."""
        self.log = Log(await stack.enter_async_context(open_pool(self._url, size=2)))
        self._appenders = [
            await stack.enter_async_context(Appender(self._url, connections=count))
            for count in CONNECTIONS
        ]

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for what happens in the loop of the appenders."""
        return self._runner.run(work)

    def directly(self, batch: Sequence[Append], *, any_first: bool = False) -> list[Outcome]:
        """Append a batch with one call of es.append; raises what Postgres refuses."""
        return append(self._direct, *batch, any_first=any_first)

    def through(self, batch: Sequence[Append]) -> list[Outcome]:
        """Append commands in this order through an appender."""
        return self.do(_many(self._appenders[0], batch))

    def at_once(
        self, direct: Sequence[Append], lanes: Sequence[Sequence[Append]]
    ) -> tuple[list[Outcome], list[list[Outcome]]]:
        """Append directly, and meanwhile through each appender."""

        async def both() -> tuple[list[Outcome], list[list[Outcome]]]:
            through = (_many(a, lane) for a, lane in zip(self._appenders, lanes, strict=True))
            first = asyncio.to_thread(self.directly, direct)
            answers, *others = await asyncio.gather(first, *through)
            return answers, others

        return self.do(both())

    def unheard(self, batch: Sequence[Append], lost: bytes) -> list[Outcome]:
        """Append through a line that breaks once, when an answer with this word comes back."""

        async def on_a_bad_line() -> list[Outcome]:
            async with (
                losing(lost, self._url, self._folder, times=1) as line,
                Appender(line) as appender,
            ):
                return await _many(appender, batch)

        return self.do(on_a_bad_line())

    def impatiently(self, batch: Sequence[Append], leaves: int, turns: int) -> list[Outcome | None]:
        """Append commands; one's caller leaves after so many turns, and does not hear of it."""

        async def until_one_leaves() -> list[Outcome | None]:
            waiting = [asyncio.create_task(self._appenders[0].append(one)) for one in batch]
            for _ in range(turns):
                await asyncio.sleep(0)
            waiting[leaves].cancel()
            answers = await asyncio.gather(*waiting, return_exceptions=True)
            return [each if isinstance(each, Appended | Exception) else None for each in answers]

        return self.do(until_one_leaves())

    def head(self) -> int:
        """Return where the log ends."""
        return self.do(self.log.head())

    def read_all(self, after: int) -> list[Placed]:
        """Return everything behind a position."""
        return _placed(self.do(self.log.read_all(after, 10_000)))

    def read_parts(
        self, since: Mapping[UUID, int], some: Sequence[UUID]
    ) -> tuple[dict[UUID, list[Placed]], dict[UUID, list[Placed]]]:
        """Return streams from these versions on, and some of them between 1 and these."""

        async def both() -> tuple[dict[Since, list[Recorded]], list[list[Recorded]]]:
            parts = (self.log.read_stream(each, after=1, upto=since[each]) for each in some)
            late = await self.log.read_since(set(since.items()), 10_000)
            return late, await asyncio.gather(*parts)

        late, early = self.do(both())
        return (
            {stream_id: _placed(events) for (stream_id, _), events in late.items()},
            dict(zip(some, map(_placed, early), strict=True)),
        )

    def note(self, answered: Iterable[Answered]) -> None:
        """Count what was answered."""
        self.told.update(each.kind() for each in answered)

    def cut_the_lines(self) -> None:
        """Break the connections of all appenders."""
        self._direct.execute(CUT.encode())

    def commands(self, ids: Sequence[UUID]) -> dict[UUID, tuple[bytes, Appended]]:
        """Return what the log knows of these commands."""
        rows = self._direct.execute(COMMANDS, [list(ids)]).fetchall()
        return {row[0]: (row[3], Appended(*row[:3])) for row in rows}

    def streams(self, ids: Sequence[UUID]) -> dict[UUID, tuple[int, int, int]]:
        """Return version, first and last position of these streams."""
        rows = self._direct.execute(STREAMS, [list(ids)]).fetchall()
        return {row[0]: (row[1], row[2], row[3]) for row in rows}


@contextmanager
def world(database: Database) -> Iterator[World]:
    """Give a world on this log."""
    with (
        psycopg.connect(database.url, autocommit=True) as direct,
        tempfile.TemporaryDirectory(prefix="psa-") as folder,  # short enough for a socket
        asyncio.Runner() as runner,
    ):
        made = World(database.url, direct, runner, Path(folder))
        stack = AsyncExitStack()
        try:
            runner.run(made.open(stack))
            yield made
        finally:
            runner.run(stack.aclose())


async def _many(appender: Appender, batch: Sequence[Append]) -> list[Outcome]:
    return await appender.append_many(batch)


def _placed(events: Sequence[Recorded]) -> list[Placed]:
    return [
        Placed(
            e.position,
            NewEvent(e.stream_id, e.version, e.event_id, e.topic, e.class_version, e.state),
            e.metadata,
        )
        for e in events
    ]
