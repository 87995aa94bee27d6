"""The terms of a query in the words of Postgres: when they match, how well, and where."""

import re
from collections.abc import Sequence
from typing import Final, LiteralString

from psycopg.sql import SQL, Composable, Composed, Literal

from infra.drivers.search_terms import Number, Term

# A whole word in a title gives 0.61, any number of them in a body 0.4 at most.
TITLE_PART: Final = SQL("0.5")
BODY_PART: Final = SQL("0.05")
EXACTLY: Final = SQL("100")
BEGINNING: Final = SQL("10")

HYPHEN: Final = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
WILDCARD: Final = re.compile(r"([\\%_])")


def condition(term: Term) -> Composed:
    """Return the condition that a text has the term somewhere."""
    german, english = query_of(term, "german"), query_of(term, "english")
    ways = [
        SQL("german @@ {}").format(german),
        SQL("english @@ {}").format(english),
        *_parts("text", term),
    ]
    return SQL("({})").format(SQL(" or ").join(ways))


def numbered(term: Term) -> Composed:
    """Return the condition that a document is called by the term: here, or elsewhere."""
    ways: list[Composable] = [SQL("external_number ilike {}").format(_exactly(term.text))]
    ways += _parts("external_number", term)
    if term.number:
        ways.append(_numbered(term.number))
    return SQL("({})").format(SQL(" or ").join(ways))


def score(term: Term) -> Composed:
    """Return how well a matching text matches: one that is a title before the others."""
    german, english = query_of(term, "german"), query_of(term, "english")
    ranks: list[Composable] = [
        SQL("ts_rank(german, {})").format(german),
        SQL("ts_rank(english, {})").format(english),
        # Only a part of a word matches, unless a rank says better.
        SQL("case place when 0 then {} else {} end").format(TITLE_PART, BODY_PART),
    ]
    return SQL("greatest({})").format(SQL(", ").join(ranks))


def number_score(term: Term) -> Composed:
    """Return how much it says that a document is called by the term."""
    return SQL("{} + {} + {}").format(
        BODY_PART, _number_score(term.number), _external_score(term.text)
    )


def query_of(term: Term, language: str) -> Composed:
    """Return the full-text query of a term; its words must stand in this order."""
    # Postgres keeps a compound with hyphens beside its parts; the parts alone will do.
    words = Literal(HYPHEN.sub(" ", term.text))
    return SQL("phraseto_tsquery({}, {})").format(Literal(language), words)


def whereabouts(terms: Sequence[Term]) -> Literal:
    """Return a regular expression for where a text may have the terms, whatever their endings."""
    beginnings = [term.text[: max(4, len(term.text) - 2)] for term in terms]
    return Literal("|".join(re.sub(r"\W", ".", beginning) for beginning in beginnings))


def _parts(column: LiteralString, term: Term) -> list[Composed]:
    template = SQL(column + " ilike {}")
    spellings = term.spellings if term.may_be_part else ()
    return [template.format(Literal(f"%{_plain(spelling)}%")) for spelling in spellings]


def _numbered(number: Number) -> Composed:
    of_ticket = SQL("kind = 'ticket' and ") if number.of_ticket else SQL("")
    pattern = f"{number.digits}%" if number.is_begun else number.digits
    return SQL("({}number like {})").format(of_ticket, Literal(pattern))


def _number_score(number: Number | None) -> Composable:
    if number is None:
        return SQL("0")
    template = SQL("case when {} then case number when {} then {} else {} end else 0 end")
    return template.format(_numbered(number), Literal(number.digits), EXACTLY, BEGINNING)


def _external_score(text: str) -> Composed:
    template = SQL(
        "case when external_number ilike {} then {}"
        " when external_number ilike {} then {} else 0 end"
    )
    beginning = Literal(f"{_plain(text)}%")
    return template.format(_exactly(text), EXACTLY, beginning, BEGINNING)


def _exactly(text: str) -> Literal:
    return Literal(_plain(text))


def _plain(text: str) -> str:
    return WILDCARD.sub(r"\\\1", text)
