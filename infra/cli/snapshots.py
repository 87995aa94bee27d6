"""Snapshots of long records: what there is, and how to be rid of it."""

from typing import Annotated

import typer

from eventstore.snapshots import table
from eventstore.snapshots.code import this_code
from infra.cli.output import Json, console, print_json, print_table
from infra.settings import find_urls, read_settings

app = typer.Typer(
    help="Snapshots of long records, taken so that they are read faster; all are disposable.",
    no_args_is_help=True,
)


@app.command("list")
def list_snapshots(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 100,
    *,
    as_json: Json = False,
) -> None:
    """List the snapshots, those of the longest records first; not what is in them.

    Those that other code took are not read any more: the next one takes their place.

    Example: psa snapshots list --limit 10
    """
    kept = table.kept(find_urls(read_settings()).postgres, limit)
    if as_json:
        print_json([{**one._asdict(), "code": one.code.hex()} for one in kept])
        return
    print_table(
        f"{len(kept)} snapshots",
        ["record", "events", "position", "bytes", "taken", "code"],
        [
            (one.stream_id, one.version, one.position, one.size, one.taken_at, _whose(one.code))
            for one in kept
        ],
    )


@app.command()
def drop(
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this, only say what.")] = False,
) -> None:
    """Drop all snapshots with their file: records are folded from their first event again.

    Nothing is lost. To be run after the log was brought back from a backup, before processes start.

    Example: psa snapshots drop --yes
    """
    if not yes:
        console.print("This would drop all snapshots; run again with --yes.")
        return
    count = table.drop(find_urls(read_settings()).postgres)
    console.print(f"{count} snapshots are gone; long records get new ones as they are read.")


def _whose(code: bytes) -> str:
    return "this" if code == this_code() else "other"
