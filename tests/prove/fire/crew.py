"""The writing processes: each is started again as soon as it was killed."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from tests.prove.fire.journal import journal_path
from tests.prove.fire.writer import Orders
from tests.prove.platform import ROOT

STOP_SECONDS: Final = 60.0


class WriterFailed(Exception):
    """A writing process ended by itself; the message is what it said."""


class Crew:
    """So many processes, each with its journals in the folder that the orders name."""

    def __init__(self, orders: Orders, processes: int) -> None:
        """Start them."""
        self._orders = orders
        self._lives = [0] * processes
        self._processes = [self._start(slot) for slot in range(processes)]

    @property
    def size(self) -> int:
        """How many processes there are."""
        return len(self._lives)

    @property
    def journals(self) -> Iterator[Path]:
        """The journals of all lives."""
        return Path(self._orders.folder).glob("*.jsonl")

    def at_work(self) -> list[int]:
        """Return the slots whose process has begun to write; raises WriterFailed."""
        for process in self._processes:
            if process.poll() is not None:
                raise WriterFailed(self._said())
        return [slot for slot in range(len(self._lives)) if self._has_begun(slot)]

    def kill(self, slot: int) -> None:
        """Kill -9 one, and start it again."""
        self._processes[slot].kill()
        self._processes[slot].wait()
        self._lives[slot] += 1
        self._processes[slot] = self._start(slot)

    def stop(self) -> None:
        """Let all of them end what they have begun; raises WriterFailed."""
        for process in self._processes:
            process.terminate()
        statuses = {process.wait(STOP_SECONDS) for process in self._processes}
        if statuses - {0, -signal.SIGTERM}:  # The latter where it was just starting.
            raise WriterFailed(self._said())

    def end(self) -> None:
        """End those that still run, at once."""
        for process in self._processes:
            process.kill()
            process.wait()

    def _start(self, slot: int) -> "subprocess.Popen[bytes]":
        orders = msgspec.structs.replace(self._orders, slot=slot, life=self._lives[slot])
        with (Path(self._orders.folder) / "errors").open("ab") as errors:
            return subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.prove.fire.writer"),
                    msgspec.json.encode(orders).decode(),
                ],
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )

    def _has_begun(self, slot: int) -> bool:
        path = journal_path(Path(self._orders.folder), slot, self._lives[slot])
        return path.exists() and path.stat().st_size > 0

    def _said(self) -> str:
        return (Path(self._orders.folder) / "errors").read_text()[-2000:]


@contextmanager
def crew(orders: Orders, processes: int) -> Iterator[Crew]:
    """Give a crew, of which nobody is left afterwards."""
    started = Crew(orders, processes)
    try:
        yield started
    finally:
        started.end()
