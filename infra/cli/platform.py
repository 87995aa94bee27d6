"""Running the platform: everything at once, or one process at a time."""

import asyncio
import os
import socket
import sys
from collections.abc import Coroutine
from typing import Annotated, Any

import httpx
import msgspec
import structlog
import typer
import uvloop
from rich.console import Console

from eventstore.rests import rest
from infra import bootstrap, logs, serving
from infra.cli.data import load_demo
from infra.cli.output import progress
from infra.embedded import EmbeddedError, Stack, Urls
from infra.embedded.urls import NAMES, POSTGRES_URL
from infra.gateway import Readiness
from infra.settings import Settings, SettingsError, find_urls, publish_urls, read_settings
from infra.stopping import end_on_signals, stop_event
from infra.supervisor import Supervisor
from infra.tokens import open_tokens
from projections import schema

log = structlog.get_logger()
console = Console(stderr=True)

Workers = Annotated[
    int, typer.Option(min=1, max=64, help="How many processes share the API's port.")
]

STEADY = ("seal", "relay", "project", "erase")
"""What runs beside the API; the sealer ends after the others, so that nothing stays unsealed."""
KEPT = "archive"
"""What carries the embedded Postgres' log into the backups; it ends last of all."""
READY_SECONDS = 60.0
"""How long the processes may take until every service answers through them."""
WATCH_SECONDS = 1.0


def up(
    *,
    demo: Annotated[
        bool, typer.Option("--demo/--no-demo", help="Load demo data into an empty installation.")
    ] = False,
    opensearch: Annotated[
        bool, typer.Option("--opensearch", help="Search with a local OpenSearch node.")
    ] = False,
    workers: Workers = 1,
) -> None:
    """Run the whole platform on the embedded servers until Ctrl-C.

    Data is kept in PSA_HOME (default .psa). A PSA_POSTGRES_URL, PSA_KEYS_URL, PSA_NATS_URL,
    PSA_REDIS_URL or PSA_OPENSEARCH_URL in the environment replaces the server it names.

    Example: psa up --demo
    """
    end_on_signals()
    settings = read_settings()
    logs.configure()
    _require_free_port(settings)
    (settings.home / "logs").mkdir(parents=True, exist_ok=True)
    with Stack(settings.home, external=settings.external, opensearch=opensearch) as stack:
        console.print(f"Starting the servers in {settings.home} …")
        urls = stack.start()
        bootstrap.prepare(urls)
        publish_urls(settings, urls)
        try:
            asyncio.run(_supervise(settings, urls, stack, workers, demo=demo))
        finally:
            settings.addresses.unlink(missing_ok=True)
    console.print("Stopped; nothing is left running.")


def _require_free_port(settings: Settings) -> None:
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            msg = (
                f"The API can not listen on {settings.host}:{settings.port} ({error.strerror}): "
                "choose another port with PSA_HTTP_PORT, or stop what uses it."
            )
            raise SettingsError(msg) from error


async def _supervise(
    settings: Settings, urls: Urls, stack: Stack, workers: int, *, demo: bool
) -> None:
    stop = stop_event()
    steady = STEADY if POSTGRES_URL in settings.external else (KEPT, *STEADY)
    processes = {name: [sys.executable, "-m", "infra.cli", name] for name in steady}
    processes["serve"] = [sys.executable, "-m", "infra.cli", "serve", f"--workers={workers}"]
    # Addresses with passwords reach the processes through the private file, not their environment.
    env = {name: value for name, value in os.environ.items() if name not in NAMES}
    env["PSA_HOME"] = str(settings.home)
    supervisor = Supervisor(processes, logs=settings.home / "logs", env=env)
    running = asyncio.create_task(supervisor.run(stop))
    watching = asyncio.create_task(_watch(stack, stop))
    greeting = asyncio.create_task(_greet(settings, urls, stop, demo=demo))
    stopping = asyncio.create_task(stop.wait())
    try:
        # Who stops while the platform still starts finds its processes going away: no fault.
        await asyncio.wait({greeting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not stop.is_set():
            await greeting
            await stopping
    finally:
        stop.set()
        greeting.cancel()
        await asyncio.gather(running, watching)


async def _greet(settings: Settings, urls: Urls, stop: asyncio.Event, *, demo: bool) -> None:
    if await _until_ready(settings, stop):
        if demo and (loaded := await load_demo(settings, urls)).position:
            await _until_projected(urls, loaded.position, stop)
        await _welcome(settings)


async def _watch(stack: Stack, stop: asyncio.Event) -> None:
    """Start a server again that has died; its data is where it was."""
    while not stop.is_set():
        try:
            for name in await asyncio.to_thread(stack.revive):
                log.warning("server_restarted", server=name)
        except EmbeddedError as error:
            # A long recovery or a full disk may pass: it is tried again.
            log.error("server_not_restarted", reason=str(error))  # noqa: TRY400 - the reason says it
        await rest(stop, WATCH_SECONDS)


async def _until_ready(settings: Settings, stop: asyncio.Event) -> bool:
    deadline = asyncio.get_running_loop().time() + READY_SECONDS
    url = f"{_base(settings)}/ready"
    missing = ["the API"]
    async with httpx.AsyncClient(timeout=5.0) as client:
        while not stop.is_set():
            try:
                missing = _unanswered(await client.get(url))
                if not missing:
                    return True
            except httpx.TransportError:
                pass
            if asyncio.get_running_loop().time() > deadline:
                console.print(
                    f"Not all answer at {url}: {', '.join(missing)}; see {settings.home / 'logs'}."
                )
                return False
            await rest(stop, 0.1)
    return False


def _unanswered(answer: httpx.Response) -> list[str]:
    """Return the services that do not answer: the API is ready without some, `up` is not."""
    checks = msgspec.json.decode(answer.content, type=Readiness).checks
    return [name for name, check in checks.items() if not check.ok]


async def _until_projected(urls: Urls, position: int, stop: asyncio.Event) -> None:
    deadline = asyncio.get_running_loop().time() + READY_SECONDS
    with progress("Folding the views") as show:
        while not stop.is_set() and asyncio.get_running_loop().time() < deadline:
            slowest = min(standing.position for standing in schema.status(urls.postgres))
            show(slowest, position)
            if slowest >= position:
                return
            await rest(stop, 0.2)


async def _welcome(settings: Settings) -> None:
    base = _base(settings)
    token = open_tokens(settings.home).issue(bootstrap.LOCAL_ADMIN)
    query = "/api/v1/tickets?search=drucker"
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=base, headers=headers) as client:
        answer = await client.get(query)
        found = answer.json()["data"] if answer.is_success else []
    plain = Console(soft_wrap=True, highlight=False, markup=False)
    plain.print(WELCOME.format(base=base, logs=settings.home / "logs", token=token, query=query))
    if found:
        first = found[0]
        plain.print(
            TRY.format(
                base=base,
                id=first["id"],
                number=first["number"],
                position=answer.headers["X-Position"],
            )
        )


def _base(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


WELCOME = """
The platform is up; Ctrl-C stops it.

  API            {base}/api/v1
  Documentation  {base}/docs
  Readiness      {base}/ready
  Logs           {logs}

A token, valid for 12 hours (`./just psa token` issues others), and a query:

  export TOKEN={token}
  curl -s -H "Authorization: Bearer $TOKEN" "{base}{query}"
"""

TRY = """\
A command, and the same ticket as it was before:

  curl -s -H "Authorization: Bearer $TOKEN" --json '{{"body": "Ich schaue nach."}}' \\
       {base}/api/v1/tickets/{id}/comments
  ./just psa audit replay ticket {number} --position {position}
"""


def serve(
    part: Annotated[str, typer.Argument(help="What to serve: all, commands or queries.")] = "all",
    *,
    workers: Workers = 1,
) -> None:
    """Serve the HTTP API (PSA_HTTP_HOST, PSA_HTTP_PORT).

    Example: psa serve queries --workers 4
    """
    if part not in bootstrap.PARTS:
        raise typer.BadParameter(f"{part!r} is none of: {', '.join(bootstrap.PARTS)}.")
    settings = read_settings()
    logs.configure()
    _run(serving.serve(settings, find_urls(settings), part, workers))


def relay(
    start_from: Annotated[
        int | None,
        typer.Option("--from", min=0, help="Empty the stream and publish anew from here."),
    ] = None,
) -> None:
    """Carry the log to JetStream, in order; of several relays one leads.

    Example: psa relay --from 0
    """
    settings = read_settings()
    logs.configure()
    _run(bootstrap.relay(find_urls(settings), start_from))


def project(
    views: Annotated[
        list[str] | None, typer.Argument(help="The views to keep up to date; all by default.")
    ] = None,
) -> None:
    """Fold the log into the read models.

    Example: psa project tickets timeline
    """
    settings = read_settings()
    logs.configure()
    _run(bootstrap.project(settings, find_urls(settings), views or []))


def _run(process: Coroutine[Any, Any, None]) -> None:
    uvloop.run(process)
