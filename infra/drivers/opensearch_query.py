"""A query in the words of OpenSearch."""

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from infra.drivers.search_hits import CLOSE, OPEN
from infra.drivers.search_terms import Query, Term

Clause = dict[str, Any]

RESULT_LIMIT: Final = 10_000
"""`index.max_result_window`, as OpenSearch has it."""
NUMBER_SCORE: Final = 1000
BEGINNING_SCORE: Final = 100
TITLE_BOOST: Final = 20
TITLE_PART_BOOST: Final = 5
BODY_PART_BOOST: Final = 0.2


def query_body(
    query: Query,
    *,
    kinds: Collection[str],
    customer_ids: Collection[UUID] | None,
    include_internal: bool,
    include_deleted: bool,
    limit: int,
) -> Clause:
    """Return the search for documents that have all that is wanted and nothing excluded."""
    texts = ("body", "internal_body") if include_internal else ("body",)
    rights: list[Clause] = []
    if not include_deleted:
        rights.append({"term": {"deleted": False}})
    if kinds:
        rights.append({"terms": {"kind": list(kinds)}})
    if customer_ids is not None:
        rights.append({"terms": {"customer_id": [str(id) for id in customer_ids]}})
    return {
        "query": {
            "bool": {
                "filter": rights,
                "must": [_anywhere(term, texts) for term in query.wanted],
                "must_not": [_anywhere(term, texts) for term in query.excluded],
            }
        },
        "size": max(0, min(limit, RESULT_LIMIT)),
        "sort": ["_score", {"position": "desc"}],
        "track_scores": True,
        "track_total_hits": False,
    }


def highlight(include_internal: bool) -> Clause:
    """Return how the snippets of the hits are cut out."""
    texts = ("body", "internal_body") if include_internal else ("body",)
    variants = ("", ".english", ".words", ".reversed")
    return {
        "pre_tags": [OPEN],
        "post_tags": [CLOSE],
        "fragment_size": 160,
        "number_of_fragments": 1,
        "max_analyzer_offset": 20_000,
        "fields": {text + variant: {} for text in texts for variant in variants}
        | {"body": {"no_match_size": 160}},
    }


def _anywhere(term: Term, texts: Sequence[str]) -> Clause:
    ways = [_words(term, texts), _exactly("external_number", term.text)]
    if term.may_be_part:
        ways.append(_beginning("external_number", term.text))
        if term.text.isalnum():
            ways.append(_parts(term.text, texts))
    if number := term.number:
        tickets = [{"term": {"kind": "ticket"}}] if number.of_ticket else []
        named = [_exactly("number", number.digits)]
        if number.is_begun:
            named.append(_beginning("number", number.digits))
        ways += [{"bool": {"filter": tickets, "must": way}} for way in named]
    return {"dis_max": {"queries": ways}}


def _words(term: Term, texts: Sequence[str]) -> Clause:
    fields = [f"title^{TITLE_BOOST}", f"title.english^{TITLE_BOOST}"]
    fields += [text + variant for text in texts for variant in ("", ".english")]
    # A word such as `user@example.org` is a phrase as well, of its pieces.
    return {"multi_match": {"query": term.text, "type": "phrase", "fields": fields}}


def _parts(part: str, texts: Sequence[str]) -> Clause:
    boosts = {"title": TITLE_PART_BOOST, **dict.fromkeys(texts, BODY_PART_BOOST)}
    fields = [
        f"{text}.{variant}^{boost}"
        for text, boost in boosts.items()
        for variant in ("words", "reversed")
    ]
    fields.append("external_number.reversed")
    return {"multi_match": {"query": part, "type": "bool_prefix", "fields": fields}}


def _exactly(field: str, value: str) -> Clause:
    filtered = {"term": {field: value}}
    return {"constant_score": {"filter": filtered, "boost": NUMBER_SCORE}}


def _beginning(field: str, value: str) -> Clause:
    return {"prefix": {field: {"value": value.lower(), "boost": BEGINNING_SCORE}}}
