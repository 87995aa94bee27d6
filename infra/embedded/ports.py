"""The loopback ports of the local servers, remembered between starts."""

import errno
import socket
import threading
from pathlib import Path

import msgspec

from infra.embedded import private
from infra.embedded.errors import EmbeddedError

LOOPBACK = "127.0.0.1"


class Ports:
    """Ports by name: the one used last time while it is free, otherwise a new one."""

    def __init__(self, file: Path) -> None:
        """Remember the ports in this file."""
        self._file = file
        self._lock = threading.Lock()

    def take(self, name: str) -> int:
        """Return a port nobody listens on; ask again when another program was faster."""
        with self._lock:
            known = self._known()
            taken = {port for other, port in known.items() if other != name}
            port = known.get(name, 0)
            if port in {0, *taken} or not _is_free(port):
                port = _free_port(taken)
                private.write(self._file, msgspec.json.encode({**known, name: port}).decode())
            return port

    def _known(self) -> dict[str, int]:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=dict[str, int])
        except (FileNotFoundError, msgspec.DecodeError):
            return {}  # Ports are a convenience: new ones do as well.


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # A connection of the last run may still be in TIME_WAIT; the servers do not mind either.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as refused:
            if refused.errno in {errno.EADDRINUSE, errno.EACCES}:
                return False
            raise
    return True


def _free_port(taken: set[int]) -> int:
    port = 0
    while port in {0, *taken}:
        with socket.socket() as probe:
            try:
                probe.bind((LOOPBACK, 0))
            except OSError as refused:
                reason = (
                    f"No port on {LOOPBACK} is free ({refused.strerror}); end other programs, "
                    "or set the PSA_…_URL of servers that already run."
                )
                raise EmbeddedError(reason) from refused
            port = int(probe.getsockname()[1])
    return port
