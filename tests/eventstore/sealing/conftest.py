"""What the tests of seals share."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.conftest import Database


@pytest.fixture
def connection(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the application that commits by itself."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        yield connection
