"""A server process: how it starts, how one knows that it answers, and how it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import msgspec

from infra.embedded import launch, private

LOG_LIMIT = 10 * 1024 * 1024
PAUSE = 0.02
INHERITED = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


class Program(msgspec.Struct, frozen=True):
    """What to execute, where, and as whom (see `unprivileged`)."""

    arguments: Sequence[str]
    folder: Path
    account: str = launch.CALLER


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a kind of server is called, and what it is granted when it starts and stops."""

    name: str
    start_seconds: float
    stop_seconds: float
    stop_signals: Sequence[signal.Signals]  # The first is clean, each next one is harsher.
    worth_another_try: Sequence[str]  # Phrases of its log after which a new start may succeed.


class Server(Protocol):
    """What one kind of server must know about itself."""

    terms: Terms

    def prepare(self) -> Program:
        """Write the configuration and say what to execute."""

    def answers(self) -> bool:
        """Whether the server answers, and is ours."""

    def complete(self) -> None:
        """Bring about what must hold before others use the server."""

    def urls(self) -> Mapping[str, str]:
        """Return where it answers, by the name of the setting."""


class Service:
    """One running server."""

    def __init__(
        self, server: Server, process: subprocess.Popen[bytes], home: Path, log_start: int
    ) -> None:
        """Watch over a process that was just spawned."""
        self.name = server.terms.name
        self.process = process
        self.log = log_file(home, self.name)
        self._pid_file = pid_file(home, self.name)
        self._server = server
        self._log_start = log_start

    def last_words(self, lines: int = 12) -> str:
        """Return the last lines this run wrote to its log."""
        with self.log.open("rb") as file:
            file.seek(self._log_start)
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])

    def stop(self) -> None:
        """End the process: clean first, by force when its time is up."""
        end(self.process.pid, self._server, lambda: self.process.poll() is None)
        self.process.wait()
        self._pid_file.unlink(missing_ok=True)


def environment() -> Mapping[str, str]:
    """Return the little a server inherits: no URL of ours, no PG* variable, no locale."""
    return {name: os.environ[name] for name in INHERITED if name in os.environ} | {"LC_ALL": "C"}


def spawn(server: Server, program: Program, home: Path) -> Service:
    """Start the program in a session of its own, so that Ctrl-C reaches the supervisor alone."""
    name = server.terms.name
    with private.append(log_file(home, name)) as output:
        if output.tell() > LOG_LIMIT:
            output.truncate(0)
        start = output.seek(0, os.SEEK_END)
        process = subprocess.Popen(
            launched(program, pid_file(home, name), server.terms.stop_signals[0]),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=program.folder,
            env=environment(),
            start_new_session=True,
            umask=0o077,
        )
        return Service(server, process, home, start)


def launched(program: Program, pid_file: Path | None, death_signal: signal.Signals) -> list[str]:
    """Return the command line that ends in the program by way of `launch`."""
    script = [sys.executable, "-I", "-S", launch.__file__]
    terms = [str(pid_file or ""), str(int(death_signal)), program.account, str(os.getpid())]
    return [*script, *terms, *program.arguments]


def log_file(home: Path, name: str) -> Path:
    """Return what a server writes to its console."""
    return home / "logs" / f"{name}.log"


def pid_file(home: Path, name: str) -> Path:
    """Return where `launch` notes the pid of a server."""
    return home / "run" / f"{name}.pid"


def end_orphan(server: Server, home: Path) -> None:
    """End what a killed supervisor left running; a recycled pid is somebody else's."""
    file = pid_file(home, server.terms.name)
    try:
        pid, _, noted = file.read_text(encoding="ascii").partition(" ")
    except FileNotFoundError:
        return
    if pid.isdigit() and noted:
        end(int(pid), server, lambda: launch.mark(int(pid)) == noted)
    file.unlink()


def end(pid: int, server: Server, is_running: Callable[[], bool]) -> None:
    """Send the signals of the server one after the other, then SIGKILL to its whole group."""
    for number in server.terms.stop_signals:
        if is_running():
            with suppress(ProcessLookupError):  # It was faster.
                os.kill(pid, number)
            _wait(is_running, server.terms.stop_seconds)
    if is_running():
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        _wait(is_running, server.terms.stop_seconds)


def _wait(is_running: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while is_running() and time.monotonic() < deadline:
        time.sleep(PAUSE)
