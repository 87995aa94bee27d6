"""The customers: one row each, archived ones included."""

from typing import Final

from sqlalchemy import BigInteger, Column, DateTime, Index, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from domain.base import Event
from domain.customers.customers import Customer
from domain.values import Address
from eventstore.records import Recorded
from projections.view import Row, Rows, View, metadata

customers: Final = Table(
    "customers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("address", JSONB, nullable=False),
    Column("email_domains", ARRAY(Text), nullable=False),
    Column("status", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Index("customers_by_number", "number", unique=True),
    Index("customers_by_name", "name", "id"),
    Index("customers_by_creation", "created_at", "id"),
    Index("customers_by_update", "updated_at", "id"),
    Index("customers_by_email_domain", "email_domains", postgresql_using="gin"),
)


def apply(event: Event, recorded: Recorded, rows: Rows) -> None:
    """Fold one event of a customer."""
    key = event.originator_id
    if isinstance(event, Customer.Registered):
        rows.insert(customers, key, **_registered(event))
    rows.update(
        customers,
        key,
        **_change(event),
        updated_at=event.timestamp,
        version=event.originator_version,
        position=recorded.position,
    )


def _registered(event: Customer.Registered) -> Row:
    return {
        "number": event.number,
        "name": event.name,
        "address": _address(event.address),
        "email_domains": list(event.email_domains),
        "status": "active",
        "created_at": event.timestamp,
    }


def _change(event: Event) -> Row:
    match event:
        case Customer.Renamed(name=name):
            return {"name": name}
        case Customer.Moved(address=address):
            return {"address": _address(address)}
        case Customer.EmailDomainsChanged(email_domains=domains):
            return {"email_domains": list(domains)}
        case Customer.Archived():
            return {"status": "archived"}
        case Customer.Restored():
            return {"status": "active"}
        case _:
            return {}


def _address(address: Address) -> Row:
    return {
        "street": address.street,
        "postal_code": address.postal_code,
        "city": address.city,
        "country": address.country,
    }


VIEW: Final = View(name="customers", tables=(customers,), topics=(Customer.TOPIC,), apply=apply)
