"""What keeps the log provable: sealing it, verifying it, and the keys that sign."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated, Final

import psycopg
import typer
import uvloop

from eventstore.sealing import seals as table
from eventstore.sealing.statements import parse
from eventstore.sealing.verify import Report
from infra import logs, sealing
from infra.cli.output import Json, console, print_json, print_table, progress
from infra.seal_keys import public_pem
from infra.settings import find_urls, read_settings

app = typer.Typer(help="List the seals of the log, and keep their keys.", no_args_is_help=True)

END: Final = 2**63 - 1
PROCESSES: Final = 64

PublicKey = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        help="PEM file of the key of the first seal; this installation's own by default.",
    ),
]


def seal() -> None:
    """Seal the log as it grows, and anchor the seals; of several sealers one leads.

    Keys are in PSA_HOME/keys/seals. PSA_ANCHOR_FILE names the anchor file, best on another
    machine; by default it is PSA_HOME/anchors/seals.jsonl.

    Example: psa seal
    """
    settings = read_settings()
    logs.configure()
    uvloop.run(sealing.seal(settings, find_urls(settings)))


def verify(
    first: Annotated[
        int | None, typer.Option("--from", min=1, help="Compare the events from here on.")
    ] = None,
    last: Annotated[
        int | None, typer.Option("--to", min=1, help="Compare the events up to here.")
    ] = None,
    public_key: PublicKey = None,
    anchors: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A copy of the anchor file to compare."),
    ] = None,
    processes: Annotated[
        int, typer.Option(min=1, max=PROCESSES, help="How many processes compare at most.")
    ] = os.cpu_count() or 1,
    *,
    as_json: Json = False,
) -> None:
    """Check that the log is as it was sealed; exit code 1 and the first bad position if not.

    All seals, their signatures and the anchors are checked, the events compared with their seals.
    Without --from and --to, streams and commands are compared with the events as well.

    Example: psa audit verify --from 1 --to 100000 --public-key ours.pem --anchors copy.jsonl
    """
    if first is not None and last is not None and first > last:
        msg = f"{last} comes before --from, which is {first}."
        raise typer.BadParameter(msg, param_hint="--to")
    settings = read_settings()
    urls = find_urls(settings)
    kept, missing = asyncio.run(sealing.read_anchors(settings, urls, anchors))
    for each in missing:
        console.print(f"Warning: {each}: seals that were taken away can not be missed there.")
    span = None if first is None and last is None else (first or 1, last or END)
    with progress("Comparing events") as show:
        report = sealing.verify(
            settings,
            urls,
            kept,
            public_key=public_key,
            span=span,
            processes=processes,
            progress=show,
        )
    if as_json:
        losses = [{**loss._asdict(), "events": loss.events} for loss in report.losses]
        problem = report.problem and report.problem._asdict()
        print_json({**report._asdict(), "problem": problem, "losses": losses})
    else:
        print(verdict(report, span))  # noqa: T201 - the result
        for loss in report.losses:
            # Signed, and hence no alarm; but never left unsaid.
            print(f"{str(loss)[:1].upper()}{str(loss)[1:]}.")  # noqa: T201 - the result
    # Who asked for some events and had none compared must not take that for a proof.
    if report.problem is not None or (span and not report.events):
        sys.exit(1)


def verdict(report: Report, span: tuple[int, int] | None) -> str:
    """Return in one sentence what was found, in the positions that were asked for."""
    if report.problem is not None:
        return f"Not as it was sealed: {report.problem}."
    if span and not report.events:
        return (
            "Nothing was compared: no sealed event is at these positions; the log is sealed up to "
            f"position {report.sealed_to}."
        )
    anchored = ", ".join(f"{count} in {name}" for name, count in report.anchored.items())
    waiting = ""
    if report.unsealed:
        waiting = f"; {report.unsealed} not sealed yet, for {report.unsealed_seconds:.1f} s"
    return (
        f"As it was sealed: {report.events} events compared, {report.seals} seals up to position "
        f"{report.sealed_to} ({anchored or 'none anchored'}){waiting}; {report.seconds:.1f} s."
    )


@app.command("list")
def list_seals(
    after: Annotated[
        int, typer.Option(min=0, help="Those that follow the seal of this number.")
    ] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 100,
    *,
    as_json: Json = False,
) -> None:
    """List the seals, oldest first; --json has the statements and signatures.

    Example: psa seals list --after 40 --limit 10
    """
    with psycopg.connect(find_urls(read_settings()).postgres, autocommit=True) as connection:
        found = table.read_after(connection, after, limit)
    if as_json:
        print_json(found)
        return
    stated = [parse(seal.statement) for seal in found]
    print_table(
        f"{len(found)} seals",
        ["seal", "from", "to", "sealed at", "key", "next key", "root"],
        [
            (
                each.seal,
                each.first,
                each.last,
                each.sealed_at.isoformat(),
                each.key.hex()[:16],
                each.next_key.hex()[:16] if each.next_key else None,
                each.root.hex()[:16],
            )
            for each in stated
        ],
    )


@app.command()
def rotate() -> None:
    """Change the key: the old one signs a seal that names the new one, which signs from then on.

    Once that seal is anchored the old private key may be destroyed; its public key stays in use.

    Example: psa seals rotate
    """
    settings = read_settings()
    statement = parse(sealing.rotate(settings, find_urls(settings)).statement)
    new = (statement.next_key or b"").hex()[:16]
    console.print(
        f"Seal {statement.seal} hands over to the key {new}…; the sealer goes on with it."
    )


@app.command()
def key() -> None:
    """Print the public key of the first seal, which proves all that follow: keep it elsewhere.

    Example: psa seals key > ours.pem
    """
    sys.stdout.write(public_pem(sealing.first_key(read_settings())).decode())
