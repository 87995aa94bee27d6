"""Carrying out an erasure: the one place that says in which order what is destroyed.

Whatever ends halfway is begun again from the front: each step leaves alone what it finds done.

1. Nothing new is encrypted for the person, and what falls with them is out of use.
2. Who may still write has finished: the keys are destroyed.
3. Answers that were stored to be repeated are forgotten.
4. The views that can hold what tells of people are folded anew from the log, which can not tell it
   any more, and the search index after them; the old tables go with their files.
5. What Postgres keeps besides is written anew: statistics and the write-ahead log.
6. Who had read a key has forgotten it: the log notes that the erasure is carried out.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final, NamedTuple
from uuid import UUID, uuid5

import msgspec
import psycopg
import structlog
from readapi.people.concerned import Concerned, concerned

from commands.context import Caller
from commands.dispatch import Dispatcher
from commands.people.erasures import NoteErasureCarriedOut, RetireSubject
from commands.table import INTERNAL
from domain.catalogue import AGGREGATES
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
from eventstore.log import LINE, Log
from eventstore.mapper import events_of
from eventstore.personal.erasing import Eraser
from eventstore.personal.vault import READERS_SECONDS, WRITERS_SECONDS
from eventstore.records import KeyName, Recorded
from eventstore.rests import rest
from infra import bootstrap
from infra.embedded import Urls
from infra.settings import Settings
from infra.stopping import stop_event
from projections.running.rebuild import RebuildRunning
from projections.running.swap import QueriesInTheWay
from projections.table import VIEWS
from projections.view import View
from readapi.context import Asked, Context, Patience

LOOK_SECONDS: Final = 2.0
RETRY_SECONDS: Final = 10.0

log = structlog.get_logger()

Tell = Callable[[str], None]
"""Takes what is done next, in a few words."""

ALONE: Final = "select pg_advisory_lock(20256)"
ORDERED: Final = """
    select distinct on (stream_id) stream_id, topic
      from es.events
     where topic in ('erasure.ordered', 'erasure.reordered', 'erasure.carried_out')
     order by stream_id, version desc
"""
# What the planner knows of a column are its most frequent values: of the old tables, too.
FORGET: Final = (
    "select es.forget_answers(interval '0')",
    "vacuum (full) es.answers",
    "vacuum (full) pg_catalog.pg_statistic",
    "checkpoint",
    "select pg_switch_wal()",
    "checkpoint",
)


class Pauses(NamedTuple):
    """How long to wait for those who hold a key in memory, in seconds."""

    writers: float = WRITERS_SECONDS
    readers: float = READERS_SECONDS


PAUSES: Final = Pauses()


class Carried(NamedTuple):
    """What an erasure has destroyed and kept."""

    subjects: Sequence[Concerned]
    keys_destroyed: int
    kept: Sequence[KeptKey]
    plain_events: int
    """Events that were stored before there was encryption: nobody can erase them."""
    views: Sequence[str]
    """Which were folded anew."""


def personal_views() -> list[View]:
    """Return the views of all records whose events can tell of people."""
    topics = {
        kind.TOPIC
        for kind in AGGREGATES
        if any(personal_fields(event) for event in events_of(kind).values())
    }
    return [view for view in VIEWS if topics & set(view.topics)]


async def pending(urls: Urls) -> list[UUID]:
    """Return the erasures that are ordered and not carried out, as the log has them."""
    async with await psycopg.AsyncConnection.connect(urls.postgres, **LINE) as connection:
        cursor = await connection.execute(ORDERED)
        return [id async for id, topic in cursor if topic != Erasure.CarriedOut.TOPIC]


async def carry_out(
    settings: Settings, urls: Urls, id: UUID, tell: Tell, pauses: Pauses = PAUSES
) -> Carried | None:
    """Carry out an erasure that was ordered; None where somebody else has done so meanwhile.

    One erasure at a time: who comes second waits. Raises `KeysUnavailable` and `LogUnavailable`.
    """
    async with _alone(urls), bootstrap.writing(settings, urls) as side:
        if id not in await pending(urls):
            return None
        history = await side.log.read_stream(id)
        order = mapper.rebuild(Erasure, history)
        assert order is not None
        act = _Acting(Dispatcher(INTERNAL, side.log, side.appender, bootstrap.now), order)
        tell("Looking for what falls with the person")
        subjects = await _subjects(settings, urls, order, history[-1].position)
        for subject in subjects:
            await act.retire(subject)
        ids = [subject.id for subject in subjects]
        eraser = await Eraser.connect(urls.keys_owner)
        try:
            kept = await _kept(eraser, side.log, ids)
            names = _names(ids, kept)
            await eraser.order(names)
            tell("Waiting for those who still write")
            await asyncio.sleep(pauses.writers)
            tell("Destroying keys")
            destroyed = await eraser.destroy(names)
        finally:
            await eraser.close()
        forgotten_at = asyncio.get_running_loop().time() + pauses.readers
        views = personal_views()
        for view in views:
            tell(f"Folding {view.name} anew")
            await bootstrap.rebuild(settings, urls, view, lambda *_: None)
        tell("Writing anew what Postgres keeps besides")
        await _forget(urls)
        plain = await _plain_events(side.log, ids)
        tell("Waiting for those who have read a key")
        await asyncio.sleep(max(0.0, forgotten_at - asyncio.get_running_loop().time()))
        await act.note(ids, destroyed, kept, plain)
        return Carried(subjects, destroyed, kept, plain, [view.name for view in views])


@asynccontextmanager
async def _alone(urls: Urls) -> AsyncIterator[None]:
    async with await psycopg.AsyncConnection.connect(
        urls.postgres, autocommit=True, **LINE
    ) as connection:
        await connection.execute(ALONE)
        yield


class _Acting:
    """What the platform itself does to carry an erasure out; repeated, it is done once."""

    def __init__(self, dispatcher: Dispatcher, order: Erasure) -> None:
        self._dispatcher = dispatcher
        self._order = order

    async def retire(self, subject: Concerned) -> None:
        command = RetireSubject(subject_id=subject.id, subject_kind=subject.kind)
        await self._dispatcher.dispatch(command, self._caller(f"retire {subject.id}"))

    async def note(
        self, subjects: Sequence[UUID], destroyed: int, kept: Sequence[KeptKey], plain: int
    ) -> None:
        command = NoteErasureCarriedOut(
            erasure_id=erasure_id(self._order.subject_id),
            subjects=list(subjects),
            keys_destroyed=destroyed,
            kept=list(kept),
            plain_events=plain,
        )
        await self._dispatcher.dispatch(command, self._caller("carried out"))

    def _caller(self, act: str) -> Caller:
        command_id = uuid5(self._order.id, f"{self._order.version} {act}")
        return Caller(actor=bootstrap.LOCAL_ADMIN, command_id=command_id)


async def _subjects(
    settings: Settings, urls: Urls, order: Erasure, position: int
) -> list[Concerned]:
    async with bootstrap.reading(settings, urls) as sources:
        asked = Asked(f"/api/v1/erasures/{order.id}", {}, str(order.id))
        # What was written until the order counts.
        ctx = Context(sources, bootstrap.LOCAL_ADMIN, asked, Patience(min_position=position))
        return await concerned(ctx, order.subject_kind, order.subject_id)


async def _kept(eraser: Eraser, history: Log, ids: Collection[UUID]) -> list[KeptKey]:
    """Return what the law has kept of these, and until when."""
    kept: list[KeptKey] = []
    for retention in Retention:
        if retention is Retention.NONE:
            continue
        for subject in await eraser.held(ids, retention):
            last = (await history.read_stream(subject))[-1].recorded_at
            until = kept_until(retention, last)
            if until is not None and has_to_be_kept(retention, last, at=datetime.now(UTC)):
                kept.append(KeptKey(subject, retention, until))
    return kept


def _names(ids: Collection[UUID], kept: Collection[KeptKey]) -> list[KeyName]:
    spared = {(one.subject_id, one.retention) for one in kept}
    names = [KeyName(id, retention) for id in ids for retention in Retention]
    return [name for name in names if name not in spared]


async def _plain_events(history: Log, ids: Collection[UUID]) -> int:
    """Count the events that tell of a person in plain text, as before there was encryption."""
    streams = [await history.read_stream(id) for id in ids]
    return sum(_is_plain(event) for events in streams for event in events)


def _is_plain(event: Recorded) -> bool:
    told = msgspec.json.decode(event.state)
    return any(told.get(name) for name in personal_fields(type(mapper.decode(event))))


async def _forget(urls: Urls) -> None:
    async with await psycopg.AsyncConnection.connect(
        urls.postgres_owner, autocommit=True, **LINE
    ) as connection:
        for statement in FORGET:
            await connection.execute(statement)


def _telling(id: UUID) -> Tell:
    return lambda step: log.info("erasing", erasure_id=str(id), step=step)


async def follow(settings: Settings, urls: Urls) -> None:
    """Carry erasures out as they are ordered, until told to stop."""
    stop = stop_event()
    while not stop.is_set():
        try:
            for id in await pending(urls):
                await carry_out(settings, urls, id, _telling(id))
        except (LogUnavailable, psycopg.OperationalError, QueriesInTheWay, RebuildRunning) as error:
            # What is away may come back: the erasure is begun again.
            log.warning("erasure_interrupted", error=type(error).__name__)
            await rest(stop, RETRY_SECONDS)
        await rest(stop, LOOK_SECONDS)
