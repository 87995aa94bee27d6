"""How well an installation is backed up, for `psa doctor`."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from infra.backup.carrying import waiting
from infra.backup.drill import last_drill
from infra.backup.errors import BackupError
from infra.backup.repository import BASE, Backup, Repository

OLDEST_BACKUP: Final = timedelta(hours=26)
LONGEST_WAIT: Final = timedelta(minutes=5)
OLDEST_DRILL: Final = timedelta(days=32)


class Health(msgspec.Struct, frozen=True):
    """What was looked at, whether it is well, and what to do where it is not."""

    what: str
    ok: bool
    found: str
    remedy: str = ""
    needed: bool = True


def health(repository: Repository, spool: Path, since: datetime) -> list[Health]:
    """Look at the last good backup, at the write-ahead log that waits, and at the last drill.

    `since` is since when there is something to be backed up.
    """
    return [_backup(repository, since), _archive(spool), _drill(repository)]


def last_good(repository: Repository) -> Backup | None:
    """Return the newest backup that is whole, as far as a look at its size can tell."""
    ledger = repository.ledger()
    for backup in reversed(repository.backups()):
        piece = ledger.get(f"{BASE}/{backup.id}")
        path = repository.path(f"{BASE}/{backup.id}")
        if piece is not None and path.exists() and path.stat().st_size == piece.size:
            return backup
    return None


def age(span: timedelta) -> str:
    """Return a span of time in words."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 120:  # noqa: PLR2004 - two hours
        return f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 48 * 60 else f"{minutes // 60 // 24} days"


def _backup(repository: Repository, since: datetime) -> Health:
    now = datetime.now(UTC)
    try:
        backup = last_good(repository)
    except BackupError as error:
        return Health("backup", ok=False, found="damaged", remedy=str(error))
    made = "Run `psa backup`; `psa up` makes one a day by itself."
    if backup is None:
        young = now - since < OLDEST_BACKUP
        found = "none yet" if young else f"none, for {age(now - since)}"
        return Health("backup", ok=False, found=found, remedy=made, needed=not young)
    old = now - backup.finished_at
    found = f"the last good one is {age(old)} old ({backup.id})"
    ok = old < OLDEST_BACKUP
    return Health("backup", ok=ok, found=found, remedy="" if ok else made)


def _archive(spool: Path) -> Health:
    files = waiting(spool)
    if not files:
        return Health("archive", ok=True, found="no write-ahead log waits")
    lag = timedelta(seconds=time.time() - min(path.stat().st_mtime for path in files))
    ok = lag < LONGEST_WAIT
    return Health(
        "archive",
        ok=ok,
        found=f"{len(files)} files wait, for {age(lag)}",
        remedy="" if ok else "See PSA_HOME/logs/archive.log: is the folder of the backups full?",
    )


def _drill(repository: Repository) -> Health:
    last = last_drill(repository)
    old = None if last is None else datetime.now(UTC) - last.at
    ok = old is not None and old < OLDEST_DRILL
    found = "never" if old is None else f"{age(old)} ago"
    remedy = (
        "" if ok else "Run `psa backup drill`: a backup that was never restored does not count."
    )
    return Health("restore drill", ok=ok, found=found, remedy=remedy, needed=False)
