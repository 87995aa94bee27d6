"""Backups of the embedded PostgreSQL: make, look at, check, and try out."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Final

import typer
import uvloop
from rich.progress import BarColumn, Progress, TextColumn

from infra import backing, logs
from infra.backup import checking, clusters, creating, drill, pruning, restoring
from infra.backup.clusters import CLUSTERS, LOG
from infra.backup.keys import BackupKeys
from infra.cli.output import Json, console, print_json, print_table, progress
from infra.settings import read_settings
from readapi.parameters import instant

app = typer.Typer(
    help="Make backups of the embedded PostgreSQL, check them and try them out.",
    invoke_without_command=True,
)

LATEST: Final = "latest"
MEGA: Final = 1_000_000

To = Annotated[
    str,
    typer.Option(
        help="An instant such as 2026-11-25T09:30:00Z (UTC where it names no zone), or `latest`."
    ),
]
Keep = Annotated[int, typer.Option(min=1, max=1_000, help="How many base backups to keep.")]


@app.callback()
def default(context: typer.Context) -> None:
    """Make a backup; the commands below do more.

    Example: psa backup
    """
    if context.invoked_subcommand is None:
        create()


@app.command()
def create(*, as_json: Json = False) -> None:
    """Make a base backup of the running platform, and take away what is too old.

    Backups are in PSA_HOME/backups, or where PSA_BACKUP_DIR says, best on another disk. The key
    that encrypts them is in PSA_HOME/keys/backup: keep a copy apart from them.

    Example: psa backup create
    """
    settings = read_settings()
    source = backing.source(settings, LOG)
    repository = clusters.repository(settings, LOG, make=True)
    with progress("Backing up") as show:
        backup = creating.create(source, repository, show)
    gone = pruning.prune(repository, LOG.keep)
    if as_json:
        print_json(backup)
        return
    aside = f"; {len(gone)} older ones were taken away" if gone else ""
    console.print(
        f"Backup {backup.id}: {backup.size / MEGA:.1f} MB as {backup.stored / MEGA:.1f} MB in "
        f"{repository.folder}{aside}."
    )


@app.command("list")
def list_backups(*, as_json: Json = False) -> None:
    """List the base backups, oldest first: a restore can go to any instant after one.

    Example: psa backup list --json
    """
    settings = read_settings()
    found = [backup for one in CLUSTERS for backup in backing.repository(settings, one).backups()]
    if as_json:
        print_json(found)
        return
    print_table(
        f"{len(found)} backups in {settings.backups}",
        ["backup", "of", "finished (UTC)", "MB", "stored MB", "log from", "timeline"],
        [
            (
                each.id,
                each.cluster,
                f"{each.finished_at:%Y-%m-%d %H:%M:%S}",
                f"{each.size / MEGA:.1f}",
                f"{each.stored / MEGA:.1f}",
                each.start,
                each.timeline,
            )
            for each in found
        ],
    )


@app.command()
def verify(*, as_json: Json = False) -> None:
    """Read every piece of the backups to its end; exit code 1 when one is damaged or missing.

    Example: psa backup verify
    """
    settings = read_settings()
    problems: list[str] = []
    pieces = 0
    for cluster in CLUSTERS:
        repository = backing.repository(settings, cluster)
        with progress(f"Reading the backups of {cluster.name}") as show:
            problems += checking.verify(repository, show)
            pieces += len(repository.ledger()) if not problems else 0
    if as_json:
        print_json({"ok": not problems, "pieces": pieces, "problems": problems})
    for problem in problems if not as_json else ():
        print(problem)  # noqa: T201 - the result
    if problems:
        sys.exit(1)
    if not as_json:
        print(f"All {pieces} pieces in {settings.backups} are as they were written.")  # noqa: T201


@app.command()
def prune(keep: Keep = LOG.keep) -> None:
    """Take away the oldest backups, and the write-ahead log that only they need.

    Example: psa backup prune --keep 2
    """
    repository = backing.repository(read_settings())
    gone = pruning.prune(repository, keep)
    left = len(repository.backups())
    console.print(f"{len(gone)} backups were taken away, {left} are left.")


@app.command("drill")
def run_drill(to: To = LATEST, *, as_json: Json = False) -> None:
    """Restore into a folder of its own, verify the log, and fold every view anew; then forget it.

    The platform may run meanwhile. Exit code 1 when anything is not as it was.

    Example: psa backup drill --to 2026-11-25T09:30:00Z
    """
    settings = read_settings()
    agreed = backing.terms(settings, instant_of(to), "restore drill")
    with showing() as show:
        shown = asyncio.run(drill.drill(backing.place(settings, LOG), agreed, show))
    if as_json:
        print_json(shown)
        return
    print(  # noqa: T201 - the result
        f"Restored from {shown.backup} up to position {shown.head}: {shown.seals} seals hold, "
        f"{shown.views} views are as the log tells them; {sum(shown.seconds.values()):.1f} s."
    )


@app.command()
def key(cluster: Annotated[str, typer.Argument(help="Of which cluster.")] = LOG.name) -> None:
    """Print the key that encrypts the backups: keep it where neither they nor this machine are.

    Example: psa backup key > backup-log.key
    """
    keys = BackupKeys(read_settings().home)
    keys.of(cluster)
    sys.stdout.write(keys.path(cluster).read_text(encoding="ascii"))


def archive() -> None:
    """Carry the write-ahead log into the backups, and make a base backup once a day.

    Example: psa archive
    """
    settings = read_settings()
    logs.configure()
    uvloop.run(backing.keep(settings, LOG))


def instant_of(text: str) -> datetime | None:
    """Return the instant that `--to` names, None for the latest there is."""
    if text == LATEST:
        return None
    try:
        return instant(text)
    except ValueError as error:
        msg = f"{text!r} is no instant such as 2026-11-25T09:30:00Z, nor `{LATEST}`."
        raise typer.BadParameter(msg, param_hint="--to") from error


@contextmanager
def showing() -> Iterator[restoring.Progress]:
    """Show what is being done on a terminal, nothing elsewhere."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:.0f} %"))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)

        def show(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total or None)

        yield show
