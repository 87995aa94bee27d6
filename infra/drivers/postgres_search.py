"""Search in Postgres: words by full text, parts of words by trigrams."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg.sql import SQL, Composable, Composed, Literal
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from infra.drivers.postgres_terms import condition, query_of, score, whereabouts
from infra.drivers.search_errors import SearchUnavailable
from infra.drivers.search_hits import CLOSE, OPEN, hit
from infra.drivers.search_terms import Query, read_query
from readapi.search import Hit, Kind

RESULT_LIMIT: Final = 10_000
UNAVAILABLE: Final = (PoolTimeout, psycopg.OperationalError, psycopg.errors.UndefinedTable)

MATCHES: Final = SQL("""
    select {columns}, {score} as score, position
      from rm.search_documents
     where {conditions}
     order by score desc, position desc
     limit {limit}
""")
# Cutting and marking is dear, so that only what is shown is read again, around the first match.
HITS: Final = SQL("""
    with matches as materialized ({matches})
    select id, kind, number, title, score,
           ts_headline('german', excerpt, {german}, {marks}) as german,
           ts_headline('english', excerpt, {english}, {marks}) as english
      from matches
     cross join lateral (select {text} as text) texts
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
        columns = SQL("id, kind, number, title, body, internal_body")
        conditions = [SQL("not deleted"), *_rights(kinds, customer_ids)]
        statement = HITS.format(
            matches=matches(columns, asked, conditions, limit, include_internal=include_internal),
            text=SQL("body || E'\\n' || internal_body" if include_internal else "body"),
            place=whereabouts(asked.wanted),
            german=_any(asked, "german"),
            english=_any(asked, "english"),
            marks=MARKS,
        )
        return [
            hit(row, (row["german"], row["english"]), row["score"], asked)
            for row in await self._rows(asked, statement)
        ]

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
        conditions = _rights([kind], customer_ids)
        statement = matches(SQL("id"), asked, conditions, limit, include_internal=include_internal)
        return [row["id"] for row in await self._rows(asked, statement)]

    async def _rows(self, asked: Query, statement: Composed) -> list[DictRow]:
        if not asked.wanted:
            return []
        try:
            async with self._pool.connection() as connection:
                cursor = connection.cursor(binary=True, row_factory=dict_row)
                # Each text wants a plan of its own: how rare its words are decides.
                await cursor.execute(statement, prepare=False)
                return await cursor.fetchall()
        except UNAVAILABLE as error:
            raise SearchUnavailable from error


def _rights(kinds: Collection[Kind], customer_ids: Collection[UUID] | None) -> list[Composable]:
    rights: list[Composable] = [SQL("true")]
    if kinds:
        rights.append(SQL("kind = any ({})").format(Literal(list(kinds))))
    if customer_ids is not None:
        rights.append(SQL("customer_id = any ({}::uuid[])").format(Literal(list(customer_ids))))
    return rights


def matches(
    columns: SQL,
    asked: Query,
    conditions: Sequence[Composable],
    limit: int,
    *,
    include_internal: bool,
) -> Composed:
    """Return the statement that finds documents, best first."""
    wanted = [condition(term, include_internal=include_internal) for term in asked.wanted]
    # A document without an external number is not excluded for what is not known of it.
    excluded = [
        SQL("{} is not true").format(condition(term, include_internal=include_internal))
        for term in asked.excluded
    ]
    scores = [score(term, include_internal=include_internal) for term in asked.wanted]
    return MATCHES.format(
        columns=columns,
        score=SQL(" + ").join(scores),
        conditions=SQL(" and ").join([*conditions, *wanted, *excluded]),
        limit=Literal(max(0, min(limit, RESULT_LIMIT))),
    )


def _any(asked: Query, language: str) -> Composed:
    return SQL(" || ").join(query_of(term, language) for term in asked.wanted)
