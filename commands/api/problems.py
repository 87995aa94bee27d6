"""What a request hears that was not carried out: a refusal or a fault as a problem (RFC 9457)."""

from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import ExceptionHandlersMap
from psycopg import OperationalError

from commands.context import VersionMismatch
from domain.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from domain.problems import PROBLEM_JSON, Problem, problem, problem_of
from eventstore.errors import CommandIdReused, LogUnavailable

log = structlog.get_logger()

STATUS: dict[type[Refused], int] = {
    VersionMismatch: 412,
    CommandIdReused: 422,
    NotFound: 404,
    Forbidden: 403,
    Invalid: 422,
    Conflict: 409,
}
"""The status of each kind of refusal; the first line that fits decides.

The queries have a table of their own: there `Invalid` is 400, for a query is nothing but its
parameters, while a command's body was understood before a value in it was refused.
"""

PROBLEMS = {
    status: ResponseSpec(
        Problem, generate_examples=False, description=text, media_type=PROBLEM_JSON
    )
    for status, text in {
        400: "The request does not fit its description; `errors` names the fields.",
        401: "No valid bearer token.",
        403: "Your role may not do this.",
        404: "There is no such record.",
        409: "The record is not in a state that allows this.",
        412: "The record has changed since the version in `If-Match`.",
        422: "A value can not be accepted; `errors` names the field.",
        503: "The log did not answer in time. With an `Idempotency-Key` send the same request "
        "again; without one look first whether it was done.",
    }.items()
}


def status_of(refused: Refused) -> int:
    """Return the HTTP status of a refusal."""
    return next(status for kind, status in STATUS.items() if isinstance(refused, kind))


def refusal(refused: Refused) -> Response[bytes]:
    """Return a refusal as it is answered."""
    status = status_of(refused)
    content = msgspec.json.encode(problem_of(refused, status))
    return Response(content, status_code=status, media_type=PROBLEM_JSON)


def unavailable_problem(error: Exception) -> Problem:
    """Return what a caller hears when the log is away, and log why."""
    # The kind only: a driver's message may carry an address.
    log.warning("log_unavailable", error=type(error.__cause__ or error).__name__)
    return problem("LogUnavailable", 503, str(LogUnavailable()))


def _unavailable(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    return Response(
        msgspec.json.encode(unavailable_problem(error)),
        status_code=503,
        headers={"Retry-After": "1"},
        media_type=PROBLEM_JSON,
    )


def _unreadable(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    content = problem("BodyUnreadable", 400, f"The body can not be read as JSON: {error}.")
    return Response(msgspec.json.encode(content), status_code=400, media_type=PROBLEM_JSON)


FAULTS: ExceptionHandlersMap = {
    LogUnavailable: _unavailable,
    OperationalError: _unavailable,
    # Litestar takes these two for faults of ours: no UTF-8, or brackets without end.
    UnicodeDecodeError: _unreadable,
    RecursionError: _unreadable,
}
"""What a request hears when Postgres is away, or when its body is no text."""
