"""From stopped servers to servers that answer: try, watch, try again, or say why not."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path

from infra.embedded import process
from infra.embedded.errors import EmbeddedError
from infra.embedded.passwords import Passwords
from infra.embedded.process import Server, Service

PAUSE_BETWEEN_TRIES = 0.25


class GivenUpError(EmbeddedError):
    """The start of this server was given up because another one failed."""


class Servers:
    """The servers of one home, started at the same time and stopped one after the other."""

    def __init__(self, home: Path, servers: Sequence[Server], passwords: Passwords) -> None:
        """Plan the servers; the last one is stopped first."""
        self._home = home
        self._servers = servers
        self._passwords = passwords
        self._running: dict[str, Service] = {}
        self._given_up = threading.Event()
        # The kernel ends a server when the thread that made it ends, so one thread makes them all
        # and lives as long as they do.
        self._spawner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="psa-embedded")

    def start(self) -> None:
        """Return once all answer; raises EmbeddedError with the reason of one that can not."""
        with ThreadPoolExecutor(max_workers=max(1, len(self._servers))) as pool:
            starts = [pool.submit(self._start, server) for server in self._servers]
            try:
                wait(starts, return_when=FIRST_EXCEPTION)
            finally:
                if not all(start.done() for start in starts):
                    self._given_up.set()
        _raise_first(starts)

    def revive(self) -> list[str]:
        """Start again those that have died, where they were, and return their names."""
        dead = [
            server
            for server in self._servers
            if (service := self._running.get(server.terms.name)) is not None
            and service.process.poll() is not None
        ]
        for server in dead:
            self._start(server)
        return [server.terms.name for server in dead]

    def stop(self) -> None:
        """Stop every one, even when one can not be stopped cleanly."""
        self._given_up.set()
        with ExitStack() as stopping:
            stopping.callback(self._spawner.shutdown)
            for service in self.services():
                stopping.callback(service.stop)

    def services(self) -> list[Service]:
        """Return those that run, in the order of the plan."""
        return [
            self._running[server.terms.name]
            for server in self._servers
            if server.terms.name in self._running
        ]

    def urls(self) -> dict[str, str]:
        """Return the addresses of all of them by the name of their setting."""
        return {name: url for server in self._servers for name, url in server.urls().items()}

    def _start(self, server: Server) -> None:
        deadline = time.monotonic() + server.terms.start_seconds
        while not self._try(server, deadline):
            time.sleep(PAUSE_BETWEEN_TRIES)

    def _try(self, server: Server, deadline: float) -> bool:
        """Whether it answers now; False when another try is worth it, EmbeddedError when not."""
        program = server.prepare()
        service = self._spawner.submit(self._spawn, server, program).result()
        if self._answers(server, service, deadline):
            server.complete()
            return True
        obituary = self._obituary(server, service)
        service.stop()
        hopeless = not any(phrase in obituary for phrase in server.terms.worth_another_try)
        if hopeless or time.monotonic() > deadline:
            raise EmbeddedError(obituary)
        return False

    def _spawn(self, server: Server, program: process.Program) -> Service:
        if self._given_up.is_set():
            raise GivenUpError
        service = process.spawn(server, program, self._home)
        # From here on `stop` knows it, whatever happens.
        self._running[server.terms.name] = service
        return service

    def _answers(self, server: Server, service: Service, deadline: float) -> bool:
        while service.process.poll() is None and time.monotonic() < deadline:
            if self._given_up.is_set():
                raise GivenUpError
            if server.answers():
                return True
            time.sleep(process.PAUSE)
        return False

    def _obituary(self, server: Server, service: Service) -> str:
        status = service.process.poll()
        limit = f"{server.terms.start_seconds:.0f} s"
        fate = f"did not answer within {limit}" if status is None else f"ended with status {status}"
        words = self._passwords.hidden_in(service.last_words())
        return f"The server {server.terms.name} {fate}; its log {service.log} ends with:\n{words}"


def _raise_first(starts: Sequence[Future[None]]) -> None:
    failures = [failure for start in starts if (failure := start.exception()) is not None]
    for failure in sorted(failures, key=lambda failure: isinstance(failure, GivenUpError)):
        raise failure
