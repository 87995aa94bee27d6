"""A restore drill: the repository alone becomes a database, and that is compared with itself.

A backup that was never restored does not count. The drill goes the way of every recovery, in a
folder of its own, while the platform goes on; nothing it does is seen outside of that folder.
"""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from infra.backup.errors import BackupError
from infra.backup.instance import Instance, Restored
from infra.backup.repository import Backup, Repository
from infra.backup.restoring import Place, Progress, choose, unpack
from infra.embedded import private
from infra.embedded.clusters import LOG
from infra.recovery import Terms, nothing_to_shred, recover
from projections import schema
from projections.running.rebuild import rebuild
from projections.table import VIEWS

FOLDER: Final = "drill"
TOLD: Final = "drill.json"


class Drill(msgspec.Struct, frozen=True, kw_only=True):
    """What a drill has shown."""

    at: datetime
    backup: str
    restored_to: datetime | None
    head: int
    """The last position of what was restored."""
    seals: int
    views: int
    """How many views were folded anew, and were what had been restored."""
    seconds: dict[str, float]


class DrillGround:
    """A folder beside the data, which goes away with the drill."""

    def __init__(self, place: Place, to: datetime | None, progress: Progress) -> None:
        self._place = place
        self._to = to
        self._progress = progress
        self._folder = place.home / FOLDER
        self._instance: Instance | None = None
        self.backup: Backup | None = None

    def fence(self) -> None:
        """Take away what a drill left that was killed; nobody else is kept out."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def restore(self) -> str:
        """Restore from the repository alone, and return where the owner of the log gets in."""
        data = private.folder(self._folder) / "postgres"
        self.backup = choose(self._place, self._to)
        unpack(self._place, self.backup, data, self._progress, leftover=False)
        self._instance = Instance(Restored(self._place.home, data, self._to, None))
        self._instance.start(lambda line: self._progress(f"replay: {line[-60:]}", 0, 0))
        return self._instance.conninfo(LOG.accounts.owner)

    def conninfo(self) -> str:
        """Return where the owner of the log gets in."""
        if self._instance is None:
            raise BackupError(str(BackupError.__doc__))
        return self._instance.conninfo(LOG.accounts.owner)

    def open(self) -> None:
        """Let nobody in: it is a drill."""

    def abandon(self) -> None:
        """Take everything away."""
        if self._instance is not None:
            self._instance.stop()
            self._instance = None
        shutil.rmtree(self._folder, ignore_errors=True)


async def drill(place: Place, terms: Terms, progress: Progress) -> Drill:
    """Restore, verify, fold every view anew and compare; raises what went wrong."""
    ground = DrillGround(place, terms.restored_to, progress)
    try:
        outcome = await recover(ground, terms, nothing_to_shred, lambda said: progress(said, 0, 0))
        folded = await _fold(ground.conninfo(), progress)
    finally:
        ground.abandon()
    shown = Drill(
        at=datetime.now(UTC),
        backup=ground.backup.id if ground.backup else "",
        restored_to=terms.restored_to,
        head=outcome.head,
        seals=outcome.report.seals,
        views=folded,
        seconds=outcome.seconds,
    )
    private.write(_told(place.repository), msgspec.json.encode(shown).decode())
    return shown


def last_drill(repository: Repository) -> Drill | None:
    """Return the last drill that succeeded."""
    try:
        return msgspec.json.decode(_told(repository).read_bytes(), type=Drill)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def _told(repository: Repository) -> Path:
    return repository.folder / TOLD


async def _fold(conninfo: str, progress: Progress) -> int:
    """Fold views anew, and return how many there are; raises `BackupError` for another one.

    Those that can tell of people are thrown away by a restore: the platform folds them with the
    keys, which no backup of the log has. One that was never folded is not compared either.
    """
    folded = {each.view for each in schema.status(conninfo) if each.position}
    views = [view for view in VIEWS if view.name in folded]
    for done, view in enumerate(views, 1):
        report = await rebuild(view, conninfo, None)
        progress("views", done, len(views))
        if report.hash_before not in (None, report.hash_after):
            msg = (
                f"The view {view.name} was not restored as the log tells it: `psa rebuild "
                f"{view.name}` would change it. Look at the running one before you rely on it."
            )
            raise BackupError(msg)
    return len(views)
