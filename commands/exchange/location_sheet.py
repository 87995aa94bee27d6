"""Locations as a table."""

from typing import Final

from commands.customers.custom_values import SetLocationFields
from commands.customers.locations import (
    ArchiveLocation,
    ChangeLocation,
    RegisterLocation,
    RestoreLocation,
)
from commands.exchange.columns import Column
from commands.exchange.fields import Field, as_decimal, decimal
from commands.exchange.sheet import ADDRESS, ID, IN_USE, Sheet, Values, archiving, text
from domain.customers.custom_fields import RecordKind
from domain.customers.locations import Location

CUSTOMER: Final = Field(
    "customer_id",
    Column("customer", ("Kunde", "Kundennummer", "Customer number"), required=True),
    shown="customer.number",
    scope="customer.number",
)
FIELDS: Final = (
    ID,
    CUSTOMER,
    text("name", "name", "Standort", "Bezeichnung", "Location", required=True),
    *ADDRESS,
    text("opening_hours", "opening_hours", "Öffnungszeiten"),
    text("access_notes", "access_notes", "Zugang"),
    Field("coordinates.latitude", Column("latitude", ("Breite",)), decimal, as_decimal),
    Field("coordinates.longitude", Column("longitude", ("Länge",)), decimal, as_decimal),
    IN_USE,
)


def _bears(values: Values) -> tuple[str, str] | None:
    return "location.name", f"{values['customer_id']} {values['name']}"


LOCATIONS: Final = Sheet(
    name="locations",
    kind=Location,
    fields=FIELDS,
    add=RegisterLocation,
    change=ChangeLocation,
    record_kind=RecordKind.LOCATION,
    customize=SetLocationFields,
    bears=_bears,
    fixed=("customer_id",),
    **archiving(ArchiveLocation, RestoreLocation, "location_id"),
)
