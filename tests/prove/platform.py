"""A checkout of the platform at work, in processes of its own and spoken to from outside.

Nothing of it is imported: what is known of it are its command line, its HTTP API, its tables, and
the addresses that a running platform leaves for the other commands of its home.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
import psycopg

from tests.chaos.platform import wait_until

ROOT: Final = Path(__file__).parents[2]
START_SECONDS: Final = 120.0
SETTLE_SECONDS: Final = 900.0
PAUSE_SECONDS: Final = 2.0
"""Between two looks, which cost what they watch a part of the processor."""
OURS: Final = ("PSA_", "VIRTUAL_ENV", "UV_PROJECT", "PYTHONPATH")
"""Settings of this process that must not reach another checkout."""


class PlatformFailed(Exception):
    """The platform did not do what it was told; the message is what it said."""


class Checkout(msgspec.Struct, frozen=True):
    """A version of the code, and the interpreter that has its dependencies."""

    folder: Path
    python: Path


HERE: Final = Checkout(ROOT, Path(sys.executable))


def printed(proof: str, *options: str) -> list[dict[str, Any]]:
    """Run a proof in a process of its own, and return the lines it prints; it has to hold."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.prove.{proof}", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def unpack(commit: str, folder: Path) -> Checkout:
    """Put a commit of this repository into a new folder, with the dependencies it had."""
    folder.mkdir(parents=True)
    packed = subprocess.run(
        ["git", "-C", str(ROOT), "archive", commit], stdout=subprocess.PIPE, check=True
    )
    # Not by `tarfile`: Python 3.11 can be told to trust no archive only from 3.11.4 on.
    subprocess.run(
        ["tar", "--extract", "--directory", str(folder)], input=packed.stdout, check=True
    )
    sync = ["sync", "--frozen", "--quiet", "--no-dev", "--extra", "embedded"]
    uv = os.environ.get("UV", "uv")  # set by `uv run`
    subprocess.run([uv, *sync, "--project", str(folder)], env=_environment(), check=True)
    return Checkout(folder, folder / ".venv" / "bin" / "python")


class Platform:
    """A running `psa up`, and what can be asked of it."""

    def __init__(self, checkout: Checkout, home: Path) -> None:
        self._checkout = checkout
        self._home = home
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])
        self._base = f"http://127.0.0.1:{port}"
        self._env = {**_environment(), "PSA_HOME": str(home), "PSA_HTTP_PORT": str(port)}

    @contextmanager
    def up(self, *words: str) -> Iterator["subprocess.Popen[bytes]"]:
        """Run it, its database brought up to date, until the end of the block, or until killed."""
        output = self._home.with_suffix(".log")
        with output.open("ab") as log:
            process = subprocess.Popen(
                self._command("up", *words),
                cwd=self._checkout.folder,
                env=self._env,
                stdout=log,
                stderr=log,
            )

        def ready() -> bool:
            if process.poll() is not None:
                raise PlatformFailed(output.read_text())
            try:
                return httpx.get(f"{self._base}/ready", timeout=5).is_success
            except httpx.TransportError:
                return False

        try:
            wait_until(ready, "the platform is ready", START_SECONDS)
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)

    def psa(self, *words: str) -> str:
        """Run a command and return its output."""
        done = self.tried(*words)
        if done.returncode:
            raise PlatformFailed(f"psa {' '.join(words)}: {done.stderr}")
        return done.stdout

    def tried(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run a command and return what became of it."""
        return subprocess.run(
            self._command(*words),
            cwd=self._checkout.folder,
            env=self._env,
            capture_output=True,
            text=True,
            check=False,
        )

    def settle(self) -> int:
        """Wait until every view shows the head of the log, and return the head."""
        deadline = time.monotonic() + SETTLE_SECONDS
        status = self.status()
        while any(view["lag"] for view in status["views"]):
            if time.monotonic() > deadline:
                raise PlatformFailed(f"The views do not catch up: {status}")
            time.sleep(PAUSE_SECONDS)
            status = self.status()
        return int(status["head"])

    def status(self) -> dict[str, Any]:
        """Return what `psa status` says."""
        status: dict[str, Any] = json.loads(self.psa("status", "--json"))
        return status

    def client(self) -> httpx.Client:
        """Return a client of the API that may see everything."""
        token = self.psa("token", "--role", "admin").strip()
        return httpx.Client(
            base_url=f"{self._base}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        )

    def database(self) -> psycopg.Connection:
        """Return a connection as the owner of the database; times are told in UTC."""
        addresses = json.loads((self._home / "run" / "addresses.json").read_text())
        url: str = addresses["PSA_POSTGRES_OWNER_URL"]
        return psycopg.connect(url, options="-c timezone=UTC", autocommit=True)

    def _command(self, *words: str) -> list[str]:
        return [str(self._checkout.python), "-m", "infra.cli", *words]


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
