"""The composition root: which parts a process is made of, built from plain arguments.

Only this module knows the drivers. Every function takes the addresses and returns or runs a
whole: what it opened is closed when it ends.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import psycopg
import structlog
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from psycopg import AsyncConnection
from psycopg.conninfo import conninfo_to_dict
from redis.asyncio import Redis

import commands.api.routes
import readapi.app
from commands.dispatch import Dispatcher
from commands.table import TABLE
from domain.actors import Actor, Role
from eventstore.answers import Answers
from eventstore.appender import Appender
from eventstore.baselines import Baselines
from eventstore.broker import BrokerUnavailable
from eventstore.epochs import Epochs
from eventstore.feed import OpenedFeed, PollingFeed
from eventstore.gathering import Gathering
from eventstore.log import Log, open_pool
from eventstore.migrate import KEYS, migrate
from eventstore.personal import keys
from eventstore.personal.keys import KeyStore
from eventstore.personal.vault import Vault
from eventstore.relay import Relay
from eventstore.snapshots.table import Table
from eventstore.snapshots.taking import Snapshots
from eventstore.stream_feed import StreamFeed
from infra import gateway
from infra.drivers import search_pages
from infra.drivers.fallback_search import FallbackSearch
from infra.drivers.jetstream import JetStream
from infra.drivers.opensearch import OpenSearch
from infra.drivers.postgres_search import PostgresSearch
from infra.drivers.valkey import ValkeyTotals
from infra.embedded import Urls
from infra.master_key import open_master_key
from infra.settings import Settings
from infra.stopping import stop_event
from infra.tokens import open_tokens
from projections import schema
from projections.checkpoints import mirror_of
from projections.folding import Unapplicable
from projections.running import rebuild as rebuilding
from projections.running.growth import Progress
from projections.running.mirrors import MirrorWorker
from projections.running.rebuild import Report
from projections.running.worker import Worker
from projections.search import VIEW as SEARCH
from projections.table import VIEWS, grouped
from projections.view import View
from readapi import views
from readapi.context import Sources
from readapi.positions import Positions
from readapi.search import Search
from readapi.totals import NearTotals
from readapi.views import Views

PARTS = ("all", "commands", "queries")
REQUIRED = frozenset({"postgres", "keys"})
"""The services without which no request is answered, since what tells of people can be neither
written nor read without its keys. Without the others commands are recorded and views are read all
the same, later carried on, counted anew or searched less cleverly."""
POOL_SIZE = 8
FORGET_SECONDS = 3600.0
BEHIND_EVENTS = 1_000

logger = structlog.get_logger()

LOCAL_ADMIN = Actor(id="local-admin", name="Local administrator", role=Role.ADMIN)
"""Who acts when somebody works on the machine itself."""


def now() -> datetime:
    """Return the time; the only clock of the command side."""
    return datetime.now(UTC)


def app_role(url: str) -> str:
    """Return the database role that the program works as."""
    return str(conninfo_to_dict(url)["user"])


def prepare(urls: Urls) -> None:
    """Bring the databases up to date: the log's and the keys' schemas, then new views' tables."""
    migrate(urls.postgres_owner, app_role=app_role(urls.postgres))
    migrate(urls.keys_owner, app_role=app_role(urls.keys), schema=KEYS)
    schema.ensure(urls.postgres)


@dataclass(frozen=True)
class Writing:
    """The write side of a process."""

    log: Log
    appender: Appender
    dispatcher: Dispatcher
    answers: Answers


def _dispatcher(log: Log, appender: Appender, snapshots: Snapshots) -> Dispatcher:
    records = Baselines(Gathering(log), snapshots=snapshots)
    return Dispatcher(TABLE, log, appender, now, records)


@asynccontextmanager
async def opened_vault(settings: Settings, urls: Urls) -> AsyncIterator[Vault]:
    """Open what encrypts and opens that which tells of people."""
    master = open_master_key(settings.master_key)
    async with keys.open_pool(urls.keys) as pool:
        yield Vault(KeyStore(pool, master))


@asynccontextmanager
async def writing(
    settings: Settings, urls: Urls, *, size: int = POOL_SIZE
) -> AsyncIterator[Writing]:
    """Open the write side; a doorbell tells the relay of every commit."""
    async with AsyncExitStack() as stack:
        vault = await stack.enter_async_context(opened_vault(settings, urls))
        pool = await stack.enter_async_context(open_pool(urls.postgres, size=size))
        broker = await stack.enter_async_context(JetStream(urls.nats))
        appender = await stack.enter_async_context(
            Appender(urls.postgres, vault, doorbell=broker.ring)
        )
        log = Log(pool, vault)
        snapshots = await stack.enter_async_context(Snapshots(Table(pool)))
        yield Writing(log, appender, _dispatcher(log, appender, snapshots), Answers(pool))


@asynccontextmanager
async def reading(settings: Settings, urls: Urls) -> AsyncIterator[Sources]:
    """Open the read side."""
    epochs = Epochs()
    async with (
        opened_vault(settings, urls) as vault,
        open_pool(urls.postgres, size=2, epochs=epochs) as pool,
        views.open_pool(urls.postgres, epochs=epochs) as rows,
    ):
        tables = Views(rows, epochs=epochs)
        engine = PostgresSearch(rows)
        yield Sources(tables, Log(pool, vault), engine, Positions(tables.positions), epochs)


def api(settings: Settings, urls: Urls, part: str = "all") -> Litestar:
    """Return the HTTP application; its connections open when it starts."""
    epochs = Epochs()
    pool = open_pool(urls.postgres, size=POOL_SIZE, epochs=epochs)
    rows = views.open_pool(urls.postgres, size=POOL_SIZE, epochs=epochs)
    subjects = keys.open_pool(urls.keys)
    vault = Vault(KeyStore(subjects, open_master_key(settings.master_key)))
    broker = JetStream(urls.nats)
    appender = Appender(urls.postgres, vault, doorbell=broker.ring, opened=epochs.learn)
    log = Log(pool, vault)
    answers = Answers(pool)
    snapshots = Snapshots(Table(pool))
    totals = ValkeyTotals(urls.redis)
    tables = Views(rows, NearTotals(totals), epochs)
    node = OpenSearch(urls.opensearch) if urls.opensearch else None
    handlers: list[HTTPRouteHandler] = []
    if part in ("all", "commands"):
        dispatcher = _dispatcher(log, appender, snapshots)
        handlers += commands.api.routes.handlers(TABLE, dispatcher, answers, epochs)
    if part in ("all", "queries"):
        search: Search = PostgresSearch(rows)
        if node is not None:
            # While the node is away or behind, Postgres searches: less cleverly, but everything.
            search = FallbackSearch(node, search, is_behind=partial(_index_is_behind, tables))
        positions = Positions(tables.positions)
        handlers += readapi.app.routes(tables, log, search, positions, epochs=epochs)

    @asynccontextmanager
    async def opened(_: Litestar) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(pool)
            await stack.enter_async_context(subjects)
            await stack.enter_async_context(rows)
            await stack.enter_async_context(totals)
            await stack.enter_async_context(broker)
            await stack.enter_async_context(appender)
            await stack.enter_async_context(snapshots)
            if node is not None:
                await stack.enter_async_context(node)
            forgetting = asyncio.create_task(_forget_answers(answers))
            stack.callback(forgetting.cancel)
            yield

    return gateway.build(
        handlers,
        tokens=open_tokens(settings.home),
        checks=checks(urls),
        required=REQUIRED,
        lifespan=[opened],
    )


async def _index_is_behind(tables: Views) -> bool:
    """Tell whether the search index lacks so much that what it answers would surprise people."""
    positions = await tables.positions()
    index = positions.get(mirror_of(SEARCH), 0)
    return positions.get(SEARCH.name, 0) - index > BEHIND_EVENTS


async def _forget_answers(answers: Answers) -> None:
    while True:
        try:
            await answers.forget()
        except psycopg.Error as error:
            logger.warning("answers_not_forgotten", error=type(error).__name__)
        await asyncio.sleep(FORGET_SECONDS)


async def relay(urls: Urls, start_from: int | None) -> None:
    """Carry the log to the stream until told to stop."""
    stop = stop_event()
    epochs = Epochs()
    async with (
        open_pool(urls.postgres, size=2, epochs=epochs) as pool,
        JetStream(urls.nats, epochs=epochs) as broker,
    ):
        relay = Relay(Log(pool), broker, urls.postgres)
        if start_from is not None:
            await relay.rewind(start_from)
        await relay.run(stop)


async def project(settings: Settings, urls: Urls, names: Sequence[str]) -> None:
    """Keep the named views up to date, all of them by default, until told to stop."""
    stop = stop_event()
    chosen = [view for view in VIEWS if not names or view.name in names]
    async with AsyncExitStack() as stack:
        epochs = Epochs()
        vault = await stack.enter_async_context(opened_vault(settings, urls))
        pool = await stack.enter_async_context(open_pool(urls.postgres, size=4, epochs=epochs))
        broker = await stack.enter_async_context(JetStream(urls.nats, epochs=epochs))
        log = Log(pool)  # as it is stored: what is opened is opened where it is folded
        if urls.opensearch and SEARCH in chosen:
            await stack.enter_async_context(_mirrored(urls, stop))

        backlog = OpenedFeed(PollingFeed(log), vault)

        async def follow(group: Sequence[View]) -> None:
            feed = OpenedFeed(StreamFeed(broker, log, f"view-{group[0].name}"), vault)
            try:
                await Worker(group, urls.postgres, feed, backlog).run(stop)
            except Unapplicable:
                raise  # the worker has said which event; a restart would not help
            except Exception:
                logger.exception("views_ended", views=[view.name for view in group])
                stop.set()  # the supervisor starts the process again
                raise

        # A group that can not go on must not stop the others; the process ends when all have.
        outcomes = await asyncio.gather(
            *(follow(group) for group in grouped(chosen)),
            return_exceptions=True,
        )
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome


@asynccontextmanager
async def _mirrored(urls: Urls, stop: asyncio.Event) -> AsyncIterator[None]:
    """Keep the search index up to date meanwhile; no view waits for it."""
    async with OpenSearch(str(urls.opensearch)) as node:
        mirror = search_pages.SearchMirror(node, urls.postgres)
        mirroring = asyncio.create_task(MirrorWorker(SEARCH, urls.postgres, mirror).run(stop))
        try:
            yield
        finally:
            mirroring.cancel()
            await asyncio.wait([mirroring])


async def rebuild(settings: Settings, urls: Urls, view: View, progress: Progress) -> Report:
    """Build a view anew from the log, and the search index after its view.

    Raises `SearchUnavailable` when the node is away; once it answers, `project` fills the index.
    """
    async with opened_vault(settings, urls) as vault:
        report = await rebuilding.rebuild(view, urls.postgres_owner, progress, vault)
    if view is SEARCH and urls.opensearch:
        async with OpenSearch(urls.opensearch) as node:
            await search_pages.fill(node, urls.postgres)
    return report


def checks(urls: Urls) -> dict[str, gateway.Check]:
    """Return what asks each service whether it answers."""

    async def postgres() -> None:
        async with await AsyncConnection.connect(urls.postgres) as connection:
            await connection.execute("select 1")

    async def keys() -> None:
        async with await AsyncConnection.connect(urls.keys) as connection:
            await connection.execute("select 1")

    async def broker() -> None:
        async with JetStream(urls.nats) as stream:
            await stream.last()

    async def cache() -> None:
        async with Redis.from_url(urls.redis) as client:
            await client.ping()

    async def search() -> None:
        async with OpenSearch(str(urls.opensearch)) as node:
            await node.ping()

    checks: dict[str, gateway.Check] = {
        "postgres": postgres,
        "keys": keys,
        "nats": broker,
        "redis": cache,
    }
    if urls.opensearch:
        checks["opensearch"] = search
    return checks


async def stream_position(urls: Urls) -> int | None:
    """Return the last position on the stream, None when nobody can say."""
    async with JetStream(urls.nats) as broker:
        try:
            return await broker.last()
        except BrokerUnavailable:
            return None
