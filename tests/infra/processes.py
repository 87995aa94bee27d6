"""Which processes work in a folder: found by their command line and their environment."""

import time
from collections.abc import Callable
from pathlib import Path

SECONDS = 60.0


def family(folder: Path) -> dict[int, str]:
    """Return the command lines of the processes that know this folder, by pid."""
    found = {int(entry.name): _line(folder, entry) for entry in Path("/proc").glob("[0-9]*")}
    return {pid: line for pid, line in found.items() if line}


def until(reached: Callable[[], bool]) -> None:
    """Wait for what another process does; fail after a minute."""
    deadline = time.monotonic() + SECONDS
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _line(folder: Path, process: Path) -> str:
    try:
        told = [(process / name).read_bytes() for name in ("cmdline", "environ")]
    except OSError:
        return ""
    return told[0].decode() if any(bytes(folder) in text for text in told) else ""
