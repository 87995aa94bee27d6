"""The keys that encrypt backups: one private file for each cluster, never inside of a backup."""

import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from infra.backup.errors import BackupKeyMissing
from infra.backup.pieces import KEY_BYTES
from infra.embedded import private

FORM: Final = "psa-backup-key/1 "


class BackupKeys:
    """The folder `keys/backup` of an installation, kept from everybody but its owner."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "keys" / "backup"

    def path(self, cluster: str) -> Path:
        """Return the file that holds the key of a cluster."""
        return self._folder / f"{cluster}.key"

    def of(self, cluster: str) -> bytes:
        """Return the key of a cluster, 32 bytes; raises `BackupKeyMissing`."""
        path = self.path(cluster)
        key = b""
        with suppress(FileNotFoundError, ValueError):
            text = path.read_text(encoding="ascii")
            key = bytes.fromhex(text.removeprefix(FORM)) if text.startswith(FORM) else b""
        if len(key) != KEY_BYTES:
            msg = (
                f"The key of the backups of {cluster} is not in {path}: bring the file back from "
                "where it was copied to; without it no backup can be read."
            )
            raise BackupKeyMissing(msg)
        return key

    def made(self, cluster: str) -> bytes:
        """Return the key of a cluster, making it if there is none; raises `BackupKeyMissing`."""
        path = self.path(cluster)
        if not path.exists():
            private.folder(self._folder)
            key = secrets.token_bytes(KEY_BYTES)
            # Two processes may race here: the first link decides.
            private.create(path, f"{FORM}{key.hex()}\n")
        return self.of(cluster)
