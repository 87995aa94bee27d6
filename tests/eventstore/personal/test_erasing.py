"""What Postgres keeps of deleted rows is let go of, or it is said that it is not."""

import psycopg
import pytest

from eventstore.personal.erasing import RowsKept, rewrite
from tests.conftest import Database

SECRET = "Ada Zürn of Winterthur"


@pytest.fixture
def deleted(database: Database) -> Database:
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute("create table told (text text)")
    return database


async def remove(database: Database, *, patience: float) -> int:
    """Delete a row, write the table anew, and return how many bytes it has."""
    async with await psycopg.AsyncConnection.connect(database.owner_url, autocommit=True) as owner:
        await owner.execute("delete from told")
        await rewrite(owner, "public.told", patience=patience)
        cursor = await owner.execute("select pg_relation_size('told')")
        (size,) = await cursor.fetchone() or (None,)
    assert isinstance(size, int)
    return size


async def test_a_table_that_is_rewritten_has_no_deleted_row(deleted: Database) -> None:
    with psycopg.connect(deleted.owner_url) as owner:
        owner.execute("insert into told values (%s)", [SECRET])

    assert await remove(deleted, patience=10) == 0


async def test_rows_that_somebody_may_still_read_are_not_taken_for_gone(
    deleted: Database,
) -> None:
    with psycopg.connect(deleted.owner_url) as owner:
        owner.execute("insert into told values (%s)", [SECRET])
    with psycopg.connect(deleted.owner_url) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.execute("select count(*) from es.seals")

        with pytest.raises(RowsKept, match=r"public\.told still holds old rows"):
            await remove(deleted, patience=0)

    assert await remove(deleted, patience=10) == 0
