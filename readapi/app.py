"""The query API: one HTTP route for each line of the table.

The routes are made from the table: the parameters are the fields of a query, the answer is what
its function returns. A refusal becomes a problem (RFC 9457) here.
"""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example

from domain.actors import Actor
from domain.errors import Forbidden, Invalid, NotFound, Refused
from domain.problems import PROBLEM_JSON, Problem, problem, problem_of
from eventstore.epochs import Epochs, PositionOutdated
from eventstore.errors import LogUnavailable
from eventstore.log import Log
from readapi import examples
from readapi.context import Asked, Context, Patience, Sources
from readapi.entries import Entry
from readapi.errors import Unavailable
from readapi.openapi import operation
from readapi.parameters import ParametersInvalid, fields_of, read
from readapi.positions import Positions
from readapi.search import Search
from readapi.table import TABLE
from readapi.views import Views

STATUS: Final[dict[type[Refused], int]] = {
    NotFound: 404,
    Forbidden: 403,
    PositionOutdated: 410,
    Invalid: 400,
}
"""The status of each kind of refusal."""

PROBLEMS: Final = {
    status: ResponseSpec(
        Problem, description=text, media_type=PROBLEM_JSON, generate_examples=False
    )
    for status, text in {
        400: "A parameter or header can not be accepted; `errors` names it.",
        401: "No valid bearer token.",
        403: "Your role may not do this.",
        404: "There is no such record, or not within what you may see.",
        410: "The log was restored since you got this position or cursor, and others stand there "
        "now: read anew without it.",
        503: "The views or the log did not answer in time; send the same request again.",
    }.items()
}

HEADERS: Final = {
    "X-Position": "Up to which position of the log the answer shows everything at least; after a "
    "restore with its epoch, `2-4711`.",
    "X-Stale-By": "How many positions the answer is behind `X-Min-Position`; only if it is.",
    "ETag": "The version of the one record that was found; send it as `If-Match` with a command.",
}


def routes(
    views: Views,
    log: Log,
    search: Search,
    positions: Positions,
    table: Sequence[Entry] = TABLE,
    *,
    epochs: Epochs | None = None,
) -> list[HTTPRouteHandler]:
    """Return the handlers of the query API, to be mounted below `/api/v1`."""
    sources = Sources(views, log, search, positions, epochs or Epochs())
    return [_route(entry, sources) for entry in table]


def _route(entry: Entry, sources: Sources) -> HTTPRouteHandler:
    async def handler(request: Request[Actor, Any, Any]) -> Response[bytes]:
        # Litestar's own keeps no order, and links shall look like what was asked.
        given = parse_qs(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
        asked = Asked(request.url.path, given, str(request.path_params.get("id", "")))
        ctx = None
        try:
            query = read(entry.query, given)
            ctx = Context(sources, request.user, asked, read(Patience, _patience(request)))
            return _answer(await entry.answer(query, ctx), ctx)
        except Refused as refused:
            return _refusal(refused, ctx)
        except (Unavailable, LogUnavailable) as error:
            return _problem(problem("Unavailable", 503, str(error)), {"Retry-After": "1"})

    answered = ResponseSpec(
        entry.content,
        description="The answer.",
        generate_examples=False,
        examples=[Example(value=examples.of(entry.content))],
    )
    return get(
        entry.path,
        opt={"may": entry.may},
        operation_id=entry.name.title().replace(" ", ""),
        operation_class=operation(entry.query, Patience, entry.named_by, HEADERS),
        summary=entry.name.capitalize(),
        description=f"{entry.promise}\n\nRoles: {', '.join(sorted(entry.may))}.",
        tags=[entry.path.split("/")[1].capitalize()],
        responses={200: answered, **PROBLEMS},
    )(handler)


def _patience(request: Request[Actor, Any, Any]) -> dict[str, list[str]]:
    return {
        name: [request.headers[name]] for name in fields_of(Patience) if name in request.headers
    }


def _answer(content: Any, ctx: Context) -> Response[bytes]:
    headers = _freshness(ctx)
    if (version := getattr(content, "version", None)) is not None:
        headers["ETag"] = f'"{version}"'
    return Response(msgspec.json.encode(content), headers=headers, media_type=MediaType.JSON)


def _refusal(refused: Refused, ctx: Context | None) -> Response[bytes]:
    status = next(status for kind, status in STATUS.items() if isinstance(refused, kind))
    content = problem_of(refused, status)
    if isinstance(refused, ParametersInvalid):
        content = problem(refused.code, status, str(refused), refused.errors)
    # What is not found may only not be shown yet.
    return _problem(content, _freshness(ctx))


def _freshness(ctx: Context | None) -> dict[str, str]:
    if ctx is None or ctx.position is None:
        return {}
    headers = {"X-Position": ctx.epochs.write(ctx.position)}
    if ctx.stale_by:
        headers["X-Stale-By"] = str(ctx.stale_by)
    return headers


def _problem(content: Problem, headers: dict[str, str]) -> Response[bytes]:
    return Response(
        msgspec.json.encode(content),
        status_code=content.status,
        headers=headers,
        media_type=PROBLEM_JSON,
    )
