"""A repository: the base backups of one cluster and its write-ahead log, and a ledger of all of it.

    repository.json   which cluster this is
    base/ID           a base backup; base/ID.json says from when to when, and of which log
    wal/NAME          a file of the write-ahead log
    ledger.jsonl      a line for each piece, with its size and its hash: what must be there

A piece counts once it is in the ledger; then it is on the disk. Nothing here is readable without
the key but names, times and sizes.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from infra.backup import pieces
from infra.backup.errors import BackupDamaged, BackupError
from infra.embedded import private

BASE: Final = "base"
WAL: Final = "wal"


class Identity(msgspec.Struct, frozen=True):
    """Whose backups a repository holds."""

    cluster: str
    system: int
    """PostgreSQL's identifier of the cluster: another one is in every new data folder."""


class Piece(msgspec.Struct, frozen=True):
    """What the ledger says of a piece."""

    name: str
    size: int
    sha256: str
    """Of the encrypted bytes: damage is found without the key, too."""


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """A base backup."""

    id: str
    cluster: str
    system: int
    started_at: datetime
    finished_at: datetime
    """A restore can go to any later instant that the write-ahead log reaches."""
    timeline: int
    start: str
    """Where the write-ahead log begins that it needs, e.g. `0/3000028`."""
    stop: str
    size: int
    """Bytes before compression."""
    stored: int


class Repository:
    """The folder of one cluster's backups."""

    def __init__(self, folder: Path, cluster: str, key: bytes) -> None:
        """Use a folder, which is made when something is put into it."""
        self.folder = folder
        self.cluster = cluster
        self._key = key
        self._ledger = folder / "ledger.jsonl"

    def identity(self) -> Identity | None:
        """Return whose backups are here; None where there are none."""
        try:
            return msgspec.json.decode(
                (self.folder / "repository.json").read_bytes(), type=Identity
            )
        except FileNotFoundError:
            return None
        except msgspec.DecodeError as error:
            msg = f"{self.folder}/repository.json is damaged: it can not be read."
            raise BackupDamaged(msg) from error

    def claim(self, system: int) -> None:
        """Take the repository for this cluster; raises `BackupError` when it is another one's."""
        ours = Identity(self.cluster, system)
        if (found := self.identity()) is None:
            for name in ("", BASE, WAL):
                private.folder(self.folder / name)
            private.write(self.folder / "repository.json", msgspec.json.encode(ours).decode())
        elif found != ours:
            msg = (
                f"{self.folder} holds the backups of another database ({found.cluster} "
                f"{found.system}, this is {ours.system}): move that folder aside, or name another "
                "one in PSA_BACKUP_DIR."
            )
            raise BackupError(msg)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let no other process put in or take away anything meanwhile."""
        private.folder(self.folder)
        with (self.folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def put(self, name: str, content: Iterable[bytes]) -> Piece:
        """Add a piece, safely on the disk when this returns; one of this name is replaced."""
        path = self.folder / name
        draft = path.with_name(f".{path.name}.new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            hashing = _Hashing(file)
            pieces.write(hashing, name, self._key, content)  # type: ignore[arg-type] # it only writes
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        private.sync(path.parent)
        piece = Piece(name, hashing.size, hashing.digest.hexdigest())
        self._note(piece)
        return piece

    def get(self, name: str) -> Iterator[bytes]:
        """Yield the content of a piece; raises `BackupDamaged` and `BackupKeyMissing`."""
        try:
            with (self.folder / name).open("rb") as file:
                yield from pieces.read(file, name, self._key)
        except FileNotFoundError as error:
            msg = f"{name} is missing in {self.folder}."
            raise BackupDamaged(msg) from error

    def has(self, name: str) -> bool:
        """Tell whether there is a file for this piece."""
        return (self.folder / name).exists()

    def ledger(self) -> dict[str, Piece]:
        """Return every piece that must be here, by name; raises `BackupDamaged`."""
        try:
            lines = self._ledger.read_bytes().split(b"\n")
        except FileNotFoundError:
            return {}
        found: dict[str, Piece] = {}
        for number, line in enumerate(lines, 1):
            try:
                piece = msgspec.json.decode(line, type=Piece)
            except msgspec.DecodeError as error:
                if number == len(lines):
                    continue  # The end of the file, or a line that was not finished.
                msg = f"ledger.jsonl is damaged in line {number}."
                raise BackupDamaged(msg) from error
            found[piece.name] = piece
        return found

    def remember(self, backup: Backup) -> None:
        """Let a base backup, whose piece is here, be one that can be restored."""
        private.write(self._told(backup.id), msgspec.json.encode(backup).decode())

    def backups(self) -> list[Backup]:
        """Return the base backups, oldest first; raises `BackupDamaged`."""
        found = []
        for path in sorted((self.folder / BASE).glob("*.json")):
            try:
                found.append(msgspec.json.decode(path.read_bytes(), type=Backup))
            except msgspec.DecodeError as error:
                msg = f"base/{path.name} is damaged: it can not be read."
                raise BackupDamaged(msg) from error
        return found

    def remove(self, names: Iterable[str]) -> None:
        """Take away pieces, and what is told of those that are base backups."""
        gone = set(names)
        kept = [piece for piece in self.ledger().values() if piece.name not in gone]
        # From the ledger first: a file too many is no damage, a file too few is.
        private.write(self._ledger, "".join(_line(piece).decode() for piece in kept))
        for name in sorted(gone):
            if name.startswith(f"{BASE}/"):
                self._told(name.removeprefix(f"{BASE}/")).unlink(missing_ok=True)
            (self.folder / name).unlink(missing_ok=True)

    def path(self, name: str) -> Path:
        """Return the file of a piece."""
        return self.folder / name

    def _told(self, backup: str) -> Path:
        return self.folder / BASE / f"{backup}.json"

    def _note(self, piece: Piece) -> None:
        descriptor = os.open(self._ledger, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "rb+", buffering=0) as file:
            _end_line(file)
            file.write(_line(piece))
            os.fsync(file.fileno())


class _Hashing:
    """A file that knows the hash of what was written to it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, content: bytes) -> int:
        self.digest.update(content)
        self.size += len(content)
        return self._file.write(content)


def _line(piece: Piece) -> bytes:
    return msgspec.json.encode(piece) + b"\n"


def _end_line(file: BinaryIO) -> None:
    """Take away a line that was not finished: its piece is put in once more."""
    size = file.seek(0, os.SEEK_END)
    if size and os.pread(file.fileno(), 1, size - 1) != b"\n":
        whole = os.pread(file.fileno(), size, 0).rpartition(b"\n")
        os.ftruncate(file.fileno(), len(whole[0]) + len(whole[1]))
