"""Master data as files: exported as the query API shows it, imported through the commands."""

import asyncio
import sys
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import parse_qs, urlsplit

import msgspec
import typer

from commands.exchange.contact_sheet import CONTACTS, card_of, row_of
from commands.exchange.customer_sheet import CUSTOMERS
from commands.exchange.fields import cells_of
from commands.exchange.location_sheet import LOCATIONS
from commands.exchange.results import Outcome, Report
from commands.exchange.run import Import
from commands.exchange.sheet import Sheet
from commands.exchange.tables import Row, read_table, write_table
from commands.exchange.vcards import read_cards, write_cards
from commands.table import TABLE
from infra import bootstrap
from infra.cli.data import DryRun, imports
from infra.cli.output import Json, progress
from infra.settings import find_urls, read_settings
from readapi.context import Asked, Context, Patience, Sources
from readapi.cursors import START
from readapi.customers import contacts as contacts_read
from readapi.customers import customers as customers_read
from readapi.customers import locations as locations_read
from readapi.parameters import read
from readapi.people import users as users_read
from readapi.records import read_list
from readapi.resources import Resource

exports = typer.Typer(
    help="Write master data to standard output, as files that can be imported.",
    no_args_is_help=True,
)

Table = Annotated[Path, typer.Argument(help="A CSV file.", exists=True, dir_okay=False)]
Encoding = Annotated[
    str, typer.Option(help="Of the file: `utf-8`, or `cp1252` of older Windows programs.")
]
OfCustomer = Annotated[
    int | None, typer.Option("--customer", min=1, help="Only of the customer with this number.")
]
LIMIT: Final = "100"


class Form(StrEnum):
    """How contacts are written."""

    CSV = "csv"
    VCARD = "vcard"


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


@exports.command("customers")
def export_customers() -> None:
    """Write all customers as a table, but those that are merged into others.

    Example: psa export customers > customers.csv
    """
    _write(CUSTOMERS, asyncio.run(_exported(customers_read.RESOURCE, None)))


@exports.command("locations")
def export_locations(*, customer: OfCustomer = None) -> None:
    """Write the locations of one or of all customers as a table.

    Example: psa export locations --customer 10042 > locations.csv
    """
    _write(LOCATIONS, asyncio.run(_exported(locations_read.RESOURCE, customer)))


@exports.command("contacts")
def export_contacts(
    *,
    customer: OfCustomer = None,
    written: Annotated[Form, typer.Option("--format", help="What is written.")] = Form.CSV,
) -> None:
    """Write the contacts of one or of all customers, but those that are merged into others.

    Example: psa export contacts --format vcard --customer 10042 > people.vcf
    """
    documents = asyncio.run(_exported(contacts_read.RESOURCE, customer))
    if written is Form.CSV:
        _write(CONTACTS, documents)
    else:
        sys.stdout.buffer.write(write_cards(map(card_of, documents)))
        sys.stdout.buffer.flush()


def _import(sheet: Sheet, file: Path, encoding: str, *, dry_run: bool, as_json: bool) -> None:
    # All of it, before anything is appended.
    rows = list(read_table(file.read_bytes(), sheet.columns, encoding=encoding))
    _import_rows(sheet, file, rows, dry_run=dry_run, as_json=as_json)


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
    async with bootstrap.writing(find_urls(read_settings())) as side:
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


def _write(sheet: Sheet, documents: Iterable[dict[str, Any]]) -> None:
    rows = [cells_of(sheet.fields, document) for document in documents]
    sys.stdout.buffer.write(write_table(sheet.columns, rows))
    sys.stdout.buffer.flush()


async def _exported(resource: Resource, customer: int | None) -> list[dict[str, Any]]:
    """Return documents, with the number or the address of each customer and user that they name."""
    async with bootstrap.reading(find_urls(read_settings())) as sources:
        narrowed = {}
        everyone = await _documents(sources, customers_read.RESOURCE)
        if customer is not None:
            found = [one["id"] for one in everyone if one["number"] == customer]
            if not found:
                raise customers_read.RESOURCE.missing(id=customer)
            narrowed["customer_id"] = found[0]
        known = {one["id"]: {"number": one["number"]} for one in everyone}
        people = await _documents(sources, users_read.RESOURCE)
        known |= {one["id"]: {"email": one["email"]} for one in people}
        documents = await _documents(sources, resource, **narrowed)
    return [_telling(document, known) for document in documents]


def _telling(document: dict[str, Any], known: dict[str, dict[str, Any]]) -> dict[str, Any]:
    named = {name: value for name, value in document.items() if isinstance(value, dict)}
    return document | {
        name: value | known[value["id"]]
        for name, value in named.items()
        if value.get("id") in known
    }


async def _documents(sources: Sources, resource: Resource, **narrowed: str) -> list[dict[str, Any]]:
    """Return the documents of a whole list, read page by page; raises `Unavailable`."""
    found: list[dict[str, Any]] = []
    given = {name: [value] for name, value in narrowed.items()} | {"limit": [LIMIT]}
    cursor = START
    while cursor:
        given["cursor"] = [cursor]
        asked = Asked(resource.path, given)
        ctx = Context(sources, bootstrap.LOCAL_ADMIN, asked, Patience())
        page = await read_list(resource, read(resource.query, given), ctx)
        found += [msgspec.to_builtins(document) for document in page.data]
        following = parse_qs(urlsplit(page.links.next or "").query)
        cursor = following.get("cursor", [""])[0]
    return found
