"""The whole platform in processes of their own, to be killed one after the other."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

SECONDS = 120.0


class Platform:
    """A running `psa up`, and the commands that work with it."""

    def __init__(self, home: Path, port: int, process: "subprocess.Popen[bytes]") -> None:
        self.home = home
        self.base = f"http://127.0.0.1:{port}"
        self.process = process
        self._env = _environment(home, port)

    def psa(self, *words: str) -> str:
        """Run a command and return its output."""
        done = subprocess.run(
            [sys.executable, "-m", "infra.cli", *words],
            env=self._env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """Start a command and return without waiting for it."""
        return subprocess.Popen(
            [sys.executable, "-m", "infra.cli", *words],
            env=self._env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def client(self, role: str = "admin") -> httpx.Client:
        """Return a client with a token."""
        token = self.psa("token", "--role", role).strip()
        return httpx.Client(
            base_url=f"{self.base}/api/v1", headers={"Authorization": f"Bearer {token}"}
        )

    def kill(self, name: str) -> int:
        """Kill -9 one of the processes that this platform runs, and return its old pid."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    def pid(self, name: str) -> int:
        """Return the pid of `serve`, `relay`, `project` or of a server such as `nats-server`."""
        found: list[int] = []

        def look() -> bool:
            found[:] = [pid for pid, line in self._family() if name in line.split()[:6]]
            found.extend(pid for pid, line in self._family() if f"/{name} " in f"{line} ")
            return bool(found)

        wait_until(look, f"{name} runs")
        return found[0]

    def settle(self) -> int:
        """Wait until every view shows the head of the log, and return the head."""

        def settled() -> bool:
            status = json.loads(self.psa("status", "--json"))
            return all(view["lag"] == 0 for view in status["views"])

        wait_until(settled, "all views have caught up")
        return int(json.loads(self.psa("status", "--json"))["head"])

    def rebuilt_is_equal(self, view: str) -> bool:
        """Rebuild a view and tell whether its rows are what they had been, byte for byte."""
        report: dict[str, Any] = json.loads(self.psa("rebuild", view, "--json"))
        return bool(report["hash_before"] == report["hash_after"])

    def _family(self) -> Iterator[tuple[int, str]]:
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                except (OSError, ValueError):
                    continue
                if parent == self.process.pid:
                    yield int(folder.name), line


@contextmanager
def running_platform(home: Path) -> Iterator[Platform]:
    """Run `psa up` until the end of the block; then nothing of it may be left."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    with (home.parent / "up.log").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "infra.cli", "up"],
            env=_environment(home, port),
            stdout=output,
            stderr=output,
        )
    platform = Platform(home, port, process)
    try:
        wait_until(platform_answers(platform), "the platform is ready")
        yield platform
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def platform_answers(platform: Platform) -> Callable[[], bool]:
    """Return a question: is every service ready?"""

    def ready() -> bool:
        assert platform.process.poll() is None, "psa up ended"
        try:
            checks = httpx.get(f"{platform.base}/ready", timeout=5).json()["checks"]
            return all(check["ok"] for check in checks.values())
        except httpx.TransportError:
            return False

    return ready


def wait_until(question: Callable[[], bool], what: str, seconds: float = SECONDS) -> None:
    """Ask until the answer is yes; fail when it takes too long."""
    deadline = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.1)


def _environment(home: Path, port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PSA_")}
    return {**kept, "PSA_HOME": str(home), "PSA_HTTP_PORT": str(port)}
