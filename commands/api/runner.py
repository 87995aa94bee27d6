"""From a request or a list to dispatched commands and their answers."""

import hashlib
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4, uuid5

import msgspec
from litestar import Response
from msgspec import Meta
from psycopg import OperationalError

from commands.api.problems import refusal, status_of, unavailable_problem
from commands.api.replies import acceptance, kept, replay
from commands.context import Caller, Command
from commands.dispatch import Accepted, Dispatcher
from commands.fields import field_of
from commands.strangers import require_known
from domain.actors import Actor
from domain.errors import Invalid, Refused
from domain.problems import Problem, problem_of
from eventstore.answers import Answers
from eventstore.epochs import Epochs
from eventstore.errors import CommandIdReused, LogUnavailable, VersionConflict

_KEYS = UUID("0f6f4b0e-95f2-5a53-8b0b-6d9f4d2f7c11")


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


class Runner:
    """Turns requests into dispatched commands and their answers into responses."""

    def __init__(self, dispatcher: Dispatcher, answers: Answers, epochs: Epochs) -> None:
        self._dispatcher = dispatcher
        self._answers = answers
        self._epochs = epochs

    async def respond(
        self, command: Command, caller: Caller, *, created: str = ""
    ) -> Response[bytes]:
        """Carry out a command; the answer of a repeated request is the one it got first."""
        try:
            if caller.fresh:
                return await self._carry_out(command, caller, created)
            return await self._carry_out_once(command, caller, created)
        except (CommandIdReused, VersionConflict) as refused:
            # Never kept: the id's answer belongs to another request, and a race may end well.
            return refusal(refused)

    async def _carry_out_once(
        self, command: Command, caller: Caller, created: str
    ) -> Response[bytes]:
        request = _hash(command, caller.expected_version)
        known = await self._answers.find(caller.command_id)
        if known is None:
            response = await self._carry_out(command, caller, created)
            await self._answers.keep(caller.command_id, kept(request, response))
            return response
        if known.request_hash != request:
            raise CommandIdReused(command_id=caller.command_id)
        return replay(known)

    async def _carry_out(self, command: Command, caller: Caller, created: str) -> Response[bytes]:
        try:
            return acceptance(await self._accepted(command, caller), created)
        except (CommandIdReused, VersionConflict):
            raise
        except Refused as refused:
            return refusal(refused)

    async def _accepted(self, command: Command, caller: Caller) -> Accepted:
        accepted = await self._dispatcher.dispatch(command, caller)
        told = self._epochs.write(accepted.position)
        return msgspec.structs.replace(accepted, min_position=told)

    async def result(
        self, item: TypedCommand, kinds: dict[str, type[Command]], actor: Actor
    ) -> CommandResult:
        """Carry out one command of a list."""
        try:
            command = _typed(item, kinds)
            caller = Caller(
                actor=actor,
                command_id=command_id(actor, item.command_id),
                correlation_id=item.correlation_id,
                causation_id=item.causation_id,
                expected_version=item.expected_version,
                fresh=item.command_id is None,
            )
            return CommandResult("accepted", await self._accepted(command, caller))
        except Refused as refused:
            return CommandResult("refused", problem=problem_of(refused, status_of(refused)))
        except (LogUnavailable, OperationalError) as error:
            # The answers of the commands before this one must not get lost with it.
            return CommandResult("unavailable", problem=unavailable_problem(error))


def command_id(actor: Actor, key: str | UUID | None) -> UUID:
    """Return the id of a command: a fresh one, or the one that this caller's key always has."""
    # Two callers may draw the same key: it counts within one caller only.
    return uuid4() if key is None else uuid5(_KEYS, f"{actor.id}\0{key}")


def _hash(command: Command, expected_version: int | None) -> bytes:
    request = (type(command).__name__, command, expected_version)
    return hashlib.sha256(msgspec.json.encode(request)).digest()


def _typed(item: TypedCommand, kinds: dict[str, type[Command]]) -> Command:
    kind = kinds.get(item.type)
    if kind is None:
        raise UnknownCommand(type=item.type)
    try:
        command = msgspec.convert(item.data, kind)
        require_known(kind, item.data)
    except msgspec.ValidationError as error:
        raise CommandMalformed(reason=f"{error}.", name=field_of(str(error))) from error
    return command
