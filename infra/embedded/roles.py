"""The roles and the database of the platform, brought about at every start."""

from typing import Final, LiteralString

import psycopg
from psycopg import sql

DATABASE: Final = "psa"
OWNER: Final = "psa_owner"
APP: Final = "psa_app"
BACKUP: Final = "psa_backup"
"""May copy the whole cluster, and read nothing in it."""

# The owner may act as the application: grants are tried out before a deploy.
RIGHTS: tuple[LiteralString, ...] = (
    "grant psa_app to psa_owner with inherit true, set true",
    "revoke all on database psa from public",
    "revoke all on database postgres from public",
    "grant connect on database psa to psa_app",
    "grant connect on database postgres to psa_owner",
)


def ensure(
    connection: psycopg.Connection[tuple[object, ...]], *, owner: str, app: str, backup: str
) -> None:
    """Make the roles, their passwords, the database and their rights be as promised."""
    _ensure_role(connection, OWNER, "login createdb nosuperuser nocreaterole noreplication", owner)
    _ensure_role(connection, APP, "login nocreatedb nosuperuser nocreaterole noreplication", app)
    _ensure_role(
        connection, BACKUP, "login nocreatedb nosuperuser nocreaterole replication", backup
    )
    found = connection.execute("select from pg_database where datname = %s", [DATABASE]).fetchone()
    if found is None:
        connection.execute("create database psa owner psa_owner")
    with connection.transaction():
        for right in RIGHTS:
            connection.execute(right)


def _ensure_role(
    connection: psycopg.Connection[tuple[object, ...]],
    name: str,
    attributes: LiteralString,
    password: str,
) -> None:
    found = connection.execute("select from pg_roles where rolname = %s", [name]).fetchone()
    verb = sql.SQL("create role" if found is None else "alter role")
    # The server sees the verifier only, so no log of statements can ever hold the password.
    verifier = connection.pgconn.encrypt_password(
        password.encode(), name.encode(), b"scram-sha-256"
    ).decode()
    statement = sql.SQL("{} {} {} password {}").format(
        verb, sql.Identifier(name), sql.SQL(attributes), verifier
    )
    connection.execute(statement)
