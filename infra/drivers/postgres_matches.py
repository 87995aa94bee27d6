"""The statement that finds documents in Postgres, best first."""

from collections.abc import Collection, Sequence
from operator import itemgetter
from typing import Any, Final, NamedTuple
from uuid import UUID

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from infra.drivers.postgres_terms import condition, number_score, numbered, score
from infra.drivers.search_terms import Query, Term
from readapi.search import Kind

RESULT_LIMIT: Final = 10_000

MATCHES: Final = SQL("""
    with {parts}
    select {columns}, {score} as score, position
      from rm.search_documents as document
      {joins}
     where {conditions}
     order by score desc, position desc
     limit {limit}
""")
SCOPE: Final = SQL("""
    scope as materialized (select id from rm.search_documents where {conditions})
""")
# A term is in a document when it is in one of its texts, or when the document is called so.
HAS_NOT: Final = SQL("""
    not exists (select from rm.search_texts where document_id = document.id and {text})
    and {number} is not true
""")
SCORED: Final = SQL("""
    {name} as (
        select id, max(score) + max(bonus) as score
          from (select document_id as id, {score} as score, 0 as bonus
                  from rm.search_texts
                 where {text} {among_texts}
                 union all
                select id, 0, {bonus} from rm.search_documents where {number} {among}) as matching
         group by id
    )
""")
AMONG: Final = SQL("and {column} in (select id from {others})")
ESTIMATE: Final = SQL("explain (format json) select from rm.search_texts where {text}")
RARER: Final = 10
"""Times that a term must be rarer than another one, for its documents to be looked through.

Looking through the texts of a document takes about as long as ten matches from an index.
"""


class Scope(NamedTuple):
    """Where somebody may look."""

    kinds: Collection[Kind]
    """Empty for every kind."""
    customer_ids: Collection[UUID] | None
    """None for every customer."""
    include_internal: bool
    deleted: bool
    """Whether deleted documents are found, too."""

    @property
    def of_document(self) -> list[Composable]:
        """The conditions on a document."""
        conditions: list[Composable] = [SQL("true" if self.deleted else "not deleted")]
        if self.kinds:
            conditions.append(SQL("kind = any ({})").format(Literal(list(self.kinds))))
        if self.customer_ids is not None:
            ids = Literal(list(self.customer_ids))
            conditions.append(SQL("customer_id = any ({}::uuid[])").format(ids))
        return conditions

    @property
    def of_text(self) -> Composable:
        """The condition on a text."""
        return SQL("true" if self.include_internal else "not internal")


def estimate(term: Term, scope: Scope) -> Composed:
    """Return the statement by which the planner says in how many texts it expects a term."""
    return ESTIMATE.format(text=_text(term, scope))


def expected(plan: Any) -> int:
    """Return how many texts a plan is for."""
    return int(plan[0]["Plan"]["Plan Rows"])


def matches(
    columns: SQL, asked: Query, scope: Scope, limit: int, estimates: Sequence[int] = ()
) -> Composed:
    """Return the statement that finds documents, best first.

    Of several terms, `estimates` says in how many texts each may be: where one is frequent and
    another rare, the frequent one is looked for in the documents of the rarest only.
    """
    known = estimates or [0] * len(asked.wanted)
    terms = sorted(zip(known, asked.wanted, strict=True), key=itemgetter(0))
    bounded = scope.customer_ids is not None
    parts = [SCOPE.format(conditions=_all(scope.of_document))] if bounded else []
    for place, (number, term) in enumerate(terms):
        among = SQL("scope") if bounded else None
        if place and number > RARER * terms[0][0]:
            among = SQL("term_0")
        parts.append(_scored(place, term, scope, among))
    names = [_name(place) for place in range(len(terms))]
    excluded = [
        HAS_NOT.format(text=_text(term, scope), number=numbered(term)) for term in asked.excluded
    ]
    return MATCHES.format(
        parts=SQL(", ").join(parts),
        columns=columns,
        score=SQL(" + ").join(SQL("{}.score").format(name) for name in names),
        joins=SQL(" ").join(SQL("join {} using (id)").format(name) for name in names),
        conditions=_all([*scope.of_document, *excluded]),
        limit=Literal(max(0, min(limit, RESULT_LIMIT))),
    )


def _scored(place: int, term: Term, scope: Scope, among: SQL | None) -> Composed:
    return SCORED.format(
        name=_name(place),
        score=score(term),
        bonus=number_score(term),
        text=_text(term, scope),
        number=numbered(term),
        among_texts=_among("document_id", among),
        among=_among("id", among),
    )


def _among(column: str, others: SQL | None) -> Composable:
    return AMONG.format(column=Identifier(column), others=others) if others else SQL("")


def _all(conditions: Sequence[Composable]) -> Composed:
    return SQL(" and ").join(conditions)


def _text(term: Term, scope: Scope) -> Composed:
    return SQL("{} and {}").format(condition(term), scope.of_text)


def _name(place: int) -> Identifier:
    return Identifier(f"term_{place}")
