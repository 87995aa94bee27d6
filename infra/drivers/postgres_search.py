"""Search in Postgres: words by full text, parts of words by trigrams."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

import psycopg
from psycopg import AsyncCursor
from psycopg.rows import DictRow, dict_row
from psycopg.sql import SQL, Composed, Literal
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from infra.drivers.postgres_matches import RESULT_LIMIT, Scope, estimate, expected, matches
from infra.drivers.postgres_terms import query_of, whereabouts
from infra.drivers.search_errors import SearchUnavailable
from infra.drivers.search_hits import CLOSE, OPEN, hit
from infra.drivers.search_terms import Query, read_query
from readapi.search import Hit, Kind

UNAVAILABLE: Final = (PoolTimeout, psycopg.OperationalError, psycopg.errors.UndefinedTable)

# Cutting and marking is dear, so that only what is shown is read again, around the first match.
HITS: Final = SQL("""
    with matches as materialized ({matches})
    select id, kind, number, title, score,
           ts_headline('german', excerpt, {german}, {marks}) as german,
           ts_headline('english', excerpt, {english}, {marks}) as english
      from matches
      left join lateral (
               select text
                 from rm.search_texts
                where document_id = matches.id and place > 0 and {rights}
                order by text ~* {place} desc, internal, place, search_texts.id
                limit 1
           ) texts on true
     cross join lateral (select regexp_instr(text, {place}, 1, 1, 0, 'i') - 60 as start) places
     cross join lateral (
               select case when start > 1
                           then regexp_replace(substr(text, start, 400), '^\\S*\\s', '')
                           else left(text, 400)
                       end as excerpt
           ) excerpts
     order by score desc, position desc
""")
MARKS: Final = Literal(f'StartSel="{OPEN}", StopSel="{CLOSE}", MinWords=20, MaxWords=30')

Cursor = AsyncCursor[DictRow]


class PostgresSearch:
    """Documents in Postgres, where the view `search` keeps them."""

    def __init__(self, pool: AsyncConnectionPool) -> None:
        """Read through `pool`, one made by `readapi.views.open_pool`."""
        self._pool = pool

    async def find(
        self,
        query: str,
        *,
        kinds: Collection[Kind],
        customer_ids: Collection[UUID] | None,
        include_internal: bool,
        limit: int,
    ) -> list[Hit]:
        """Return the best matches, best first; raises `SearchUnavailable`."""
        asked = read_query(query)
        scope = Scope(kinds, customer_ids, include_internal=include_internal, deleted=False)
        if not asked.wanted:
            return []
        async with self._cursor() as cursor:
            found = await _matches(cursor, SQL("id, kind, number, title"), asked, scope, limit)
            rows = await _rows(cursor, _shown(found, asked, scope))
        return [hit(row, (row["german"], row["english"]), row["score"], asked) for row in rows]

    async def ids(
        self,
        query: str,
        *,
        kind: Kind,
        customer_ids: Collection[UUID] | None,
        include_internal: bool,
        limit: int = RESULT_LIMIT,
    ) -> list[UUID]:
        """Return the ids of the best matches, best first; raises `SearchUnavailable`."""
        asked = read_query(query)
        scope = Scope([kind], customer_ids, include_internal=include_internal, deleted=True)
        if not asked.wanted:
            return []
        async with self._cursor() as cursor:
            found = await _matches(cursor, SQL("id"), asked, scope, limit)
            return [row["id"] for row in await _rows(cursor, found)]

    @asynccontextmanager
    async def _cursor(self) -> AsyncIterator[Cursor]:
        try:
            async with self._pool.connection() as connection:
                yield connection.cursor(binary=True, row_factory=dict_row)
        except UNAVAILABLE as error:
            raise SearchUnavailable from error


async def _matches(
    cursor: Cursor, columns: SQL, asked: Query, scope: Scope, limit: int
) -> Composed:
    """Return the statement that finds documents, by the rarest term first."""
    rows = []
    if len(asked.wanted) > 1:
        rows = [await _rows(cursor, estimate(term, scope)) for term in asked.wanted]
    estimates = [expected(row["QUERY PLAN"]) for (row,) in rows]
    return matches(columns, asked, scope, limit, estimates)


async def _rows(cursor: Cursor, statement: Composed) -> list[DictRow]:
    # Each text wants a plan of its own: how rare its words are decides.
    await cursor.execute(statement, prepare=False)
    return await cursor.fetchall()


def _shown(found: Composed, asked: Query, scope: Scope) -> Composed:
    return HITS.format(
        matches=found,
        rights=scope.of_text,
        place=whereabouts(asked.wanted),
        german=_any(asked, "german"),
        english=_any(asked, "english"),
        marks=MARKS,
    )


def _any(asked: Query, language: str) -> Composed:
    return SQL(" || ").join(query_of(term, language) for term in asked.wanted)
