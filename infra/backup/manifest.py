"""What a base backup holds: a tar of files, and a manifest that names each with its hash."""

import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Final

import msgspec

from infra.backup.errors import BackupDamaged

NAME: Final = "backup_manifest"
PART: Final = 1 << 20


class _File(msgspec.Struct, rename={"path": "Path", "size": "Size", "checksum": "Checksum"}):
    path: str
    size: int
    checksum: str = ""


class _Range(
    msgspec.Struct, rename={"timeline": "Timeline", "start": "Start-LSN", "end": "End-LSN"}
):
    timeline: int
    start: str
    end: str


class _Told(
    msgspec.Struct, rename={"files": "Files", "wal": "WAL-Ranges", "system": "System-Identifier"}
):
    files: list[_File]
    wal: list[_Range]
    system: int


class Manifest(msgspec.Struct, frozen=True):
    """What the manifest of a base backup says."""

    system: int
    timeline: int
    start: str
    stop: str
    hashes: dict[str, str]


class Pipe(io.RawIOBase):
    """A file to read from, made of parts as they come."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._left = b""

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a part of the buffer, and tell how much; 0 at the end."""
        if not self._left:
            self._left = next(self._parts, b"")
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count


def read_backup(content: Iterator[bytes], name: str, into: Path | None = None) -> Manifest:
    """Read a base backup to its end, compare every file with the manifest, and return that.

    Its files are put into a new folder, if one is given. Raises `BackupDamaged`.
    """
    found: dict[str, str] = {}
    told = b""
    try:
        with tarfile.open(fileobj=buffered(content), mode="r|") as tar:
            for member in tar:
                if not (member.isfile() or member.isdir()):
                    msg = (
                        f"{name} holds {member.name}, which is no file: a tablespace is of no use."
                    )
                    raise BackupDamaged(msg)
                file = tar.extractfile(member) if member.isfile() else None
                if into is not None:
                    _require_inside(member.name, name)
                if file is None:
                    if into is not None:
                        (into / member.name).mkdir(mode=0o700, parents=True, exist_ok=True)
                elif member.name == NAME:
                    told = file.read()
                else:
                    found[member.name] = _hash(file, None if into is None else into / member.name)
        for _ in content:
            pass  # To the end: only then nothing is missing.
    except tarfile.TarError as error:
        msg = f"{name} is damaged: it is no archive of files ({error})."
        raise BackupDamaged(msg) from error
    manifest = parse(told, name)
    if wrong := _differing(manifest, found):
        msg = f"{name} is damaged: {wrong} is not as its manifest says."
        raise BackupDamaged(msg)
    return manifest


def parse(text: bytes, name: str) -> Manifest:
    """Return what a manifest says; raises `BackupDamaged`."""
    try:
        told = msgspec.json.decode(text, type=_Told)
        (wal,) = told.wal
    except (msgspec.DecodeError, ValueError) as error:
        msg = f"{name} is damaged: its manifest can not be read."
        raise BackupDamaged(msg) from error
    hashes = {file.path: file.checksum for file in told.files}
    return Manifest(told.system, wal.timeline, wal.start, wal.end, hashes)


def buffered(content: Iterator[bytes]) -> IO[bytes]:
    """Return a file made of parts as they come."""
    return io.BufferedReader(Pipe(content), PART)


def _differing(manifest: Manifest, found: dict[str, str]) -> str | None:
    both = manifest.hashes.keys() | found.keys()
    return next(
        (path for path in sorted(both) if manifest.hashes.get(path) != found.get(path)), None
    )


def _require_inside(path: str, name: str) -> None:
    if path.startswith("/") or ".." in path.split("/"):
        msg = f"{name} holds {path}, which is outside of a data folder."
        raise BackupDamaged(msg)


def _hash(file: IO[bytes], target: Path | None) -> str:
    """Return the hash of a file, which is put where it belongs, if that is somewhere."""
    digest = hashlib.sha256()
    with ExitStack() as closing:
        copy = None if target is None else closing.enter_context(_new(target))
        while part := file.read(PART):
            digest.update(part)
            if copy is not None:
                copy.write(part)
    return digest.hexdigest()


def _new(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
