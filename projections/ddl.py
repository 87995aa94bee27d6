"""The statements that make the tables of a view, in the schema `rm` or in one beside it."""

from collections.abc import Iterable
from typing import Final

from psycopg.sql import SQL, Composed, Identifier
from sqlalchemy import MetaData, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable, DDLElement

from projections.view import NAMES

DIALECT: Final = postgresql.dialect()  # type: ignore[no-untyped-call]  # as SQLAlchemy has it
OWNER: Final = "select pg_get_userbyid(nspowner) from pg_namespace where nspname = 'rm'"
"""Who owns the read models: whoever makes their tables, they belong to this role."""


def act_as(role: str) -> Composed:
    """Return the statement that makes what follows belong to this role."""
    return SQL("set role {}").format(Identifier(role))


def table_statements(tables: Iterable[Table], schema: str = "rm") -> list[bytes]:
    """Return what makes the tables and their primary keys, unless they exist."""
    return [_sql(CreateTable(table, if_not_exists=True)) for table in _within(tables, schema)]


def index_statements(tables: Iterable[Table], schema: str = "rm") -> list[bytes]:
    """Return what makes the other indexes, unless they exist."""
    return [
        _sql(CreateIndex(index, if_not_exists=True))
        for table in _within(tables, schema)
        for index in sorted(table.indexes, key=lambda index: str(index.name))
    ]


def _within(tables: Iterable[Table], schema: str) -> list[Table]:
    # The same names in every schema, so that a table can take the place of another one.
    metadata = MetaData(naming_convention=NAMES)
    return [table.to_metadata(metadata, schema=schema) for table in tables]


def _sql(element: DDLElement) -> bytes:
    return str(element.compile(dialect=DIALECT)).encode()
