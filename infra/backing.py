"""The part of the composition root that backs up and restores the embedded PostgreSQL."""

import getpass
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import msgspec
from psycopg.conninfo import conninfo_to_dict

from infra import recovery, sealing
from infra.backup import clusters
from infra.backup.clusters import Cluster
from infra.backup.creating import Source
from infra.backup.errors import BackupError
from infra.backup.keeping import Keeper
from infra.backup.repository import Repository
from infra.backup.restoring import EmbeddedGround, Place, Progress
from infra.bootstrap import now
from infra.embedded import private
from infra.embedded.passwords import Passwords
from infra.embedded.urls import POSTGRES_URL
from infra.recovery import Outcome, Terms, nothing_to_shred
from infra.seal_keys import SealKeys
from infra.settings import Settings, find_urls
from infra.stopping import stop_event

RESTORES: Final = "restores.jsonl"
"""A line for each restore of this home: what it lost, and which epoch began."""


class Restore(msgspec.Struct, frozen=True, kw_only=True):
    """What a restore has brought about, for people and for the next one."""

    epoch: int
    first_position: int
    restored_to: datetime | None
    recorded_at: datetime
    actor: str
    reason: str
    backup: str
    seals: int
    """How many seals the log has now; they hold."""
    lost: list[str]
    """What the anchors tell of what was lost, a sentence for each epoch."""
    unsealed: int
    replaced: str
    """Where the data are that were replaced."""
    seconds: dict[str, float]


def require_embedded(settings: Settings) -> None:
    """Refuse to back up or restore a PostgreSQL that is not ours."""
    if POSTGRES_URL in settings.external:
        msg = (
            f"{POSTGRES_URL} names a PostgreSQL that is not ours: pgBackRest backs that one up and "
            "restores it, by the same rules (docs/backup.md)."
        )
        raise BackupError(msg)


def source(settings: Settings, cluster: Cluster) -> Source:
    """Return the running cluster; raises `SettingsError` when the platform does not run."""
    require_embedded(settings)
    address = conninfo_to_dict(find_urls(settings).postgres_owner)
    passwords = Passwords.kept_in(settings.home / "passwords.json")
    return Source(
        host=str(address["host"]),
        port=int(address["port"] or 5432),
        password=passwords.postgres_backup,
        data=settings.home / cluster.data,
        spool=clusters.spool(settings),
    )


async def keep(settings: Settings, cluster: Cluster) -> None:
    """Keep a cluster backed up until told to stop."""
    stop = stop_event()
    repository = clusters.repository(settings, cluster, make=True)
    await Keeper(source(settings, cluster), repository, cluster.keep).run(stop)


def place(settings: Settings, cluster: Cluster) -> Place:
    """Return where a restore of this cluster works; raises `BackupKeyMissing`."""
    require_embedded(settings)
    return Place(
        home=settings.home,
        repository=clusters.repository(settings, cluster),
        spool=clusters.spool(settings),
        data=settings.home / cluster.data,
    )


def terms(settings: Settings, to: datetime | None, reason: str, *, broken: bool = False) -> Terms:
    """Return the terms of a restore by who works here now.

    The anchor stream is not asked: it does not run. Raises `SealKeyMissing` and `AnchorDamaged`.
    """
    anchored = sealing.read_anchor_file(settings)
    newest = max([1, *(restore.epoch for restore in restores(settings))])
    return Terms(
        restored_to=to,
        reason=reason,
        actor=getpass.getuser(),
        now=now(),
        keys=SealKeys(settings.home),
        first_key=SealKeys(settings.home).first().public,
        anchored=anchored,
        least_epoch=max(newest, recovery.newest_epoch(anchored)),
        even_if_broken=broken,
    )


async def restore(
    settings: Settings, agreed: Terms, progress: Progress, tell: Callable[[str], None]
) -> Restore:
    """Restore the embedded PostgreSQL, and note what was lost."""
    ground = EmbeddedGround(place(settings, clusters.LOG), agreed.restored_to, progress)
    outcome = await recovery.recover(ground, agreed, nothing_to_shred, tell)
    told = _told(outcome, ground)
    path = settings.home / RESTORES
    known = path.read_text(encoding="utf-8") if path.exists() else ""
    private.write(path, f"{known}{msgspec.json.encode(told).decode()}\n")
    return told


def restores(settings: Settings) -> list[Restore]:
    """Return the restores of this home, oldest first."""
    path = settings.home / RESTORES
    if not path.exists():
        return []
    try:
        lines = path.read_bytes().splitlines()
        return [msgspec.json.decode(line, type=Restore) for line in lines]
    except msgspec.DecodeError as error:
        msg = f"{path} is damaged: bring it back from a copy, or move it aside."
        raise BackupError(msg) from error


def _told(outcome: Outcome, ground: EmbeddedGround) -> Restore:
    epoch, report = outcome.epoch, outcome.report
    return Restore(
        epoch=epoch.epoch,
        first_position=epoch.first,
        restored_to=epoch.restored_to,
        recorded_at=epoch.recorded_at,
        actor=epoch.actor,
        reason=epoch.reason,
        backup=ground.backup.id if ground.backup else "",
        seals=report.seals,
        lost=[str(loss) for loss in report.losses],
        unsealed=report.unsealed,
        replaced=str(ground.aside or ""),
        seconds=outcome.seconds,
    )


def repository(settings: Settings, cluster: Cluster = clusters.LOG) -> Repository:
    """Return the repository of a cluster; raises `BackupKeyMissing`."""
    return clusters.repository(settings, cluster)


def expected_loss(settings: Settings, to: datetime | None) -> str:
    """Return what the anchors tell that a restore to this instant would lose, in a sentence."""
    if to is None:
        return "Everything is restored that was written to the write-ahead log."
    begun = restores(settings)
    lost = [
        seal
        for _, kept in sealing.read_anchor_file(settings)
        for seal in sealing.stated(kept)
        # What an earlier restore has lost can not be lost once more.
        if seal.sealed_at > to
        and not any(r.epoch > seal.epoch and r.first_position <= seal.last for r in begun)
    ]
    if not lost:
        return "No anchored seal is younger: nothing is known that would be lost."
    first, last = min(s.first for s in lost), max(s.last for s in lost)
    times = [seal.sealed_at for seal in lost]
    return (
        f"About {max(0, last - first + 1)} positions, {first} to {last}, would be lost: seals "
        f"{min(s.seal for s in lost)} to {max(s.seal for s in lost)} were made after that instant, "
        f"from {min(times):%Y-%m-%d %H:%M:%S} to {max(times):%Y-%m-%d %H:%M:%S} UTC."
    )


def since(settings: Settings) -> datetime:
    """Return since when there is something to be backed up."""
    path = settings.home / "passwords.json"
    return datetime.fromtimestamp(path.stat().st_mtime, UTC) if path.exists() else now()
