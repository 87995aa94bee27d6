"""The roles and the database of a cluster, brought about at every start."""

from typing import LiteralString

import msgspec
import psycopg
from psycopg import sql

from infra.embedded.passwords import Logins

# The owner may act as the application: grants are tried out before a deploy.
RIGHTS: tuple[LiteralString, ...] = (
    "grant {app} to {owner} with inherit true, set true",
    "revoke all on database {database} from public",
    "revoke all on database postgres from public",
    "grant connect on database {database} to {app}",
    "grant connect on database postgres to {owner}",
    # To erase is to let go of the old write-ahead log, too; the function is granted in `postgres`.
    "grant pg_checkpoint to {owner}",
    "grant execute on function pg_catalog.pg_switch_wal() to {owner}",
)
OWNER: LiteralString = "login createdb nosuperuser nocreaterole noreplication"
APP: LiteralString = "login nocreatedb nosuperuser nocreaterole noreplication"
BACKUP: LiteralString = "login nocreatedb nosuperuser nocreaterole replication"


class Accounts(msgspec.Struct, frozen=True, kw_only=True):
    """A database, the role that owns it and the role that the application works as."""

    database: str
    owner: str
    app: str
    backup: str = ""
    """The role that may copy the whole cluster, and read nothing in it; none where it is empty."""


def ensure(
    connection: psycopg.Connection[tuple[object, ...]], accounts: Accounts, logins: Logins
) -> None:
    """Make the roles, their passwords, the database and their rights be as promised."""
    _ensure_role(connection, accounts.owner, OWNER, logins.owner)
    _ensure_role(connection, accounts.app, APP, logins.app)
    if accounts.backup:
        _ensure_role(connection, accounts.backup, BACKUP, logins.backup)
    names = {name: sql.Identifier(text) for name, text in msgspec.structs.asdict(accounts).items()}
    found = connection.execute(
        "select from pg_database where datname = %s", [accounts.database]
    ).fetchone()
    if found is None:
        connection.execute(sql.SQL("create database {database} owner {owner}").format(**names))
    with connection.transaction():
        for right in RIGHTS:
            connection.execute(sql.SQL(right).format(**names))


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
