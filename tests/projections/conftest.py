"""A database with the tables of every view."""

import pytest

from projections.schema import ensure
from tests.conftest import Database


@pytest.fixture
def views(database: Database) -> Database:
    """A migrated database with empty views."""
    ensure(database.url)
    return database
