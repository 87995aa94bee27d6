"""The routes of the command API, made from the table.

The path fills the command's target, the body its other fields: a command is described once.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from litestar import HttpMethod, Request, Response, post, route
from litestar.exceptions import ValidationException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Body
from litestar.types import AnyCallable

from commands.api.problems import FAULTS, PROBLEMS
from commands.api.replies import operation
from commands.api.runner import CommandResult, Runner, TypedCommand, command_id
from commands.api.signatures import show
from commands.context import Caller, Command
from commands.dispatch import Accepted, Dispatcher, Entry
from commands.strangers import require_known
from domain.actors import EVERYONE, Actor
from eventstore.answers import Answers
from eventstore.epochs import Epochs

BATCH_LIMIT = 500

Commands = Annotated[list[TypedCommand], Body(min_items=1, max_items=BATCH_LIMIT)]


def handlers(
    table: Sequence[Entry],
    dispatcher: Dispatcher,
    answers: Answers,
    epochs: Epochs | None = None,
) -> list[HTTPRouteHandler]:
    """Return the handlers of the command API, to be mounted below `/api/v1`.

    `epochs` is what the connections of the dispatcher's log and appender told of restores.
    """
    runner = Runner(dispatcher, answers, epochs or Epochs())
    return [*(_route(entry, runner) for entry in table), _list_route(table, runner)]


def _route(entry: Entry, runner: Runner) -> HTTPRouteHandler:
    """Return the route of one line of the table."""
    method, _, path = entry.route.partition(" ")
    status = 200 if entry.target else 201
    accepted = ResponseSpec(Accepted, generate_examples=False, description="Accepted.")
    return route(
        path.replace("{id}", "{id:uuid}"),
        http_method=[HttpMethod(method)],
        status_code=status,
        operation_id=entry.command.__name__,
        operation_class=operation(created=not entry.target),
        summary=_words(entry.command.__name__),
        description=f"{entry.command.__doc__}\n\nRoles: {', '.join(sorted(entry.may))}.",
        tags=[path.split("/")[1].capitalize()],
        opt={"may": entry.may},
        exception_handlers=FAULTS,
        responses={status: accepted, **PROBLEMS},
    )(_handler(entry, method, path, runner))


def _handler(entry: Entry, method: str, path: str, runner: Runner) -> AnyCallable:
    """Return what answers a request; all that the table says is looked up before the first one."""
    command, target = entry.command, entry.target
    fields = [f for f in msgspec.structs.fields(command) if f.name != target]
    sent_apart = [f.name for f in fields] if method == "DELETE" else []
    created = "" if target else f"/api/v1{path}"

    async def handler(request: Request[Actor, Any, Any], **given: Any) -> Response[bytes]:
        body = given.get("data")
        if body is not None:
            _require_known(command, await request.body())
        values = {} if body is None else msgspec.structs.asdict(body)
        for name in sent_apart:
            values[name] = given[name]
        if target:
            values[target] = given["id"]
        return await runner.respond(command(**values), _caller(request, given), created=created)

    show(handler, entry, method, fields)
    return handler


def _require_known(command: type[Command], sent: bytes) -> None:
    try:
        require_known(command, sent)
    except msgspec.ValidationError as error:
        # As Litestar refuses what it reads itself.
        raise ValidationException(extra=[{"key": "data", "message": str(error)}]) from error


def _caller(request: Request[Actor, Any, Any], given: Mapping[str, Any]) -> Caller:
    key: str | None = given["idempotency_key"]
    return Caller(
        actor=request.user,
        command_id=command_id(request.user, key),
        correlation_id=given["correlation_id"],
        causation_id=given["causation_id"],
        expected_version=_version(given["if_match"]),
        fresh=key is None,
    )


def _list_route(table: Sequence[Entry], runner: Runner) -> HTTPRouteHandler:
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


def _version(if_match: str | None) -> int | None:
    if if_match is None or if_match == "*":
        return None
    return int(if_match.removeprefix("W/").strip('"'))


def _words(name: str) -> str:
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip().capitalize()
