"""The schema is brought up to date by files that are never changed once they are applied."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path

import psycopg
import pytest

from eventstore.migrate import MigrationChanged, migrate
from infra.embedded import Urls
from tests.conftest import APP_ROLE, Database, own_database


@pytest.fixture
def empty(urls: Urls) -> Iterator[Database]:
    """A database with nothing in it."""
    with own_database(urls, "test", template="template1") as database:
        yield database


def test_a_new_database_gets_the_log(empty: Database) -> None:
    migrate(empty.owner_url, app_role=APP_ROLE)

    assert value(empty.url, "select count(*) from es.events") == 0


def test_each_migration_is_recorded_with_its_checksum(empty: Database) -> None:
    migrate(empty.owner_url, app_role=APP_ROLE)

    recorded = rows(empty.url, "select name, length(checksum) from es.migrations order by name")

    assert recorded == [(name, 64) for name in sorted(file_names())]


def test_migrating_again_changes_nothing(empty: Database) -> None:
    migrate(empty.owner_url, app_role=APP_ROLE)
    before = rows(empty.url, "select * from es.migrations")

    migrate(empty.owner_url, app_role=APP_ROLE)

    assert rows(empty.url, "select * from es.migrations") == before


def test_several_may_migrate_at_once(empty: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(migrate, empty.owner_url, app_role=APP_ROLE) for _ in range(8)]

    assert [call.result() for call in calls] == [None] * 8


def test_a_migration_that_was_changed_after_it_was_applied_is_refused(empty: Database) -> None:
    migrate(empty.owner_url, app_role=APP_ROLE)
    execute(empty.owner_url, "update es.migrations set checksum = 'other'")

    with pytest.raises(MigrationChanged, match="0001_log was changed"):
        migrate(empty.owner_url, app_role=APP_ROLE)


def test_the_application_owns_the_schema_of_the_read_models(empty: Database) -> None:
    migrate(empty.owner_url, app_role=APP_ROLE)

    execute(empty.url, "create table rm.tickets (title text)")

    assert value(empty.url, "select tableowner::text from pg_tables where schemaname = 'rm'") == (
        APP_ROLE
    )


def test_read_models_can_search_in_parts_of_words_and_without_accents(empty: Database) -> None:
    migrate(empty.owner_url, app_role=APP_ROLE)

    found = value(empty.url, "select unaccent('Müller') % 'Muler'")

    assert found is True


@pytest.mark.parametrize("app_role", [None, "psa_owner"])
def test_one_role_may_be_owner_and_application(empty: Database, app_role: str | None) -> None:
    migrate(empty.owner_url, app_role=app_role)

    execute(empty.owner_url, "create table rm.tickets (title text)")

    assert value(empty.owner_url, "select count(*) from rm.tickets") == 0


def file_names() -> list[str]:
    """The files of the package."""
    folder = Path(str(files("eventstore") / "migrations"))
    return [file.stem for file in folder.glob("*.sql")]


def execute(url: str, statement: str) -> None:
    """Execute one statement."""
    with psycopg.connect(url) as connection:
        connection.execute(statement.encode())


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    """The rows of a query."""
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode()).fetchall()


def value(url: str, query: str) -> object:
    """The one value of a query."""
    [[found]] = rows(url, query)
    return found
