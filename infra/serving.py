"""Serving the HTTP API: in this process, or in several that share one port.

The port is bound once, by the parent, and inherited: it stays bound while a worker is replaced,
and a connection that nobody has taken yet waits for the next one. uvicorn's own workers are not
used: they outlive a parent that was killed, are waited for without end, and need the application
by the name of a module.
"""

import asyncio
import os
import socket
import sys

import uvicorn

from infra import bootstrap
from infra.embedded import Urls
from infra.settings import Settings
from infra.stopping import stop_event
from infra.supervisor import Supervisor

LISTENER = "PSA_LISTENER"
"""Number of the socket that a parent has bound for its workers."""
BACKLOG = 2048
DRAIN_SECONDS = 10
"""How long requests that are under way may take once a process has to stop."""


async def serve(settings: Settings, urls: Urls, part: str, workers: int = 1) -> None:
    """Serve all of the API, the commands, or the queries, until told to stop.

    Raises OSError when the port can not be bound.
    """
    listener = _listener(settings)
    if workers > 1:
        await _share(listener, part, workers)
    else:
        await _answer(listener, settings, urls, part)


def _listener(settings: Settings) -> socket.socket:
    if (inherited := os.environ.get(LISTENER)) is not None:
        return socket.socket(fileno=int(inherited))
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    return socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)


async def _share(listener: socket.socket, part: str, workers: int) -> None:
    """Keep the workers running; this process answers nothing itself."""
    command = [sys.executable, "-m", "infra.cli", "serve", part]
    supervisor = Supervisor(
        {f"worker-{number}": command for number in range(1, workers + 1)},
        logs=None,
        env={**os.environ, LISTENER: str(listener.fileno())},
        inherited=(listener.fileno(),),
        in_order=False,
    )
    with listener:
        await supervisor.run(stop_event())


async def _answer(listener: socket.socket, settings: Settings, urls: Urls, part: str) -> None:
    stop = stop_event()
    config = uvicorn.Config(
        bootstrap.api(settings, urls, part),
        backlog=BACKLOG,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopping.cancel()
    await serving
