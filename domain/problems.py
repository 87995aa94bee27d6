"""A refusal as the outside reads it (RFC 9457, problem details)."""

from dataclasses import dataclass

from domain.errors import Refused

PROBLEM_JSON = "application/problem+json"
"""The media type of a problem (RFC 9457 §3)."""


@dataclass(frozen=True)
class FieldProblem:
    """What is wrong with one field of the input."""

    field: str
    """Dotted path into the body, or the name of a parameter or header."""
    message: str


@dataclass(frozen=True)
class Problem:
    """Why a request was not carried out, and what to change."""

    type: str
    """Stable name of the problem, e.g. `urn:psa:problem:TicketDeleted`."""
    title: str
    status: int
    detail: str
    errors: tuple[FieldProblem, ...] = ()


def problem_of(refused: Refused, status: int) -> Problem:
    """Return the problem that a refusal is, under the status it is answered with."""
    field = refused.facts.get("name") or refused.field
    errors = (FieldProblem(field, str(refused)),) if field else ()
    return problem(refused.code, status, str(refused), errors)


def problem(code: str, status: int, detail: str, errors: tuple[FieldProblem, ...] = ()) -> Problem:
    """Return a problem; the title is the code in words, as RFC 9457 §3.1.3 wants it."""
    words = "".join(f" {c.lower()}" if c.isupper() else c for c in code).strip()
    return Problem(f"urn:psa:problem:{code}", words.capitalize(), status, detail, errors)
