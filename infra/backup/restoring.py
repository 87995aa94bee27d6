"""A restore of the embedded PostgreSQL, beside the data that it replaces in the end."""

import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from infra.backup import wal
from infra.backup.carrying import carry
from infra.backup.errors import BackupError
from infra.backup.instance import Instance, Restored
from infra.backup.manifest import read_backup
from infra.backup.repository import BASE, Backup, Repository
from infra.backup.segments import fill, histories
from infra.embedded import private
from infra.embedded.clusters import LOG
from infra.embedded.lock import Lock
from infra.embedded.passwords import Passwords
from infra.embedded.ports import Ports
from infra.embedded.postgres import Postgres, restoring
from infra.embedded.process import end_orphan

Progress = Callable[[str, int, int], None]
"""Takes what is being done, how much of it is, and of how much; 0 of 0 where nobody can say."""


class Place(msgspec.Struct, frozen=True):
    """Where a restore works."""

    home: Path
    repository: Repository
    spool: Path
    data: Path
    """The data folder that is replaced."""


def choose(place: Place, to: datetime | None) -> Backup:
    """Return the newest base backup from which an instant can be reached; raises `BackupError`."""
    backups = place.repository.backups()
    if not backups:
        msg = f"There is no backup in {place.repository.folder}; `psa backup` makes one."
        raise BackupError(msg)
    if to is not None and to > datetime.now(UTC) + timedelta(seconds=1):
        msg = f"{to:%Y-%m-%d %H:%M:%S} UTC is still to come; `--to latest` restores all there is."
        raise BackupError(msg)
    lineage = wal.lineage(histories(place.repository, *leftovers(place)))
    fitting = [
        backup
        for backup in backups
        if (to is None or backup.finished_at <= to)
        and lineage.holds(backup.timeline, wal.place(backup.stop))
    ]
    if not fitting:
        first = backups[0].finished_at
        msg = (
            f"No backup was finished by then; the oldest one is of {first:%Y-%m-%d %H:%M:%S} UTC: "
            "restore to a later instant."
        )
        raise BackupError(msg)
    return fitting[-1]


def leftovers(place: Place) -> list[Path]:
    """Return where write-ahead log of this cluster may be that was not carried away."""
    identity = place.repository.identity()
    with suppress(OSError):
        if identity is not None and wal.system_in(place.data) == identity.system:
            return [folder for folder in (place.data / "pg_wal",) if folder.is_dir()]
    return []


def unpack(
    place: Place, backup: Backup, data: Path, progress: Progress, *, leftover: bool = True
) -> None:
    """Put a base backup and its write-ahead log into a new data folder; raises `BackupDamaged`."""
    private.folder(data)
    done = 0

    def counted(part: bytes) -> bytes:
        nonlocal done
        done += len(part)
        progress("files", done, backup.size)
        return part

    name = f"{BASE}/{backup.id}"
    read_backup((counted(part) for part in place.repository.get(name)), name, into=data)
    folder = private.folder(data / "pg_wal")
    private.folder(folder / "archive_status")
    fill(
        place.repository,
        backup,
        folder,
        leftovers(place) if leftover else [],
        lambda at, of: progress("write-ahead log", at, of),
    )


class EmbeddedGround:
    """The embedded PostgreSQL as what a recovery works on (see `infra.recovery`)."""

    def __init__(self, place: Place, to: datetime | None, progress: Progress) -> None:
        self._place = place
        self._to = to
        self._progress = progress
        self._lock = Lock(private.folder(place.home / "run") / "lock")
        self._draft = restoring(place.data)
        self._instance: Instance | None = None
        self._fenced = False
        self.aside: Path | None = None
        """Where the data are that were replaced."""
        self.backup: Backup | None = None

    def fence(self) -> None:
        """Take the home for us alone; raises `EmbeddedError` while the platform runs."""
        self._lock.take()
        self._fenced = True
        home, logins = self._place.home, self._passwords().of_log
        ports = Ports(home / "run" / "ports.json")
        end_orphan(Postgres(home, LOG, logins, ports, durable=True), home)

    def restore(self) -> str:
        """Restore beside what is there, replay, and return where the owner of the log gets in."""
        place = self._place
        shutil.rmtree(self._draft, ignore_errors=True)  # Left by a restore that was killed.
        carry(place.spool, place.repository)
        self.backup = choose(place, self._to)
        unpack(place, self.backup, self._draft, self._progress)
        private.folder(place.spool)
        self._instance = Instance(Restored(place.home, self._draft, self._to, place.spool))
        self._instance.start(lambda line: self._progress(f"replay: {line[-60:]}", 0, 0))
        self._instance.renew_passwords(self._passwords())
        return self._instance.conninfo(LOG.accounts.owner)

    def open(self) -> None:
        """Put the restored data in the place of the others, which are kept aside."""
        self._stop()
        data = self._place.data
        if data.exists():
            self.aside = data.with_name(f"{data.name}.replaced-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
            data.rename(self.aside)
        self._draft.rename(data)
        private.sync(data.parent)
        self._lock.give_back()

    def abandon(self) -> None:
        """Leave everything as it was before."""
        self._stop()
        if self._fenced:
            shutil.rmtree(self._draft, ignore_errors=True)
        self._lock.give_back()

    def _stop(self) -> None:
        if self._instance is not None:
            self._instance.stop()
            self._instance = None

    def _passwords(self) -> Passwords:
        return Passwords.kept_in(self._place.home / "passwords.json")
