"""One stack per home at a time."""

import fcntl
import os
import time
from pathlib import Path

from infra.embedded.errors import EmbeddedError

GRACE_SECONDS = 1.0  # A holder that was killed needs a moment to let go.


class Lock:
    """An exclusive lock on a file; the kernel gives it back when its holder dies."""

    def __init__(self, file: Path) -> None:
        """Use this file; it holds the pid of the last holder."""
        self._file = file
        self._descriptor: int | None = None

    def take(self) -> None:
        """Take the lock, or raise EmbeddedError naming its holder."""
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + GRACE_SECONDS
        while not _is_taken(descriptor):
            if time.monotonic() < deadline:
                time.sleep(0.02)
                continue
            holder = os.read(descriptor, 20).decode() or "unknown"
            os.close(descriptor)
            reason = (
                f"The folder {self._file.parent.parent} is in use by process {holder}; "
                "stop that one, or choose another PSA_HOME."
            )
            raise EmbeddedError(reason)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        self._descriptor = descriptor

    def give_back(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _is_taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
