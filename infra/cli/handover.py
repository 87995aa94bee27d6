"""Handing a part of the log over to an auditor."""

import os
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from eventstore.export.spans import Edge
from infra.auditing.run import Asked, Exported, run
from infra.cli.output import console, progress
from infra.cli.seals import PROCESSES, PublicKey, verdict
from infra.settings import find_urls, read_settings

_HIGHEST = 2**63 - 1
_EDGE = "a position, or a day of recording in UTC as 2026-01-31"


def export(
    *,
    first: Annotated[
        str | None,
        typer.Option("--from", help=f"Begin here: {_EDGE}; with the first event by default."),
    ] = None,
    last: Annotated[
        str | None,
        typer.Option("--to", help=f"End here, included: {_EDGE}; with the last event by default."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The folder to make; audit-FIRST-LAST by default, by positions."),
    ] = None,
    prove: Annotated[
        list[str] | None,
        typer.Option(metavar="EVENT", help="Add the proof of this event: its position or its id."),
    ] = None,
    public_key: PublicKey = None,
    anchors: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A copy of the anchor file to compare."),
    ] = None,
    supplier: Annotated[str, typer.Option(help="Who hands the data over, for index.xml.")] = "",
    location: Annotated[str, typer.Option(help="Where they are, for index.xml.")] = "",
    processes: Annotated[
        int, typer.Option(min=1, max=PROCESSES, help="How many processes compare at most.")
    ] = os.cpu_count() or 1,
    zipped: Annotated[
        bool, typer.Option("--zip", help="Make one .zip file instead of a folder.")
    ] = False,
) -> None:
    """Write an auditor's package: journal, history of master data, proofs, description (GoBD Z3).

    The log is verified on the way; where it is not as it was sealed, the package says so and the
    exit code is 1. All texts of the log are in it, those about people too.

    Example: psa audit export --from 2026-01-01 --to 2026-12-31 --out audit-2026 --prove 4711
    """
    settings = read_settings()
    asked = Asked(
        first=_edge("--from", first),
        last=_edge("--to", last),
        target=out,
        zipped=zipped,
        proofs=prove or (),
        public_key=public_key,
        anchors=anchors,
        supplier=supplier,
        location=location,
        processes=processes,
    )
    _require_order(asked)
    done = run(settings, find_urls(settings), asked, verdict=verdict, show=progress)
    for each in done.unreached:
        console.print(f"Warning: {each}: seals that were taken away can not be missed there.")
    print("\n".join([_told(done), done.verified.verdict, *done.verified.findings]))  # noqa: T201 - the result
    if not done.verified.intact:
        sys.exit(1)


def _told(done: Exported) -> str:
    span, counts = done.about.span, done.counts
    return (
        f"Written to {done.path}: {counts.events} events at positions {span.first} to {span.last}, "
        f"{counts.master_data_changes} changes of master data, {counts.seals} seals."
    )


def _edge(option: str, text: str | None) -> Edge:
    if text is None:
        return None
    if text.isascii() and text.isdecimal() and 0 < (position := int(text[:20])) <= _HIGHEST:
        return position
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        msg = f"{text!r} is no position from 1 on, and no day like 2026-01-31."
        raise typer.BadParameter(msg, param_hint=option) from error


def _require_order(asked: Asked) -> None:
    first, last = asked.first, asked.last
    if (isinstance(first, int) and isinstance(last, int) and first > last) or (
        isinstance(first, date) and isinstance(last, date) and first > last
    ):
        raise typer.BadParameter(
            f"{last} comes before --from, which is {first}.", param_hint="--to"
        )
