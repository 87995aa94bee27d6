"""Master data from files, through the commands."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from commands.exchange.contact_sheet import CONTACTS, row_of
from commands.exchange.custom_columns import customized, keys_of, kinds_in
from commands.exchange.customer_sheet import CUSTOMERS
from commands.exchange.location_sheet import LOCATIONS
from commands.exchange.results import Outcome, Report
from commands.exchange.run import Import
from commands.exchange.sheet import Sheet
from commands.exchange.tables import Row, read_header, read_table
from commands.exchange.vcards import read_cards
from commands.table import TABLE
from infra import bootstrap
from infra.cli.data import DryRun, imports
from infra.cli.lists import custom_fields_of
from infra.cli.output import Json, progress
from infra.settings import find_urls, read_settings

__all__ = ["imports"]

Table = Annotated[Path, typer.Argument(help="A CSV file.", exists=True, dir_okay=False)]
Encoding = Annotated[
    str, typer.Option(help="Of the file: `utf-8`, or `cp1252` of older Windows programs.")
]


@imports.command("customers")
def import_customers(
    file: Table, *, dry_run: DryRun = False, encoding: Encoding = "", as_json: Json = False
) -> None:
    """Add and change customers from a table; docs/import-export.md has its columns.

    Example: psa import customers customers.csv --dry-run
    """
    _import(CUSTOMERS, file, encoding, dry_run=dry_run, as_json=as_json)


@imports.command("locations")
def import_locations(
    file: Table, *, dry_run: DryRun = False, encoding: Encoding = "", as_json: Json = False
) -> None:
    """Add and change locations from a table; docs/import-export.md has its columns.

    Example: psa import locations locations.csv --encoding cp1252
    """
    _import(LOCATIONS, file, encoding, dry_run=dry_run, as_json=as_json)


@imports.command("contacts")
def import_contacts(
    file: Table,
    *,
    customer: Annotated[
        int | None, typer.Option(min=1, help="Of vCards: the number of their customer.")
    ] = None,
    dry_run: DryRun = False,
    encoding: Encoding = "",
    as_json: Json = False,
) -> None:
    """Add and change contacts from a table or from vCards; docs/import-export.md says how.

    Example: psa import contacts people.vcf --customer 10042
    """
    is_cards = file.suffix.lower() == ".vcf"
    if is_cards != (customer is not None):
        message = "vCards (.vcf) need `--customer`; a table has the column `customer` instead."
        raise typer.BadParameter(message)
    if customer is None:
        _import(CONTACTS, file, encoding, dry_run=dry_run, as_json=as_json)
        return
    cards = read_cards(file.read_bytes(), encoding=encoding)
    rows = [row_of(number, card, customer) for number, card in enumerate(cards, start=1)]
    _import_rows(CONTACTS, file, rows, dry_run=dry_run, as_json=as_json)


def _import(sheet: Sheet, file: Path, encoding: str, *, dry_run: bool, as_json: bool) -> None:
    data = file.read_bytes()
    keys = keys_of(read_header(data, sheet.columns, encoding=encoding))
    whole = asyncio.run(_customized(sheet, keys)) if keys else sheet
    # All of it, before anything is appended.
    rows = list(read_table(data, whole.columns, encoding=encoding))
    _import_rows(whole, file, rows, dry_run=dry_run, as_json=as_json)


async def _customized(sheet: Sheet, keys: list[str]) -> Sheet:
    """Return the sheet with the custom fields of these keys; with all, where one is unknown."""
    settings = read_settings()
    urls = find_urls(settings)
    async with bootstrap.writing(settings, urls) as side:
        kinds = await kinds_in(side.log, sheet.record_kind, keys)
    if kinds.keys() != set(keys):
        # The refusal tells which there are.
        async with bootstrap.reading(settings, urls) as sources:
            kinds = await custom_fields_of(sources, sheet.record_kind) | kinds
    return customized(sheet, kinds)


def _import_rows(
    sheet: Sheet, file: Path, rows: list[Row], *, dry_run: bool, as_json: bool
) -> None:
    with progress(f"Importing {file.name}") as show:
        report = asyncio.run(_imported(sheet, file.name, rows, show, dry_run=dry_run))
    print(report.to_json().decode() if as_json else report.to_text())  # noqa: T201 - the result
    if report.counts[Outcome.REFUSED]:
        raise typer.Exit(1)


async def _imported(
    sheet: Sheet, name: str, rows: list[Row], show: Any, *, dry_run: bool
) -> Report:
    settings = read_settings()
    async with bootstrap.writing(settings, find_urls(settings)) as side:
        under_way = Import(
            sheet,
            table=TABLE,
            log=side.log,
            appender=side.appender,
            clock=bootstrap.now,
            actor=bootstrap.LOCAL_ADMIN,
            file=name,
            dry_run=dry_run,
        )
        return await under_way.through(rows, show)
