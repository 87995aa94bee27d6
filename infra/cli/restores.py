"""Restores of the embedded PostgreSQL: to an instant, or as far as its backups go."""

import asyncio
from typing import Annotated

import typer

from infra import backing
from infra.backup import restoring
from infra.backup.clusters import LOG
from infra.cli.backups import To, instant_of, showing
from infra.cli.output import Json, console, print_json
from infra.embedded.lock import Lock
from infra.settings import Settings, read_settings


def restore(
    to: To,
    reason: Annotated[
        str, typer.Option(help="Why: it is signed, and shown by every verification.")
    ] = "restore",
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be restored and lost; do nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this, only ask.")] = False,
    even_if_broken: Annotated[
        bool, typer.Option("--even-if-broken", help="Also open what does not verify.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Restore the log and the views of the embedded stack to an earlier instant.

    The platform must not run. What is replaced is kept aside, and what was lost is named from the
    anchors. Positions that are given a second time belong to a new epoch; an older one is refused.

    Example: psa restore --to 2026-11-25T09:30:00Z --reason "Import into the wrong customer"
    """
    settings = read_settings()
    instant = instant_of(to)
    place = backing.place(settings, LOG)
    _require_stopped(settings)
    backup = restoring.choose(place, instant)
    when = (
        "the end of the write-ahead log" if instant is None else f"{instant:%Y-%m-%d %H:%M:%S} UTC"
    )
    console.print(f"From backup {backup.id} to {when}.")
    console.print(backing.expected_loss(settings, instant))
    if dry_run:
        return
    if not yes:
        typer.confirm("Restore?", abort=True, err=True)
    agreed = backing.terms(settings, instant, reason, broken=even_if_broken)
    with showing() as show:
        told = asyncio.run(backing.restore(settings, agreed, show, lambda _: None))
    if as_json:
        print_json(told)
        return
    _print(told)


def _print(told: backing.Restore) -> None:
    print(  # noqa: T201 - the result
        f"Restored up to position {told.first_position - 1}; epoch {told.epoch} begins. "
        f"{told.seals} seals hold; {told.unsealed} events behind them were not sealed."
    )
    for sentence in told.lost:
        print(f"{sentence[:1].upper()}{sentence[1:]}.")  # noqa: T201 - the result
    if told.replaced:
        console.print(f"What was replaced is in {told.replaced}; remove it once you are content.")
    console.print("Start the platform with `psa up`, then make a backup with `psa backup`.")


def _require_stopped(settings: Settings) -> None:
    """Refuse while the platform runs."""
    (settings.home / "run").mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = Lock(settings.home / "run" / "lock")
    lock.take()
    lock.give_back()
