"""The local stack: every server that no URL replaces."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from infra.embedded import clusters, private
from infra.embedded.errors import EmbeddedError
from infra.embedded.lock import Lock
from infra.embedded.nats import Nats
from infra.embedded.opensearch import OpenSearch
from infra.embedded.passwords import Passwords
from infra.embedded.ports import Ports
from infra.embedded.postgres import Postgres
from infra.embedded.process import Server, Service, end_orphan
from infra.embedded.servers import Servers
from infra.embedded.urls import (
    KEYS_URL,
    NAMES,
    NATS_URL,
    NEEDED,
    OPENSEARCH_URL,
    POSTGRES_URL,
    REDIS_URL,
    Urls,
    unpaired,
)
from infra.embedded.valkey import Valkey


class Stack:
    """The servers of one home; they run from `start` to `stop`, at most as long as this object."""

    def __init__(
        self,
        home: Path,
        *,
        external: Mapping[str, str],
        opensearch: bool = False,
        durable: bool = True,
    ) -> None:
        """Plan a stack below home; a PSA_…_URL in `external` replaces that server."""
        self._home = home.resolve()
        self._external = {name: external[name] for name in NAMES if external.get(name)}
        if reason := unpaired(self._external):
            raise EmbeddedError(reason)
        self._opensearch = opensearch
        self._durable = durable
        self._servers: Servers | None = None
        self._closing = ExitStack()
        self._urls: Urls | None = None

    def __enter__(self) -> Self:
        """Promise to stop; `start` gives the addresses."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    def start(self) -> Urls:
        """Start what is not external and return all addresses; raises EmbeddedError."""
        if self._urls is None:
            with ExitStack() as closing:
                try:
                    local = self._start_local(closing)
                except OSError as refused:
                    raise EmbeddedError(_unusable(self._home, refused)) from refused
                self._urls = Urls.named({**local, **self._external})
                self._closing = closing.pop_all()
        return self._urls

    def stop(self) -> None:
        """Stop what was started, the log's Postgres last; harmless when nothing runs."""
        self._urls = None
        self._closing.close()
        self._servers = None

    def revive(self) -> list[str]:
        """Start again the servers that have died; their addresses stay. Raises EmbeddedError."""
        return [] if self._servers is None else self._servers.revive()

    def services(self) -> list[Service]:
        """Return the servers that run here."""
        return [] if self._servers is None else self._servers.services()

    def _start_local(self, closing: ExitStack) -> dict[str, str]:
        wanted = [*NEEDED, *([OPENSEARCH_URL] if self._opensearch else [])]
        local = [name for name in wanted if name not in self._external]
        if not local:
            return {}
        for folder in (self._home, self._home / "run", self._home / "logs"):
            private.folder(folder)
        lock = Lock(self._home / "run" / "lock")
        lock.take()
        closing.callback(lock.give_back)
        passwords = Passwords.kept_in(self._home / "passwords.json")
        known = self._known_servers(passwords)
        for server in known.values():
            end_orphan(server, self._home)
        servers = Servers(self._home, [known[name] for name in local], passwords)
        closing.callback(servers.stop)
        servers.start()
        self._servers = servers
        return servers.urls()

    def _known_servers(self, passwords: Passwords) -> dict[str, Server]:
        ports = Ports(self._home / "run" / "ports.json")
        log, keys = (
            Postgres(self._home, cluster, logins, ports, durable=self._durable)
            for cluster, logins in (
                (clusters.LOG, passwords.of_log),
                (clusters.KEYS, passwords.of_keys),
            )
        )
        return {
            POSTGRES_URL: log,
            KEYS_URL: keys,
            NATS_URL: Nats(self._home, passwords, ports),
            REDIS_URL: Valkey(self._home, passwords, ports, durable=self._durable),
            OPENSEARCH_URL: OpenSearch(self._home, ports, fast=not self._durable),
        }


def _unusable(home: Path, refused: OSError) -> str:
    return (
        f"The folder {home} can not be used ({refused}); make room, correct its rights, "
        "or choose another PSA_HOME."
    )
