"""The statement that finds documents in Postgres, best first."""

from collections.abc import Collection
from typing import Final, NamedTuple
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
# The documents that may be looked at, and, of several terms, have all of them: which term is the
# rarest and comes first is for the planner to say. Ranking all matches of a frequent one is dear.
FOUND: Final = SQL("""
    found as materialized (
        select id from rm.search_documents as document where {conditions}
    )
""")
# A term is in a document when it is in one of its texts, or when the document is called so.
HAS: Final = SQL("""
    document.id in (
        select document_id from rm.search_texts where {text}
         union all
        select id from rm.search_documents where {number}
    )
""")
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
AMONG: Final = SQL("and id in (select id from found)")
AMONG_TEXTS: Final = SQL("and document_id in (select id from found)")


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


def matches(columns: SQL, asked: Query, scope: Scope, limit: int) -> Composed:
    """Return the statement that finds documents, best first."""
    conditions = scope.of_document
    conditions += [_lookup(HAS_NOT, term, scope) for term in asked.excluded]
    narrow = len(asked.wanted) > 1 or scope.customer_ids is not None
    parts = [_scored(place, term, scope, narrow=narrow) for place, term in enumerate(asked.wanted)]
    if narrow:
        if len(asked.wanted) > 1:
            conditions += [_lookup(HAS, term, scope) for term in asked.wanted]
        parts.insert(0, FOUND.format(conditions=SQL(" and ").join(conditions)))
        conditions = [SQL("true")]
    names = [_name(place) for place in range(len(asked.wanted))]
    return MATCHES.format(
        parts=SQL(", ").join(parts),
        columns=columns,
        score=SQL(" + ").join(SQL("{}.score").format(name) for name in names),
        joins=SQL(" ").join(SQL("join {} using (id)").format(name) for name in names),
        conditions=SQL(" and ").join(conditions),
        limit=Literal(max(0, min(limit, RESULT_LIMIT))),
    )


def _scored(place: int, term: Term, scope: Scope, *, narrow: bool) -> Composed:
    return SCORED.format(
        name=_name(place),
        score=score(term),
        bonus=number_score(term),
        text=_text(term, scope),
        number=numbered(term),
        among_texts=AMONG_TEXTS if narrow else SQL(""),
        among=AMONG if narrow else SQL(""),
    )


def _lookup(template: SQL, term: Term, scope: Scope) -> Composed:
    return template.format(text=_text(term, scope), number=numbered(term))


def _text(term: Term, scope: Scope) -> Composed:
    return SQL("{} and {}").format(condition(term), scope.of_text)


def _name(place: int) -> Identifier:
    return Identifier(f"term_{place}")
