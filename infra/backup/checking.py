"""Whether everything is in a repository that has to be, and is what was put there."""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Final

from infra.backup import wal
from infra.backup.errors import BackupDamaged
from infra.backup.manifest import read_backup
from infra.backup.repository import BASE, WAL, Backup, Piece, Repository
from infra.backup.segments import histories
from infra.backup.wal import SEGMENT, Segment

Progress = Callable[[int, int], None]
DRAFT: Final = "."


def verify(repository: Repository, progress: Progress) -> list[str]:
    """Read every piece to its end, and return what is wrong, each in one sentence.

    Base backups are compared with their manifests, file by file. Raises `BackupKeyMissing`.
    """
    with repository.alone():
        try:
            ledger = repository.ledger()
            backups = repository.backups()
        except BackupDamaged as damaged:
            return [str(damaged)]
        files = set(_files(repository))
    problems: list[str] = []
    total = sum(piece.size for piece in ledger.values())
    done = 0
    for piece in ledger.values():
        problems += _piece(repository, piece)
        done += piece.size
        progress(done, total)
    problems += (f"{name} is not in the ledger." for name in sorted(files - ledger.keys()))
    problems += chain.from_iterable(_backup(ledger, backup) for backup in backups)
    if not backups:
        # A folder that is not mounted, or another one than was meant, must not look well.
        problems.append(f"There is no base backup in {repository.folder}.")
    elif not problems:
        problems += _gaps(repository, ledger, backups[0])
    return problems


def _piece(repository: Repository, piece: Piece) -> Iterator[str]:
    path = repository.path(piece.name)
    if path.exists() and path.stat().st_size != piece.size:
        yield f"{piece.name} is damaged: it has {path.stat().st_size} bytes, not {piece.size}."
        return
    try:
        content = repository.get(piece.name)
        if piece.name.startswith(f"{BASE}/"):
            read_backup(content, piece.name)
        else:
            for _ in content:
                pass
    except BackupDamaged as damaged:
        yield str(damaged)


def _files(repository: Repository) -> Iterator[str]:
    for folder in (BASE, WAL):
        for path in (repository.folder / folder).glob("*"):
            if not path.name.startswith(DRAFT) and path.suffix != ".json":
                yield f"{folder}/{path.name}"


def _backup(ledger: dict[str, Piece], backup: Backup) -> Iterator[str]:
    if f"{BASE}/{backup.id}" not in ledger:
        yield f"{BASE}/{backup.id} is missing."
    first = Segment.at(backup.timeline, wal.place(backup.start)).number
    last = Segment.at(backup.timeline, wal.place(backup.stop)).number
    for number in range(first, last + 1):
        name = f"{WAL}/{Segment(backup.timeline, number).name}"
        if name not in ledger:
            yield f"{name} is missing: {BASE}/{backup.id} can not be restored without it."


def _gaps(repository: Repository, ledger: dict[str, Piece], oldest: Backup) -> Iterator[str]:
    """Yield what is missing between the oldest backup and the end of the newest timeline."""
    lineage = wal.lineage(histories(repository))
    names = (name.removeprefix(f"{WAL}/") for name in ledger)
    found = {Segment.named(name) for name in names if SEGMENT.fullmatch(name)}
    ours = {s.number for s in found if lineage.holds(s.timeline, s.number * wal.SEGMENT_BYTES)}
    first = Segment.at(oldest.timeline, wal.place(oldest.start)).number
    for number in range(first, max(ours, default=first)):
        if number not in ours:
            name = lineage.segment(number).name
            yield f"{WAL}/{name} is missing: no restore gets past it."
            return
