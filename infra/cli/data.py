"""Filling the platform: demo data, and the logs of other systems."""

import asyncio
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from commands.demo.load import SEED, TICKETS, Loaded, load
from commands.imports.helpdesk import Helpdesk
from commands.imports.report import Report
from commands.imports.run import run_import
from commands.imports.servicenow import ServiceNow
from commands.imports.source import Source
from commands.imports.volvo import Volvo
from infra import bootstrap
from infra.cli.output import Json, console, progress
from infra.embedded import Urls
from infra.settings import Settings, find_urls, read_settings

imports = typer.Typer(
    help="Take in files: master data, and other systems' logs; what is refused is reported.",
    no_args_is_help=True,
)

File = Annotated[Path, typer.Argument(help="The log, as gzipped CSV.")]
Customer = Annotated[str, typer.Option(help="The customer that the tickets belong to.")]
Zone = Annotated[str, typer.Option(help="The time zone of the log's clock, where it names none.")]
Contacts = Annotated[
    bool,
    typer.Option(
        "--contacts",
        help="Make each caller a contact of the customer; rows imported before stay without.",
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Decide about every row, and record nothing.")
]


def demo(
    tickets: Annotated[int, typer.Option(min=1, max=100_000, help="How many tickets.")] = TICKETS,
    seed: Annotated[int, typer.Option(help="The same seed tells the same story.")] = SEED,
) -> None:
    """Load a believable service provider: 20 customers, 40 people, 12 months of tickets.

    Example: psa demo --tickets 500
    """
    settings = read_settings()
    urls = find_urls(settings)
    loaded = asyncio.run(load_demo(settings, urls, tickets=tickets, seed=seed))
    if loaded.events:
        console.print(f"Loaded {loaded.events} events.")
    else:
        console.print("The demo data is there already; nothing was changed.")


async def load_demo(
    settings: Settings, urls: Urls, *, tickets: int = TICKETS, seed: int = SEED
) -> Loaded:
    """Load the demo data, with a progress bar on a terminal."""
    with progress("Loading demo data") as show:
        async with bootstrap.writing(settings, urls) as side:
            return await load(side.log, side.appender, tickets=tickets, seed=seed, progress=show)


@imports.command()
def servicenow(
    file: File,
    *,
    customer: Customer = "ServiceNow import",
    contacts: Contacts = False,
    zone: Zone = "UTC",
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Import the audit log of ServiceNow incidents.

    Example: psa import servicenow incidents.csv.gz --zone Europe/Berlin
    """
    _import(ServiceNow(contacts=contacts), file, customer, zone, dry_run=dry_run, as_json=as_json)


@imports.command()
def helpdesk(
    file: File,
    *,
    customer: Customer = "Helpdesk import",
    zone: Zone = "UTC",
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Import a helpdesk's activity log.

    Example: psa import helpdesk helpdesk.csv.gz --dry-run
    """
    _import(Helpdesk(), file, customer, zone, dry_run=dry_run, as_json=as_json)


@imports.command()
def volvo(
    file: File,
    *,
    customer: Customer = "Volvo import",
    zone: Zone = "UTC",
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Import an incident log with status and sub-status.

    Example: psa import volvo incidents.csv.gz
    """
    _import(Volvo(), file, customer, zone, dry_run=dry_run, as_json=as_json)


def _import(
    source: Source, file: Path, customer: str, zone: str, *, dry_run: bool, as_json: bool
) -> None:
    try:
        clock = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise typer.BadParameter(f"there is no time zone {zone!r}, e.g. Europe/Berlin.") from error
    settings = read_settings()
    urls = find_urls(settings)

    async def run() -> Report:
        async with bootstrap.writing(settings, urls) as side:
            return await run_import(
                source,
                file,
                log=side.log,
                appender=side.appender,
                customer=customer,
                zone=clock,
                progress=show,
                dry_run=dry_run,
            )

    with progress(f"Importing {file.name}") as show:
        report = asyncio.run(run())
    if as_json:
        print(report.to_json().decode())  # noqa: T201 - the result
    else:
        print(report.to_text())  # noqa: T201 - the result
