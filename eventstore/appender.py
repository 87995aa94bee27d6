"""The way into the log: commands that arrive together are committed together."""

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any, Final, NamedTuple, Protocol, Self

import psycopg

from eventstore.batches import APPEND, Outcome, Row, arguments, outcomes
from eventstore.errors import LogUnavailable
from eventstore.log import LINE
from eventstore.packing import register
from eventstore.personal.vault import Outcome as Protected
from eventstore.personal.vault import Plain
from eventstore.records import Append, Appended

MAX_COMMANDS: Final = 200
MAX_EVENTS: Final = 1_000
MAX_BYTES: Final = 4_000_000

# SQLSTATE classes: connection, serialization, resources, operator intervention.
PASSING: Final = {"08", "40", "53", "57"}
LOCK_NOT_AVAILABLE: Final = "55P03"
PLAIN: Final = Plain()


Opened = Callable[[psycopg.AsyncConnection[Any]], Awaitable[None]]


class _Waiting(NamedTuple):
    append: Append
    answer: asyncio.Future[Outcome]


class Protection(Protocol):
    """What encrypts that which tells of people."""

    async def protect(self, appends: Sequence[Append]) -> list[Protected]:
        """Return the commands as they are stored, or what refuses one of them."""
        ...


class Appender:
    """Appends commands in the order they came, as many per commit as have gathered."""

    def __init__(
        self,
        conninfo: str,
        vault: Protection = PLAIN,
        *,
        connections: int = 1,
        patience: float = 10.0,
        doorbell: Callable[[int], None] | None = None,
        opened: Opened | None = None,
    ) -> None:
        """Connect when the first command comes; `vault` encrypts what tells of people.

        A second connection gives up the order between batches. A log that is lost is
        looked for during `patience` seconds, before commands fail. `doorbell` gets the
        last position after each commit, and is not waited for. `opened` gets each connection
        before the first append by it.
        """
        self._writers = [_Writer(conninfo, patience, opened) for _ in range(connections)]
        self._vault = vault
        self._doorbell = doorbell
        self._queue: deque[_Waiting] = deque()
        self._arrived = asyncio.Event()
        self._closing = False
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        """Start to append."""
        self._tasks = [asyncio.create_task(self._work(w)) for w in self._writers]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Append what is queued, then close."""
        self._closing = True
        self._arrived.set()
        await asyncio.gather(*self._tasks)

    async def append(self, append: Append) -> Appended:
        """Append one command, or find that it had been appended before.

        Raises VersionConflict, CommandIdReused, PersonErased, LogUnavailable, or
        psycopg.Error if Postgres can not store what it was given. Who stops waiting does
        not call the command back.
        """
        outcome = await self._enqueue(append)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def append_many(self, appends: Sequence[Append]) -> list[Outcome]:
        """Append commands in this order and return what became of each."""
        return await asyncio.gather(*map(self._enqueue, appends))

    def _enqueue(self, append: Append) -> asyncio.Future[Outcome]:
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        if self._closing:
            answer.set_result(LogUnavailable())
        elif not append.events:
            answer.set_result(ValueError("A command appends at least one event."))
        else:
            self._queue.append(_Waiting(append, answer))
            self._arrived.set()
        return answer

    async def _work(self, writer: "_Writer") -> None:
        try:
            while await self._some_are_queued():
                batch = self._next_batch()
                answers = await self._append([waiting.append for waiting in batch], writer)
                self._ring(answers)
                for waiting, answer in zip(batch, answers, strict=True):
                    if not waiting.answer.done():
                        waiting.answer.set_result(answer)
                # Whoever just got an answer may ask again, in time for the next batch.
                await asyncio.sleep(0)
        finally:
            await writer.close()

    async def _append(self, appends: Sequence[Append], writer: "_Writer") -> list[Outcome]:
        try:
            protected = await self._vault.protect(appends)
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait hear of it
            return [error for _ in appends]
        stored = [one for one in protected if isinstance(one, Append)]
        written = iter(await writer.write(stored)) if stored else iter(())
        return [next(written) if isinstance(one, Append) else one for one in protected]

    async def _some_are_queued(self) -> bool:
        while not self._queue and not self._closing:
            self._arrived.clear()
            await self._arrived.wait()
        return bool(self._queue)

    def _next_batch(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        events = size = 0
        while self._queue and len(batch) < MAX_COMMANDS:
            append = self._queue[0].append
            events += len(append.events)
            size += sum(len(e.state) + len(append.metadata) for e in append.events)
            if batch and (events > MAX_EVENTS or size > MAX_BYTES):
                break
            batch.append(self._queue.popleft())
        return batch

    def _ring(self, answers: Sequence[Outcome]) -> None:
        # Also for repeated commands: the first time may have been a commit unheard of.
        ends = [answer.last_position for answer in answers if isinstance(answer, Appended)]
        if ends and self._doorbell is not None:
            asyncio.get_running_loop().call_soon(self._doorbell, max(ends))


class _Writer:
    """One connection to the log; when it breaks, the batch goes over a new one."""

    def __init__(self, conninfo: str, patience: float, opened: Opened | None) -> None:
        self._opened = opened
        self._conninfo = conninfo
        self._patience = patience
        self._connection: psycopg.AsyncConnection[Row] | None = None
        self._lost_since: float | None = None

    async def write(self, appends: Sequence[Append]) -> list[Outcome]:
        """Append a batch and return what became of each command, whatever happens."""
        pauses = itertools.chain((0.02, 0.05, 0.1, 0.2, 0.5), itertools.repeat(1.0))
        while True:
            try:
                answers = await self._call(appends)
            except Exception as error:  # noqa: BLE001 - whatever it is, a waiter gets it
                if not _may_pass(error):
                    return await self._write_singly(appends, error)
                # It may be committed or not: the ids make it safe to send it again.
                await self.close()
                if self._is_hopeless():
                    return [LogUnavailable(error) for _ in appends]
                await asyncio.sleep(next(pauses))
            else:
                self._lost_since = None
                return answers

    async def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _call(self, appends: Sequence[Append]) -> list[Outcome]:
        if self._connection is None:
            self._connection = await psycopg.AsyncConnection.connect(
                self._conninfo, autocommit=True, **LINE
            )
            register(self._connection.adapters)
            if self._opened is not None:
                await self._opened(self._connection)
        cursor = self._connection.cursor(binary=True)
        await cursor.execute(APPEND, arguments(appends), prepare=True)
        return outcomes(appends, await cursor.fetchall())

    async def _write_singly(self, appends: Sequence[Append], error: Exception) -> list[Outcome]:
        # Postgres refused the whole batch: only the culprit shall hear of it.
        if len(appends) == 1:
            return [error]
        return [answer for one in appends for answer in await self.write([one])]

    def _is_hopeless(self) -> bool:
        # Counted from the first failure, not per batch: a queue does not wait in turns.
        now = time.monotonic()
        self._lost_since = self._lost_since or now
        return now - self._lost_since >= self._patience


def _may_pass(error: Exception) -> bool:
    """Tell a fault of the server or the line from a fault of what was sent."""
    if not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return isinstance(error, OSError | psycopg.errors.ReadOnlySqlTransaction)
    state = error.sqlstate
    return state is None or state[:2] in PASSING or state == LOCK_NOT_AVAILABLE
