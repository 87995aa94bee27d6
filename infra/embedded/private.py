"""Files and folders below the home that only their owner may read."""

import os
import tempfile
from pathlib import Path
from typing import BinaryIO


def folder(path: Path) -> Path:
    """Make sure the folder exists; a new one is closed to others."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def write(path: Path, text: str) -> None:
    """Replace the file as a whole with mode 0600; after a crash it is the old or the new one."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync(path.parent)


def create(path: Path, text: str) -> bool:
    """Make the file as a whole with mode 0600, and tell whether it was not there before."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="utf-8") as draft:
        draft.write(text)
        draft.flush()
        os.fsync(draft.fileno())
        try:
            path.hardlink_to(draft.name)
        except FileExistsError:
            return False
    sync(path.parent)
    return True


def append(path: Path) -> BinaryIO:
    """Open the file for writing at its end; a new one has mode 0600."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")


def sync(path: Path) -> None:
    """Make a rename in this folder survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
