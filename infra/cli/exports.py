"""Master data as files, as the query API shows it."""

import asyncio
import sys
from enum import StrEnum
from typing import Annotated, Any

import typer

from commands.exchange.contact_sheet import CONTACTS, card_of
from commands.exchange.custom_columns import customized
from commands.exchange.customer_sheet import CUSTOMERS
from commands.exchange.fields import cells_of
from commands.exchange.location_sheet import LOCATIONS
from commands.exchange.sheet import Sheet
from commands.exchange.tables import write_table
from commands.exchange.vcards import write_cards
from infra import bootstrap
from infra.cli.lists import custom_fields_of, documents_of
from infra.settings import find_urls, read_settings
from readapi.customers import contacts as contacts_read
from readapi.customers import customers as customers_read
from readapi.customers import locations as locations_read
from readapi.people import users as users_read
from readapi.resources import Resource

exports = typer.Typer(
    help="Write master data to standard output, as files that can be imported.",
    no_args_is_help=True,
)

OfCustomer = Annotated[
    int | None, typer.Option("--customer", min=1, help="Only of the customer with this number.")
]


class Form(StrEnum):
    """How contacts are written."""

    CSV = "csv"
    VCARD = "vcard"


@exports.command("customers")
def export_customers() -> None:
    """Write all customers as a table, but those that are merged into others.

    Example: psa export customers > customers.csv
    """
    _write(customers_read.RESOURCE, CUSTOMERS, None)


@exports.command("locations")
def export_locations(*, customer: OfCustomer = None) -> None:
    """Write the locations of one or of all customers as a table.

    Example: psa export locations --customer 10042 > locations.csv
    """
    _write(locations_read.RESOURCE, LOCATIONS, customer)


@exports.command("contacts")
def export_contacts(
    *,
    customer: OfCustomer = None,
    written: Annotated[Form, typer.Option("--format", help="What is written.")] = Form.CSV,
) -> None:
    """Write the contacts of one or of all customers, but those that are merged into others.

    Example: psa export contacts --format vcard --customer 10042 > people.vcf
    """
    if written is Form.CSV:
        _write(contacts_read.RESOURCE, CONTACTS, customer)
        return
    _, documents = asyncio.run(_exported(contacts_read.RESOURCE, CONTACTS, customer))
    sys.stdout.buffer.write(write_cards(map(card_of, documents)))
    sys.stdout.buffer.flush()


def _write(resource: Resource, sheet: Sheet, customer: int | None) -> None:
    whole, documents = asyncio.run(_exported(resource, sheet, customer))
    rows = [cells_of(whole.fields, document) for document in documents]
    sys.stdout.buffer.write(write_table(whole.columns, rows))
    sys.stdout.buffer.flush()


async def _exported(
    resource: Resource, sheet: Sheet, customer: int | None
) -> tuple[Sheet, list[dict[str, Any]]]:
    """Return the sheet with the custom fields that are in use, and the documents.

    Those tell the number or the address of each customer and user that they name.
    """
    settings = read_settings()
    async with bootstrap.reading(settings, find_urls(settings)) as sources:
        narrowed = {}
        everyone = await documents_of(sources, customers_read.RESOURCE)
        if customer is not None:
            found = [one["id"] for one in everyone if one["number"] == customer]
            if not found:
                raise customers_read.RESOURCE.missing(id=customer)
            narrowed["customer_id"] = found[0]
        known = {one["id"]: {"number": one["number"]} for one in everyone}
        people = await documents_of(sources, users_read.RESOURCE)
        known |= {one["id"]: {"email": one["email"]} for one in people}
        documents = await documents_of(sources, resource, **narrowed)
        whole = customized(sheet, await custom_fields_of(sources, sheet.record_kind))
    return whole, [_telling(document, known) for document in documents]


def _telling(document: dict[str, Any], known: dict[str, dict[str, Any]]) -> dict[str, Any]:
    # Custom fields are no reference, though one may be called `id`.
    named = {
        name: value
        for name, value in document.items()
        if isinstance(value, dict) and name != "custom"
    }
    return document | {
        name: value | known[value["id"]]
        for name, value in named.items()
        if value.get("id") in known
    }
