"""The schemas of the log and of the keys, brought up to date by numbered files of SQL."""

import hashlib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, Final, LiteralString, NamedTuple

import psycopg
from psycopg.sql import SQL, Identifier

LOCK: Final = 20252

LEDGER: Final = """
    create schema if not exists {schema};
    create table if not exists {schema}.migrations (
        name        text         primary key,
        checksum    text         not null,
        applied_at  timestamptz  not null default clock_timestamp()
    );
"""


class Schema(NamedTuple):
    """What is kept in one schema of a database of its own, or of one that others use, too."""

    name: str
    folder: tuple[str, ...]
    """Where its migrations are, below the package."""
    grants: LiteralString
    """What the application may, run each time."""


LOG: Final = Schema(
    "es",
    ("migrations",),
    """
    create extension if not exists pg_trgm with schema public;
    create extension if not exists unaccent with schema public;
    grant usage on schema es to {app};
    grant select on all tables in schema es to {app};
    grant insert on es.answers to {app};
    grant execute on all functions in schema es to {app};
    create schema if not exists rm authorization {app};
    """,
)
# The application may make keys and use them; to destroy one is the owner's.
KEYS: Final = Schema(
    "keys",
    ("personal", "migrations"),
    """
    grant usage on schema keys to {app};
    grant select on all tables in schema keys to {app};
    grant insert on keys.subject_keys to {app};
    """,
)


class MigrationChanged(Exception):
    """A migration that has been applied is not the one in the folder any more."""

    def __init__(self, name: str) -> None:
        """Name the migration."""
        super().__init__(
            f"Migration {name} was changed after it had been applied here: "
            "restore the file, and put the change into a new one."
        )


class Migration(NamedTuple):
    """One file of SQL; its name gives its place, its checksum its identity."""

    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """The SHA-256 of the file."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations(schema: Schema = LOG) -> Iterator[Migration]:
    """Yield the migrations of a schema that come with this package, in order."""
    folder = files("eventstore").joinpath(*schema.folder)
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".sql"):
            yield Migration(file.name.removesuffix(".sql"), file.read_text(encoding="utf-8"))


def migrate(owner_url: str, *, app_role: str | None, schema: Schema = LOG) -> None:
    """Bring the schema up to date and give the application its rights.

    May be called at any time and by several at once. Without `app_role` the owner is the
    application. The owner must be able to act as `app_role`. Raises MigrationChanged.
    """
    with psycopg.connect(owner_url) as connection:
        # Two may start at once: the second finds the work done.
        connection.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        name = Identifier(schema.name)
        connection.execute(SQL(LEDGER).format(schema=name))
        for migration in migrations(schema):
            _apply(connection, name, migration)
        role = app_role or connection.info.user
        connection.execute(SQL(schema.grants).format(app=Identifier(role)))


def _apply(connection: psycopg.Connection[Any], schema: Identifier, migration: Migration) -> None:
    applied = connection.execute(
        SQL("select checksum from {}.migrations where name = %s").format(schema), [migration.name]
    ).fetchone()
    if applied is None:
        connection.execute(migration.sql.encode())
        connection.execute(
            SQL("insert into {}.migrations (name, checksum) values (%s, %s)").format(schema),
            [migration.name, migration.checksum],
        )
    elif applied[0] != migration.checksum:
        raise MigrationChanged(migration.name)
