"""Takes away the oldest base backups, and the write-ahead log that only they need."""

from infra.backup import wal
from infra.backup.repository import BASE, WAL, Backup, Repository
from infra.backup.wal import HISTORY, Segment


def prune(repository: Repository, keep: int) -> list[Backup]:
    """Keep so many base backups, at least one, and return those that were taken away.

    Also takes away what a backup left that was killed. Nothing that a kept one needs goes.
    """
    with repository.alone():
        backups = repository.backups()
        kept, gone = backups[-max(1, keep) :], backups[: -max(1, keep)]
        ledger = repository.ledger()
        names = [f"{BASE}/{backup.id}" for backup in gone]
        if kept:
            first = min(Segment.at(b.timeline, wal.place(b.start)).number for b in kept)
            names += [name for name in ledger if _is_older(name.removeprefix(f"{WAL}/"), first)]
            newest = f"{BASE}/{kept[-1].id}"
            told = {f"{BASE}/{backup.id}" for backup in backups}
            # Younger than the newest one: it may be at work.
            names += [n for n in ledger if n.startswith(BASE) and n not in told and n < newest]
        if names:
            repository.remove(names)
    return gone


def _is_older(name: str, first: int) -> bool:
    if name.startswith(BASE) or HISTORY.fullmatch(name):
        return False  # The way from one timeline to the next is needed for ever, and is small.
    return Segment.named(name).number < first
