"""Carrying out an erasure: the one place that says in which order what is destroyed.

Whatever ends halfway is begun again from the front: each step leaves alone what it finds done.

1. Nothing new is encrypted for the person, and what falls with them is out of use.
2. Who may still write has finished: the keys are destroyed.
3. Answers that were stored to be repeated are forgotten.
4. The views that can hold what tells of people are folded anew from the log, which can not tell it
   any more, and the search index after them; the old tables go with their files.
5. What Postgres keeps besides is written anew: statistics and the write-ahead log.
6. Who had read a key has forgotten it: snapshots are dropped, and the log notes that the erasure
   is carried out.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID, uuid5

import msgspec
import psycopg
import structlog

from commands.context import Caller, Command
from commands.dispatch import Dispatcher
from commands.people.erasures import NoteErasureCarriedOut, RetireSubject
from commands.table import INTERNAL
from domain.people.erasures import (
    Erasure,
    KeptKey,
    erasure_id,
    has_to_be_kept,
    kept_until,
)
from domain.personal import Retention, personal_fields
from eventstore import mapper
from eventstore.errors import LogUnavailable
from eventstore.leadership import Leadership
from eventstore.log import LINE
from eventstore.personal.erasing import Eraser, TracesKept, rewrite, roll_wal
from eventstore.personal.vault import READERS_SECONDS, WRITERS_SECONDS
from eventstore.records import KeyName, Recorded
from eventstore.rests import rest
from eventstore.snapshots import table as snapshots
from infra import bootstrap
from infra.bootstrap import Writing
from infra.embedded import Urls
from infra.settings import Settings
from infra.stopping import stop_event
from projections.running.rebuild import RebuildRunning
from projections.running.swap import QueriesInTheWay
from projections.table import PERSONAL
from readapi.context import Asked, Context, Patience
from readapi.errors import Unavailable
from readapi.people.concerned import Concerned, concerned

LOOK_SECONDS: Final = 2.0
RETRY_SECONDS: Final = 10.0

log = structlog.get_logger()

Tell = Callable[[str], None]
"""Takes what is done next, in a few words."""

ERASER: Final = 20257
ORDERED: Final = """
    select distinct on (stream_id) stream_id, topic
      from es.events
     where topic in ('erasure.ordered', 'erasure.reordered', 'erasure.carried_out')
     order by stream_id, version desc
"""
# What the planner knows of a column are its most frequent values: of the old tables, too.
FORGET: Final = "select es.forget_answers(interval '0')"
REWRITTEN: Final = ("es.answers", "pg_catalog.pg_statistic")


class ViewsBehind(Exception):
    """The views do not show the order yet, nor all that falls with the person: nothing was erased.

    See `psa status`; once they have caught up, the erasure goes on by itself.
    """

    def __init__(self) -> None:
        super().__init__(" ".join((self.__doc__ or "").split()))


INTERRUPTED: Final = (
    LogUnavailable,
    psycopg.OperationalError,
    QueriesInTheWay,
    RebuildRunning,
    TracesKept,
    Unavailable,
    ViewsBehind,
)


class Pauses(NamedTuple):
    """How long to wait for those who hold a key in memory, in seconds."""

    writers: float = WRITERS_SECONDS
    readers: float = READERS_SECONDS


PAUSES: Final = Pauses()


async def pending(urls: Urls) -> list[UUID]:
    """Return the erasures that are ordered and not carried out, as the log has them."""
    async with await psycopg.AsyncConnection.connect(urls.postgres, **LINE) as connection:
        cursor = await connection.execute(ORDERED)
        return [id async for id, topic in cursor if topic != Erasure.CarriedOut.TOPIC]


@asynccontextmanager
async def alone(urls: Urls) -> AsyncIterator[None]:
    """Let one process at a time order or carry out; who comes second waits."""
    leadership = Leadership(urls.postgres, ERASER)
    try:
        while not await leadership.take():  # noqa: ASYNC110 - another process gives it back
            await asyncio.sleep(LOOK_SECONDS)
        yield
    finally:
        await leadership.give_back()


async def carry_out(settings: Settings, urls: Urls, tell: Tell, pauses: Pauses = PAUSES) -> None:
    """Carry out together all erasures that are ordered; to be called `alone`.

    Raises `ViewsBehind`, `LogUnavailable`, `TracesKept`, and what `bootstrap.rebuild` does.
    """
    async with bootstrap.writing(settings, urls) as side:
        work = _Work(settings, urls, side)
        tell("Looking for what falls with the person")
        orders = [await work.order(id) for id in await pending(urls)]
        if not orders:
            return
        for order in orders:
            await work.retire(order)
        async with Eraser.connected(urls.keys_owner) as eraser:
            plans = [await work.plan(order, eraser) for order in orders]
            names = [name for plan in plans for name in plan.names]
            await eraser.order(names)
            tell("Waiting for those who still write")
            await asyncio.sleep(pauses.writers)
            tell("Destroying keys")
            await eraser.destroy(names)
            forgotten_at = time.monotonic() + pauses.readers
            for view in PERSONAL:
                tell(f"Folding {view.name} anew")
                await bootstrap.rebuild(settings, urls, view, lambda *_: None)
            tell("Writing anew what Postgres keeps besides")
            await _forget(urls)
            tell("Waiting for those who have read a key")
            await asyncio.sleep(max(0.0, forgotten_at - time.monotonic()))
            await _drop_snapshots(urls)
            for plan in plans:
                await work.note(plan, eraser)


class _Order(NamedTuple):
    erasure: Erasure
    subjects: Sequence[Concerned]


class _Plan(NamedTuple):
    order: _Order
    kept: Sequence[KeptKey]
    names: Sequence[KeyName]
    """The keys that are destroyed."""


class _Work:
    """What is read and noted of each erasure; repeated, it is done once."""

    def __init__(self, settings: Settings, urls: Urls, side: Writing) -> None:
        self._settings = settings
        self._urls = urls
        self._log = side.log
        self._dispatcher = Dispatcher(INTERNAL, side.log, side.appender, bootstrap.now)

    async def order(self, id: UUID) -> _Order:
        """Return an erasure with all that falls with its subject."""
        history = await self._log.read_stream(id)
        erasure = mapper.rebuild(Erasure, history)
        assert erasure is not None
        async with bootstrap.reading(self._settings, self._urls) as sources:
            # What was written until the order counts.
            patience = Patience(min_position=sources.epochs.write(history[-1].position))
            asked = Asked(f"/api/v1/erasures/{id}", {}, str(id))
            ctx = Context(sources, bootstrap.LOCAL_ADMIN, asked, patience)
            subjects = await concerned(ctx, erasure.subject_kind, erasure.subject_id)
            if ctx.stale_by:
                raise ViewsBehind
        return _Order(erasure, subjects)

    async def retire(self, order: _Order) -> None:
        """Put all that falls with the subject out of use."""
        for subject in order.subjects:
            command = RetireSubject(subject_id=subject.id, subject_kind=subject.kind)
            await self._do(order, f"retire {subject.id}", command)

    async def plan(self, order: _Order, eraser: Eraser) -> _Plan:
        """Decide which keys are destroyed, and which the law has kept."""
        ids = [subject.id for subject in order.subjects]
        kept = [
            KeptKey(subject, retention, until)
            for retention in Retention
            for subject in await eraser.held(ids, retention)
            if (until := await self._kept_until(subject, retention)) is not None
        ]
        return _Plan(order, kept, _names(ids, kept))

    async def note(self, plan: _Plan, eraser: Eraser) -> None:
        """Record that the erasure is carried out."""
        ids = [subject.id for subject in plan.order.subjects]
        destroyed = await eraser.destroyed(plan.names)
        plain = sum([await self._plain_events(id) for id in ids])
        command = NoteErasureCarriedOut(
            erasure_id=erasure_id(plan.order.erasure.subject_id),
            subjects=ids,
            keys_destroyed=destroyed,
            kept=list(plan.kept),
            plain_events=plain,
        )
        await self._do(plan.order, "carried out", command)

    async def _do(self, order: _Order, act: str, command: Command) -> None:
        command_id = uuid5(order.erasure.id, f"{order.erasure.version} {act}")
        caller = Caller(actor=bootstrap.LOCAL_ADMIN, command_id=command_id)
        await self._dispatcher.dispatch(command, caller)

    async def _kept_until(self, subject: UUID, retention: Retention) -> date | None:
        version = await self._log.stream_version(subject)
        last = (await self._log.read_stream(subject, version - 1))[-1].recorded_at
        if not has_to_be_kept(retention, last, at=bootstrap.now()):
            return None
        return kept_until(retention, last)

    async def _plain_events(self, subject: UUID) -> int:
        return sum([_is_plain(event) async for page in self._log.pages(subject) for event in page])


def _names(ids: Iterable[UUID], kept: Iterable[KeptKey]) -> list[KeyName]:
    """Return the keys of these that are not kept."""
    spared = {(one.subject_id, one.retention) for one in kept}
    names = [KeyName(id, retention) for id in ids for retention in Retention]
    return [name for name in names if name not in spared]


def _is_plain(event: Recorded) -> bool:
    """Tell whether an event tells of a person in plain text, as before there was encryption."""
    told = msgspec.json.decode(event.state)
    return any(told.get(name) for name in personal_fields(type(mapper.decode(event))))


async def _forget(urls: Urls) -> None:
    async with await psycopg.AsyncConnection.connect(
        urls.postgres_owner, autocommit=True, **LINE
    ) as connection:
        await connection.execute(FORGET)
        for table in REWRITTEN:
            await rewrite(connection, table)
    await roll_wal(urls.postgres_owner)


async def _drop_snapshots(urls: Urls) -> None:
    # Not before: a process that still had a key could take one of what it had read with it.
    async with await psycopg.AsyncConnection.connect(
        urls.postgres_owner, autocommit=True, **LINE
    ) as connection:
        await connection.execute(snapshots.DROP)


async def shred_again(settings: Settings, urls: Urls) -> int:
    """Destroy what had been erased and is there all the same; return how many keys that were.

    For a key store that was brought back from a copy: the log knows all erasures, the store those
    that are younger than a restore of the log. Raises `TracesKept`.
    """
    async with alone(urls), bootstrap.writing(settings, urls) as side:
        names: list[KeyName] = []
        async with await psycopg.AsyncConnection.connect(urls.postgres, **LINE) as connection:
            cursor = await connection.execute(ORDERED)
            ids = [id async for id, _ in cursor]
        for id in ids:
            erasure = mapper.rebuild(Erasure, await side.log.read_stream(id))
            assert erasure is not None
            names += _names(erasure.subjects, erasure.kept)
        async with Eraser.connected(urls.keys_owner) as eraser:
            if names:
                await eraser.order(names)
            return await eraser.shred_again()


async def follow(settings: Settings, urls: Urls) -> None:
    """Carry erasures out as they are ordered, until told to stop."""
    stop = stop_event()
    while not stop.is_set():
        try:
            if await pending(urls):
                async with alone(urls):
                    await carry_out(settings, urls, lambda step: log.info("erasing", step=step))
        except INTERRUPTED as error:
            # What is away may come back: the erasure is begun again.
            log.warning("erasure_interrupted", error=type(error).__name__)
            await rest(stop, RETRY_SECONDS)
        await rest(stop, LOOK_SECONDS)
