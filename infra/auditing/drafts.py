"""The folder that becomes a package in one step, or not at all: half of one is never seen."""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

SUMS: Final = "SHA256SUMS"
PART: Final = 2**20
"""Bytes that are copied at once."""
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)
"""The time of all files in an archive: the same content makes the same archive."""
_PLAIN: Final = 0o100644 << 16


class Unwritable(Exception):
    """The package can not be written; the message says why, and the way out."""


class File:
    """A file of the package that is being written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = sha256()

    def write(self, content: bytes) -> None:
        """Write bytes behind those that are there."""
        self._file.write(content)
        self._hash.update(content)

    @property
    def digest(self) -> str:
        """The SHA-256 of what was written so far."""
        return self._hash.hexdigest()


class Draft:
    """A package that nobody sees before it is whole."""

    def __init__(self, folder: Path, name: str) -> None:
        """Write into `folder`; the package will have this name."""
        self._folder = folder
        self._package = folder / name
        self._package.mkdir(mode=0o700)  # The log tells of people.
        self.digests: dict[str, str] = {}
        """The SHA-256 of each file by its name."""

    @contextmanager
    def file(self, name: str) -> Iterator[File]:
        """Give a new file, which is on the disk when the block ends."""
        path = self._package / name
        path.parent.mkdir(exist_ok=True)
        with path.open("xb", buffering=PART) as raw:
            file = File(raw)
            yield file
            raw.flush()
            os.fsync(raw.fileno())
        self.digests[name] = file.digest

    def write(self, name: str, text: str) -> None:
        """Write a file at once."""
        with self.file(name) as file:
            file.write(text.encode())

    def write_sums(self) -> None:
        """Write the file that `sha256sum --check` reads, with a line for each of the others."""
        self.write(
            SUMS, "".join(f"{self.digests[name]}  {name}\n" for name in sorted(self.digests))
        )

    def zip(self) -> Path:
        """Return an archive of all files, which are in a folder there."""
        path = self._folder / "package.zip"
        path.touch(mode=0o600)
        with path.open("wb") as raw:
            with ZipFile(raw, "w") as archive:
                for name in sorted(self.digests):
                    info = ZipInfo(f"{self._package.name}/{name}", _LONG_AGO)
                    info.compress_type, info.external_attr = ZIP_DEFLATED, _PLAIN
                    with (
                        (self._package / name).open("rb") as source,
                        archive.open(info, "w", force_zip64=True) as inside,
                    ):
                        shutil.copyfileobj(source, inside, PART)
            raw.flush()
            os.fsync(raw.fileno())
        return path

    @property
    def package(self) -> Path:
        """The folder with all files."""
        return self._package


@contextmanager
def drafting(target: Path, *, zipped: bool) -> Iterator[Draft]:
    """Give a draft that stands at the target when the block ends, or is gone if it fails.

    A target that is there already is refused, unless it is an empty folder. Raises `Unwritable`.
    """
    _require_free(target, zipped=zipped)
    folder = target.with_name(f".{target.name}.part")
    with _with_room(target.parent), _locked(folder):
        try:
            draft = Draft(folder, target.stem if zipped else target.name)
            yield draft
            draft.write_sums()
            made = draft.zip() if zipped else draft.package
            _require_free(target, zipped=zipped)
            made.rename(target)
            _sync(target.parent)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _with_room(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        msg = (
            f"There is no room for the package in {folder} ({error.strerror}): make room, or name "
            "another place with --out; nothing was left there."
        )
        raise Unwritable(msg) from error


def _require_free(target: Path, *, zipped: bool) -> None:
    if not target.parent.is_dir():
        msg = f"There is no folder {target.parent}: make it, or name another place with --out."
        raise Unwritable(msg)
    is_empty_folder = target.is_dir() and not any(target.iterdir())
    if os.path.lexists(target) and (zipped or not is_empty_folder):
        msg = f"{target} is there already: take it away, or name another place with --out."
        raise Unwritable(msg)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder alone, cleared of what a killed export may have left there."""
    folder.mkdir(exist_ok=True, mode=0o700)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if not _is_ours(descriptor, folder):
            msg = f"Another export writes to {folder}: wait for it, or name another --out."
            raise Unwritable(msg)
        for left in folder.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        yield
    finally:
        os.close(descriptor)


def _is_ours(descriptor: int, folder: Path) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Who held it before may have taken the folder away meanwhile.
        return os.path.samestat(os.fstat(descriptor), folder.stat())
    except (BlockingIOError, FileNotFoundError):
        return False


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
