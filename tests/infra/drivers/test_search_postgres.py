"""Search in Postgres, on a real server."""

from collections.abc import AsyncIterator
from uuid import UUID

import psycopg
import pytest
from psycopg.sql import SQL

from infra.drivers.postgres_matches import Scope, estimate, expected, matches
from infra.drivers.postgres_search import PostgresSearch
from infra.drivers.search_errors import SearchUnavailable
from infra.drivers.search_pages import pages
from infra.drivers.search_terms import read_query
from projections.schema import ensure
from projections.search import VIEW
from readapi.views import open_pool
from tests.conftest import Database
from tests.contracts.search import SearchContract
from tests.contracts.search_desk import Desk, keep, tickets

# Words that no two documents share, and some that a few do.
MANY_ROWS = """
    insert into rm.search_documents
           (id, kind, number, title, fields, customer_id, deleted, position)
    select encode(int8send(0) || int8send(n), 'hex')::uuid, 'ticket', n::text, '', '{}',
           gen_random_uuid(), false, n
      from generate_series(1, 20000) n;
    insert into rm.search_texts (id, document_id, place, internal, text)
    select 16 * n + place, encode(int8send(0) || int8send(n), 'hex')::uuid, place, place = 2,
           case place when 0 then 'Rechner ' else '' end || md5((n + place)::text)
               || case when n % 500 = 0 and place = 1 then ' Netzwerkdrucker' else '' end
      from generate_series(1, 20000) n
     cross join generate_series(0, 2) place
"""


@pytest.fixture
def documents(database: Database) -> Database:
    """Return a database with the view's table, which is empty."""
    ensure(database.url, [VIEW])
    return database


@pytest.fixture
async def desk(documents: Database) -> AsyncIterator[Desk]:
    async with open_pool(documents.url) as pool:
        yield Desk(PostgresSearch(pool), lambda rows: keep(documents, rows))


class TestPostgresSearch(SearchContract):
    """The contract, on Postgres."""


def test_many_documents_are_searched_through_the_indexes(documents: Database) -> None:
    with psycopg.connect(documents.url, autocommit=True) as connection:
        connection.execute(MANY_ROWS)
        connection.execute("vacuum analyze rm.search_documents, rm.search_texts")

        for query in ("drucker", "T-000123", "INC0000047", '"ein satz" -toner', "5f93f983524d"):
            scope = Scope([], None, include_internal=True, deleted=True)
            statement = matches(SQL("id"), read_query(query), scope, 20)
            plan = str(connection.execute(SQL("explain ") + statement).fetchall())

            assert "Bitmap Index Scan" in plan, query
            assert "Seq Scan" not in plan, query


async def test_a_frequent_word_is_looked_for_where_a_rare_one_is(documents: Database) -> None:
    asked = read_query("rechner netzwerkdrucker -toner")
    scope = Scope([], None, include_internal=False, deleted=False)
    with psycopg.connect(documents.url, autocommit=True) as connection:
        connection.execute(MANY_ROWS)
        connection.execute("vacuum analyze rm.search_documents, rm.search_texts")
        estimates = [
            expected((connection.execute(estimate(term, scope)).fetchone() or [None])[0])
            for term in asked.wanted
        ]
        statement = SQL("explain ") + matches(SQL("id"), asked, scope, 20, estimates)
        plan = str(connection.execute(statement).fetchall())

    async with open_pool(documents.url) as pool:
        desk = Desk(PostgresSearch(pool), lambda rows: keep(documents, rows))
        found = await desk.find("rechner netzwerkdrucker -toner", limit=100)

    assert estimates[0] > 10_000 > estimates[1]
    assert "Index Scan using search_texts_by_document" in plan
    assert len(found) == 40


async def test_a_view_that_is_not_there_yet_is_unavailable(database: Database) -> None:
    async with open_pool(database.url) as pool:
        desk = Desk(PostgresSearch(pool), lambda rows: keep(database, rows))

        with pytest.raises(SearchUnavailable):
            await desk.find("drucker")


@pytest.mark.parametrize("size", [1, 2, 3, 100])
async def test_all_documents_are_read_in_pages(documents: Database, size: int) -> None:
    rows = tickets("Drucker", "Scanner", "Toner")
    await keep(documents, rows)

    read = [row async for page in pages(documents.url, size=size) for row in page]

    assert read == rows
    assert [row["id"] for row in read] == [UUID(int=1), UUID(int=2), UUID(int=3)]
