"""Carries the write-ahead log from where the server leaves it into the repository."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from infra.backup import wal
from infra.backup.errors import BackupError
from infra.backup.repository import WAL, Repository

PART: Final = 1 << 20


def waiting(spool: Path) -> list[Path]:
    """Return the files that wait, in the order in which they have to be carried."""
    if not spool.is_dir():
        return []
    files = [path for path in spool.iterdir() if wal.ARCHIVED.fullmatch(path.name)]
    # Segments first: they say whose repository this is, before anything else comes into it.
    return sorted(files, key=lambda path: (not wal.SEGMENT.fullmatch(path.name), path.name))


def carry(spool: Path, repository: Repository) -> int:
    """Carry what waits, and return how many files that was; may be killed and done again.

    Raises `BackupError` when the repository is another cluster's, or holds another file of a name.
    """
    files = waiting(spool)
    for path in files:
        with repository.alone():
            if not path.exists():
                continue  # Another process was faster.
            _claim(path, repository)
            _put(path, repository)
            path.unlink()
    return len(files)


def read(path: Path) -> Iterator[bytes]:
    """Yield the content of a file."""
    with path.open("rb") as file:
        while part := file.read(PART):
            yield part


def _claim(path: Path, repository: Repository) -> None:
    if wal.SEGMENT.match(path.name) and not path.name.endswith(".backup"):
        repository.claim(wal.system_of(path))
    elif repository.identity() is None:
        msg = f"{path} waits for a segment of its own cluster; nothing is in the repository yet."
        raise BackupError(msg)


def _put(path: Path, repository: Repository) -> None:
    name = f"{WAL}/{path.name}"
    if name in repository.ledger():
        if _same(path, repository, name):
            return
        msg = (
            f"The repository has another {name} than {path}: two servers write the same log. Stop "
            "the one that is not ours; docs/backup.md says how to go on."
        )
        raise BackupError(msg)
    repository.put(name, read(path))


def _same(path: Path, repository: Repository, name: str) -> bool:
    kept = repository.get(name)
    with path.open("rb") as file:
        return all(file.read(len(part)) == part for part in kept) and not file.read(1)
