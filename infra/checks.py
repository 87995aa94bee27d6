"""Whether everything the platform depends on is there, and what to do where it is not."""

import shutil
import sys
from collections.abc import Awaitable, Callable

import msgspec
import psycopg
from anyio import fail_after

from infra import backing, bootstrap
from infra.backup.clusters import spool
from infra.backup.errors import BackupKeyMissing
from infra.backup.health import OLDEST_BACKUP, health
from infra.bootstrap import now
from infra.embedded import opensearch
from infra.embedded.urls import POSTGRES_URL
from infra.settings import Settings, SettingsError, find_urls
from projections import schema

CHECK_SECONDS = 3.0
ARCHIVER = """
    select last_failed_wal from pg_stat_archiver
     where last_failed_time > coalesce(last_archived_time, '-infinity')
"""
LITTLE_SPACE = 2 * 1024**3


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    what: str
    ok: bool
    found: str
    remedy: str = ""
    needed: bool = True
    """False for what the platform can do without."""


async def examine(settings: Settings) -> list[Finding]:
    """Look at the machine first, then at each service."""
    findings = [_python(), _disk(settings), _search_node(), *_backups(settings)]
    try:
        urls = find_urls(settings)
    except SettingsError as error:
        return [*findings, Finding("platform", ok=False, found="not running", remedy=str(error))]
    services = bootstrap.checks(urls)
    findings += [await _service(name, check) for name, check in services.items()]
    if all(finding.ok for finding in findings if finding.needed):
        findings += _archiving(settings, urls.postgres)
        findings += _views(urls.postgres)
    return findings


def _python() -> Finding:
    return Finding("python", ok=True, found=sys.version.split()[0])


def _disk(settings: Settings) -> Finding:
    folder = settings.home if settings.home.exists() else settings.home.parent
    free = shutil.disk_usage(folder).free
    return Finding(
        "disk",
        ok=free > LITTLE_SPACE,
        found=f"{free / 1024**3:.1f} GiB free in {folder}",
        remedy="" if free > LITTLE_SPACE else "Make room, or choose another PSA_HOME.",
    )


def _search_node() -> Finding:
    lacking = opensearch.missing()
    return Finding(
        "local OpenSearch",
        ok=not lacking,
        found="can be started" if not lacking else "can not be started; Postgres searches instead",
        remedy=" ".join(lacking),
        needed=False,
    )


def _backups(settings: Settings) -> list[Finding]:
    """Look at the backups of the embedded Postgres; another one is backed up elsewhere."""
    if POSTGRES_URL in settings.external or not (settings.home / "passwords.json").exists():
        return []
    try:
        repository = backing.repository(settings)
    except BackupKeyMissing as error:
        young = now() - backing.since(settings) < OLDEST_BACKUP
        found = "none yet" if young else "no key"
        return [Finding("backup", ok=False, found=found, remedy=str(error), needed=not young)]
    looked = health(repository, spool(settings), backing.since(settings))
    return [Finding(**msgspec.structs.asdict(each)) for each in looked]


async def failure(check: Callable[[], Awaitable[None]]) -> str | None:
    """Return the kind of error by which a service does not answer, or None when it does."""
    try:
        with fail_after(CHECK_SECONDS):
            await check()
    except Exception as error:  # noqa: BLE001 - whatever it says, it does not answer
        return type(error).__name__
    return None


async def _service(name: str, check: Callable[[], Awaitable[None]]) -> Finding:
    if (kind := await failure(check)) is None:
        return Finding(name, ok=True, found="answers")
    return Finding(
        name,
        ok=False,
        found=f"does not answer ({kind})",
        remedy=f"Start it, or correct PSA_{name.upper()}_URL; `psa up` starts local ones.",
    )


def _archiving(settings: Settings, conninfo: str) -> list[Finding]:
    """Look whether the embedded Postgres gets rid of its finished write-ahead log."""
    if POSTGRES_URL in settings.external:
        return []
    with psycopg.connect(conninfo) as connection:
        row = connection.execute(ARCHIVER).fetchone()
    failing = row[0] if row else None
    return [
        Finding(
            "write-ahead log",
            ok=failing is None,
            found="is copied aside" if failing is None else f"{failing} is not copied aside",
            remedy="" if failing is None else f"{settings.home}/logs/postgres.log says why.",
        )
    ]


def _views(conninfo: str) -> list[Finding]:
    try:
        standings = schema.status(conninfo)
    except psycopg.errors.UndefinedTable:
        return [Finding("schema", ok=False, found="missing", remedy="Run `psa migrate`.")]
    return [
        Finding(
            f"view {standing.view}",
            ok=not standing.needs_rebuild,
            found=f"at position {standing.position}",
            remedy=f"Run `psa rebuild {standing.view}`." if standing.needs_rebuild else "",
        )
        for standing in standings
    ]
