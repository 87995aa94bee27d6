"""The command API: one HTTP route for each line of the command table, and one for lists.

The routes are made from the table: the path fills the command's target, the body its other
fields, so that a command is described once. A refusal becomes a problem (RFC 9457) here.
"""

import hashlib
import inspect
from collections.abc import Sequence
from typing import Annotated, Any, Literal, get_args
from uuid import UUID, uuid4, uuid5

import msgspec
import structlog
from litestar import HttpMethod, MediaType, Request, Response, post, route
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Body, HeaderParameter, PathParameter, QueryParameter
from litestar.types import ExceptionHandlersMap
from msgspec import Meta
from msgspec.structs import FieldInfo
from psycopg import OperationalError

from commands.context import Caller, Command, VersionMismatch
from commands.dispatch import Accepted, Dispatcher, Entry
from commands.fields import field_of
from domain.actors import EVERYONE, Actor
from domain.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from domain.problems import PROBLEM_JSON, Problem, problem, problem_of
from eventstore.answers import Answer, Answers
from eventstore.errors import CommandIdReused, LogUnavailable, VersionConflict

log = structlog.get_logger()

BATCH_LIMIT = 500

STATUS: dict[type[Refused], int] = {
    VersionMismatch: 412,
    CommandIdReused: 422,
    NotFound: 404,
    Forbidden: 403,
    Invalid: 422,
    Conflict: 409,
}
"""The status of each kind of refusal; the first line that fits decides."""

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

_KEYS = UUID("0f6f4b0e-95f2-5a53-8b0b-6d9f4d2f7c11")

IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="Makes a repeated request harmless: within 24 hours it gets the same answer.",
    ),
]
IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match",
        max_length=40,
        pattern=r'^(\*|(W/)?"[0-9]{1,18}")$',
        description='The version you have seen, e.g. `"5"`; 412 when there is another one by now.',
    ),
]
CorrelationId = Annotated[
    UUID | None,
    HeaderParameter(name="X-Correlation-Id", description="Joins the commands of one process."),
]
CausationId = Annotated[
    UUID | None,
    HeaderParameter(name="X-Causation-Id", description="The event that led to this command."),
]


class TypedCommand(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One command in a list."""

    type: str
    """The command's name, e.g. `CloseTicket`."""
    data: dict[str, Any]
    """Its fields, those of the route's body and the target's id."""
    command_id: UUID | None = None
    """Makes a repeated command harmless."""
    expected_version: Annotated[int, Meta(ge=1)] | None = None
    correlation_id: UUID | None = None
    causation_id: UUID | None = None


Commands = Annotated[list[TypedCommand], Body(min_items=1, max_items=BATCH_LIMIT)]


class CommandResult(msgspec.Struct):
    """What became of one command in a list, in the order of the list."""

    status: Literal["accepted", "refused", "unavailable"]
    """`unavailable`: nobody can say whether it was done; ask again under the same `command_id`."""
    accepted: Accepted | None = None
    problem: Problem | None = None


class UnknownCommand(Invalid):
    """There is no command {type!r}."""

    field = "type"


class CommandMalformed(Invalid):
    """The command does not fit: {reason}"""  # noqa: D400, D415 - the reason brings its full stop


def routes(
    table: Sequence[Entry], dispatcher: Dispatcher, answers: Answers
) -> list[HTTPRouteHandler]:
    """Return the handlers of the command API, to be mounted below `/api/v1`."""
    runner = _Runner(dispatcher, answers)
    return [*(_route(entry, runner) for entry in table), _list_route(table, runner)]


class _Runner:
    """Turns requests into dispatched commands and their answers into responses."""

    def __init__(self, dispatcher: Dispatcher, answers: Answers) -> None:
        self._dispatcher = dispatcher
        self._answers = answers

    async def respond(
        self, command: Command, caller: Caller, *, created: str = ""
    ) -> Response[bytes]:
        """Carry out a command; the answer of a repeated request is the one it got first."""
        request_hash = hashlib.sha256(
            msgspec.json.encode((type(command).__name__, command, caller.expected_version))
        ).digest()
        if not caller.fresh and (known := await self._answers.find(caller.command_id)):
            if known.request_hash != request_hash:
                return _refusal(CommandIdReused(command_id=caller.command_id))
            return _replay(known)
        try:
            accepted = await self._dispatcher.dispatch(command, caller)
        except (CommandIdReused, VersionConflict) as refused:
            # Not kept: the id's answer belongs to another request, and a race may end well.
            return _refusal(refused)
        except Refused as refused:
            response = _refusal(refused)
        else:
            response = _acceptance(accepted, created)
        if not caller.fresh:
            headers = msgspec.json.encode({"content-type": response.media_type, **response.headers})
            answer = Answer(request_hash, response.status_code or 200, headers, response.content)
            await self._answers.keep(caller.command_id, answer)
        return response

    async def result(
        self, item: TypedCommand, kinds: dict[str, type[Command]], actor: Actor
    ) -> CommandResult:
        """Carry out one command of a list."""
        try:
            command = _typed(item, kinds)
            caller = Caller(
                actor=actor,
                command_id=_command_id(actor, item.command_id),
                correlation_id=item.correlation_id,
                causation_id=item.causation_id,
                expected_version=item.expected_version,
                fresh=item.command_id is None,
            )
            return CommandResult("accepted", await self._dispatcher.dispatch(command, caller))
        except Refused as refused:
            return CommandResult("refused", problem=problem_of(refused, status_of(refused)))
        except (LogUnavailable, OperationalError) as error:
            # The answers of the commands before this one must not get lost with it.
            return CommandResult("unavailable", problem=_unavailable_problem(error))


def status_of(refused: Refused) -> int:
    """Return the HTTP status of a refusal."""
    return next(status for kind, status in STATUS.items() if isinstance(refused, kind))


def _route(entry: Entry, runner: _Runner) -> HTTPRouteHandler:
    """Return the handler of one line of the table."""
    method, _, path = entry.route.partition(" ")
    created = "" if entry.target else f"/api/v1{path}"
    fields = [f for f in msgspec.structs.fields(entry.command) if f.name != entry.target]

    async def handler(request: Request[Actor, Any, Any], **given: Any) -> Response[bytes]:
        sent = given.get("data") or msgspec.UNSET
        values = {f.name: getattr(sent, f.name) for f in fields if hasattr(sent, f.name)}
        values |= {f.name: given[f.name] for f in fields if f.name in given}
        if entry.target:
            values[entry.target] = given["id"]
        key: str | None = given["idempotency_key"]
        caller = Caller(
            actor=request.user,
            command_id=_command_id(request.user, key),
            correlation_id=given["correlation_id"],
            causation_id=given["causation_id"],
            expected_version=_version(given["if_match"]),
            fresh=key is None,
        )
        return await runner.respond(entry.command(**values), caller, created=created)

    # Litestar reads the parameters off the signature: each route shows just those it has.
    _show(handler, [*_path(entry), *_input(entry, method, fields), *_HEADERS])
    status = 200 if entry.target else 201
    return route(
        path.replace("{id}", "{id:uuid}"),
        http_method=[HttpMethod(method)],
        status_code=status,
        operation_id=entry.command.__name__,
        summary=_words(entry.command.__name__),
        description=f"{entry.command.__doc__}\n\nRoles: {', '.join(sorted(entry.may))}.",
        tags=[path.split("/")[1].capitalize()],
        opt={"may": entry.may},
        exception_handlers=FAULTS,
        responses={
            status: ResponseSpec(Accepted, generate_examples=False, description="Accepted."),
            **PROBLEMS,
        },
    )(handler)


def _list_route(table: Sequence[Entry], runner: _Runner) -> HTTPRouteHandler:
    kinds = {entry.command.__name__: entry.command for entry in table}

    async def run_commands(
        request: Request[Actor, Any, Any], data: Commands
    ) -> list[CommandResult]:
        """Carry out up to 500 commands, one after the other; each is answered for itself."""
        return [await runner.result(item, kinds, request.user) for item in data]

    return post(
        "/commands",
        status_code=200,
        operation_id="RunCommands",
        summary="Run commands",
        tags=["Commands"],
        opt={"may": EVERYONE},  # the dispatcher asks again for each command
        exception_handlers=FAULTS,
        responses=PROBLEMS,
    )(run_commands)


def _path(entry: Entry) -> list[inspect.Parameter]:
    return [_parameter("id", Annotated[UUID, PathParameter()])] if entry.target else []


def _input(entry: Entry, method: str, fields: Sequence[FieldInfo]) -> list[inspect.Parameter]:
    """Return where the command's other fields come from: the body, for DELETE the query."""
    if not fields:
        return []
    if method == "DELETE":  # RFC 9110 §9.3.5: content of a DELETE has no defined meaning
        return [_query(f) for f in fields]
    body = msgspec.defstruct(
        f"{entry.command.__name__}Body",
        [_field(f) for f in fields],
        kw_only=True,
        forbid_unknown_fields=True,
    )
    if any(f.required for f in fields):
        return [_parameter("data", Annotated[body, Body()])]
    return [_parameter("data", Annotated[body | None, Body()], None)]


def _query(f: FieldInfo) -> inspect.Parameter:
    # Litestar reads limits off its own marker only.
    kind, *metas = get_args(f.type) or (f.type,)
    limits = {
        name: getattr(meta, name)
        for meta in metas
        for name in ("min_length", "max_length", "pattern")
        if getattr(meta, name, None) is not None
    }
    return _parameter(f.name, Annotated[kind, QueryParameter(**limits)], f.default)


def _field(f: FieldInfo) -> tuple[str, Any] | tuple[str, Any, Any]:
    if f.required:
        return f.name, f.type
    if f.default_factory is not msgspec.NODEFAULT:
        return f.name, f.type, msgspec.field(default_factory=f.default_factory)
    return f.name, f.type, f.default


def _parameter(name: str, kind: Any, default: Any = msgspec.NODEFAULT) -> inspect.Parameter:
    absent = default is msgspec.NODEFAULT
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        annotation=kind,
        default=inspect.Parameter.empty if absent else default,
    )


_HEADERS = [
    _parameter("idempotency_key", IdempotencyKey, None),
    _parameter("if_match", IfMatch, None),
    _parameter("correlation_id", CorrelationId, None),
    _parameter("causation_id", CausationId, None),
]


def _show(handler: Any, parameters: Sequence[inspect.Parameter]) -> None:
    request = _parameter("request", Request[Actor, Any, Any])
    signature = inspect.Signature([request, *parameters], return_annotation=Response[bytes])
    handler.__signature__ = signature
    handler.__annotations__ = {p.name: p.annotation for p in signature.parameters.values()} | {
        "return": signature.return_annotation
    }


def _command_id(actor: Actor, key: str | UUID | None) -> UUID:
    # Two callers may draw the same key: it counts within one caller only.
    return uuid4() if key is None else uuid5(_KEYS, f"{actor.id}\0{key}")


def _version(if_match: str | None) -> int | None:
    if if_match is None or if_match == "*":
        return None
    return int(if_match.removeprefix("W/").strip('"'))


def _typed(item: TypedCommand, kinds: dict[str, type[Command]]) -> Command:
    kind = kinds.get(item.type)
    if kind is None:
        raise UnknownCommand(type=item.type)
    try:
        return msgspec.convert(item.data, kind)
    except msgspec.ValidationError as error:
        raise CommandMalformed(reason=f"{error}.", name=field_of(str(error))) from error


def _acceptance(accepted: Accepted, created: str) -> Response[bytes]:
    headers = {"ETag": f'"{accepted.version}"', "X-Position": str(accepted.position)}
    if created:
        headers["Location"] = f"{created}/{accepted.id}"
    return Response(
        msgspec.json.encode(accepted),
        status_code=201 if created else 200,
        headers=headers,
        media_type=MediaType.JSON,
    )


def _refusal(refused: Refused) -> Response[bytes]:
    status = status_of(refused)
    content = msgspec.json.encode(problem_of(refused, status))
    return Response(content, status_code=status, media_type=PROBLEM_JSON)


def _unavailable_problem(error: Exception) -> Problem:
    # The kind only: a driver's message may carry an address.
    log.warning("log_unavailable", error=type(error.__cause__ or error).__name__)
    return problem("LogUnavailable", 503, str(LogUnavailable()))


def _unavailable(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    return Response(
        msgspec.json.encode(_unavailable_problem(error)),
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


def _replay(answer: Answer) -> Response[bytes]:
    headers: dict[str, str] = msgspec.json.decode(answer.headers)
    media_type = headers.pop("content-type")
    headers["Idempotency-Replayed"] = "true"
    return Response(answer.body, status_code=answer.status, headers=headers, media_type=media_type)


def _words(name: str) -> str:
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip().capitalize()
