"""The command line: `psa --help` lists what operators, auditors and support can do."""

import sys
from collections.abc import Callable
from typing import Any

import psycopg
import typer

from domain.errors import Refused
from eventstore.broker import BrokerUnavailable
from eventstore.errors import LogUnavailable
from eventstore.export.spans import NothingRecorded
from eventstore.migrate import MigrationChanged
from eventstore.personal.erasing import TracesKept
from eventstore.sealing.proving import Unprovable
from eventstore.sealing.seals import SealForged
from eventstore.sealing.signatures import SealKeyMissing
from eventstore.sealing.steps import LogBroken
from infra.auditing.drafts import Unwritable
from infra.backup.errors import BackupError
from infra.cli import (
    audit,
    backups,
    data,
    events,
    exchange,
    exports,
    handover,
    operate,
    platform,
    privacy,
    proofs,
    restores,
    seals,
    snapshots,
)
from infra.embedded import EmbeddedError
from infra.erasing import ViewsBehind
from infra.recovery import RecoveryRefused
from infra.settings import SettingsError
from infra.tokens import TokenInvalid
from projections.folding import Unapplicable
from projections.running.rebuild import RebuildRunning
from projections.running.swap import QueriesInTheWay
from projections.schema import SchemaMissing
from readapi.errors import Unavailable

app = typer.Typer(
    name="psa",
    help="The PSA platform: run it, fill it, watch it, and prove what it says.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

COMMANDS: tuple[Callable[..., Any], ...] = (
    platform.up,
    platform.serve,
    platform.relay,
    platform.project,
    seals.seal,
    privacy.erase,
    backups.archive,
    restores.restore,
    operate.status,
    operate.doctor,
    operate.token,
    operate.migrate,
    operate.rebuild,
    operate.reset,
    data.demo,
)
for command in COMMANDS:
    app.command()(command)
app.add_typer(exchange.imports, name="import")
app.add_typer(exports.exports, name="export")
audit.app.command()(seals.verify)
audit.app.command()(proofs.prove)
audit.app.command()(proofs.check_proof)
audit.app.command()(handover.export)
app.add_typer(audit.app, name="audit")
app.add_typer(seals.app, name="seals")
app.add_typer(backups.app, name="backup")
app.add_typer(events.app, name="events")
app.add_typer(snapshots.app, name="snapshots")
app.add_typer(privacy.app, name="privacy")

EXPECTED = (
    BackupError,
    BrokerUnavailable,
    EmbeddedError,
    LogBroken,
    LogUnavailable,
    MigrationChanged,
    NothingRecorded,
    QueriesInTheWay,
    RebuildRunning,
    RecoveryRefused,
    Refused,
    SchemaMissing,
    SealForged,
    SealKeyMissing,
    SettingsError,
    TokenInvalid,
    Unapplicable,
    Unavailable,
    Unprovable,
    Unwritable,
    TracesKept,
    ViewsBehind,
    OSError,
    psycopg.OperationalError,
)
"""What can go wrong without a fault of ours: one line says it, and what to do."""


def main() -> None:
    """Run the command line; an expected failure is one line and exit code 1."""
    try:
        app()
    except psycopg.errors.UndefinedTable:
        print("psa: the database is not prepared yet: run `psa migrate`.", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except EXPECTED as error:
        # Drivers' messages may span lines; the first one names the matter.
        first = str(error).partition("\n")[0] or type(error).__name__
        print(f"psa: {first}", file=sys.stderr)  # noqa: T201 - this is a command line
        sys.exit(1)


if __name__ == "__main__":
    main()
