"""The write-ahead log that a restore replays, put where PostgreSQL finds it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from infra.backup import wal
from infra.backup.repository import WAL, Backup, Repository
from infra.backup.wal import HISTORY, SEGMENT, Lineage, Segment

Progress = Callable[[int, int], None]
BLOCK: Final = 64 * 1024
ZEROS: Final = bytes(BLOCK)


def histories(repository: Repository, *folders: Path) -> dict[str, str]:
    """Return what is told of timelines, by the names of the files: here, and in these folders."""
    found = {
        path.name: path.read_text(encoding="ascii")
        for folder in folders
        for path in sorted(folder.glob("*.history"))
        if HISTORY.fullmatch(path.name)
    }
    for name in repository.ledger():
        if HISTORY.fullmatch(name.removeprefix(f"{WAL}/")):
            found[name.removeprefix(f"{WAL}/")] = b"".join(repository.get(name)).decode("ascii")
    return found


def needed(lineage: Lineage, first: Segment, names: Iterator[str]) -> list[str]:
    """Return those of the files that lead on from a segment, in their order."""
    return sorted(
        name for name in names if SEGMENT.fullmatch(name) and _leads(lineage, first, name)
    )


def _leads(lineage: Lineage, first: Segment, name: str) -> bool:
    segment = Segment.named(name)
    start = segment.number * wal.SEGMENT_BYTES
    return segment.number >= first.number and lineage.holds(segment.timeline, start)


def fill(
    repository: Repository,
    backup: Backup,
    folder: Path,
    leftovers: list[Path],
    progress: Progress,
) -> None:
    """Put into a folder what leads on from a backup: of the repository, then of what is left over.

    `leftovers` are folders of files that were not carried into the repository yet. What is all
    zeros takes no room. Raises `BackupDamaged`.
    """
    told = histories(repository, *leftovers)
    for name, text in told.items():
        (folder / name).write_text(text, encoding="ascii")
    lineage = wal.lineage(told)
    first = Segment.at(backup.timeline, wal.place(backup.start))
    kept = (name.removeprefix(f"{WAL}/") for name in repository.ledger())
    chosen = needed(lineage, first, kept)
    for done, name in enumerate(chosen, 1):
        write_sparse(folder / name, repository.get(f"{WAL}/{name}"))
        progress(done, len(chosen))
    for place in leftovers:
        for name in needed(lineage, first, (path.name for path in place.iterdir())):
            if not (folder / name).exists():
                write_sparse(folder / name, iter([(place / name).read_bytes()]))


def write_sparse(path: Path, content: Iterator[bytes]) -> None:
    """Write a file, leaving out the blocks that are all zeros."""
    with path.open("xb") as file:
        path.chmod(0o600)
        for part in content:
            for at in range(0, len(part), BLOCK):
                block = part[at : at + BLOCK]
                if block == ZEROS[: len(block)]:
                    file.seek(len(block), 1)
                else:
                    file.write(block)
        file.truncate(file.tell())
