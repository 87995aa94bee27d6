"""Which clusters are backed up, each with a key and a retention of its own.

The keys of persons will be in a cluster of their own, so that a restore of the log can not bring
back a key that was destroyed: it is one more line here, with another key and a shorter retention.
"""

from pathlib import Path
from typing import Final, NamedTuple

from infra.backup.keys import BackupKeys
from infra.backup.repository import Repository
from infra.embedded import postgres
from infra.settings import Settings


class Cluster(NamedTuple):
    """An embedded PostgreSQL that is backed up."""

    name: str
    """Names its key below `keys/backup`, its repository, and its data folder for people."""
    keep: int
    """How many base backups are kept, with the write-ahead log from the oldest one on."""
    data: str
    """Its data folder below PSA_HOME."""


LOG: Final = Cluster("log", keep=4, data="postgres")
CLUSTERS: Final = (LOG,)


def repository(settings: Settings, cluster: Cluster, *, make: bool = False) -> Repository:
    """Return the repository of a cluster; with `make` its key is made where there is none.

    Raises `BackupKeyMissing`.
    """
    keys = BackupKeys(settings.home)
    key = keys.made(cluster.name) if make else keys.of(cluster.name)
    return Repository(settings.backups / cluster.name, cluster.name, key)


def spool(settings: Settings) -> Path:
    """Return where the server's finished files of the write-ahead log wait."""
    return postgres.spool(settings.home)
