"""The customers: one row each, archived ones included."""

from typing import Final

from sqlalchemy import Column, Index, Integer, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from domain.customers.customers import Customer
from projections.records import record_table, record_view

customers: Final = record_table(
    "customers",
    Column("number", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("address", JSONB, nullable=False),
    Column("email_domains", ARRAY(Text), nullable=False),
    Column("status", Text, nullable=False, default="active"),
    Index("customers_by_number", "number"),
    Index("customers_by_name", "name", "id"),
    Index("customers_by_email_domain", "email_domains", postgresql_using="gin"),
)
VIEW: Final = record_view(customers, Customer, shape=2)
