"""From a command to its events in the log: who may, decide, append, and try again if raced."""

import hashlib
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec

from commands.context import Caller, Command, Context, History, Records
from domain.actors import Role
from domain.errors import Invalid, Refused
from eventstore import mapper
from eventstore.errors import VersionConflict
from eventstore.log import PAGE
from eventstore.records import Append, Appended, Metadata, Recorded

ATTEMPTS = 20
"""How often a raced command is decided anew before its caller hears of the conflict."""

Handler = Callable[[Any, Context], Awaitable[None]]

_NUL = b"\\u0000"


class CharacterUnstorable(Invalid):
    """`{name}` holds the character U+0000, which no view can store."""


class Entry(msgspec.Struct, frozen=True):
    """One line of the command table."""

    command: type[Command]
    handler: Handler
    route: str
    """Method and path below `/api/v1`, e.g. `POST /tickets/{id}/close`."""
    may: Collection[Role]
    """The roles that may ask for it."""

    def __post_init__(self) -> None:
        """Raise TypeError unless the id in the path fills a field that says whose id it is."""
        # Said here, before anybody sends the command with the field that it should have had.
        if "{id}" in self.route and not self.target.endswith("_id"):
            msg = (
                f"{self.command.__name__} has to begin with the id of its record, e.g. `ticket_id`:"
                f" the id in {self.route!r} fills its first field."
            )
            raise TypeError(msg)

    @property
    def target(self) -> str:
        """The field that the path's `{id}` fills: the command's first; empty for a new record."""
        return next(iter(self.command.__struct_fields__), "") if "{id}" in self.route else ""


class Accepted(msgspec.Struct, frozen=True):
    """The answer to an accepted command."""

    id: UUID
    """The record that the command is about."""
    version: int
    """Its version now; send it as `If-Match` to decide on what you have seen."""
    position: int
    """Place in the log."""
    min_position: str = ""
    """The same, to be sent as `X-Min-Position`: the query waits until it shows this command."""


class Log(History, Protocol):
    """What the dispatcher needs to read."""

    async def command(self, command_id: UUID, request_hash: bytes | None = None) -> Appended | None:
        """Return where an earlier command stands, or None; raises `CommandIdReused`."""
        ...

    async def read_all(self, after: int, limit: int) -> list[Recorded]:
        """Return events by position."""
        ...


class Appender(Protocol):
    """What writes to the log."""

    async def append(self, append: Append) -> Appended:
        """Append all events of one command; raises `VersionConflict` or `CommandIdReused`."""
        ...


class Dispatcher:
    """Runs commands: the one place where roles, retries and repetition are settled."""

    def __init__(
        self,
        table: Collection[Entry],
        log: Log,
        appender: Appender,
        clock: Callable[[], datetime],
        records: Records | None = None,
    ) -> None:
        """Find records in `records`, by default by reading all of their history in `log`."""
        self._entries = {entry.command: entry for entry in table}
        self._log = log
        self._appender = appender
        self._clock = clock
        self._records = records

    async def dispatch(self, command: Command, caller: Caller) -> Accepted:
        """Carry out one command; a repeated one is answered as it was the first time.

        Raises what the domain refuses, `VersionConflict` when it is raced again and again, and
        `CommandIdReused` when another request had the same id.
        """
        entry = self._entries[type(command)]
        caller.actor.require(entry.may)
        request = _hash(command)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._attempt(entry, command, caller, request)
            except VersionConflict:
                if attempt == ATTEMPTS:
                    raise
                # Somebody was faster: decide anew on what is there now.
            except Refused:
                # It may be what the same command did before that refuses it now.
                if (earlier := await self._earlier(caller, request)) is not None:
                    return earlier
                raise
        raise AssertionError  # the last attempt returns or raises

    async def _attempt(
        self, entry: Entry, command: Command, caller: Caller, request: bytes
    ) -> Accepted:
        context = Context(self._log, caller, self._clock, self._records)
        await entry.handler(command, context)
        await context.reserve()
        target = context.target
        events = [mapper.encode(event) for event in context.collect()]
        if not events:
            earlier = await self._earlier(caller, request)
            return earlier or Accepted(target.id, target.version, context.position)
        appended = await self._appender.append(
            Append(
                command_id=caller.command_id,
                request_hash=request,
                metadata=_metadata(caller),
                events=events,
            )
        )
        if appended.repeated:
            return await self._answer(appended)
        return Accepted(target.id, target.version, appended.last_position)

    async def _earlier(self, caller: Caller, request: bytes) -> Accepted | None:
        """Return the answer of an earlier time; asked only where no append would tell."""
        if caller.fresh:
            return None
        appended = await self._log.command(caller.command_id, request)
        return None if appended is None else await self._answer(appended)

    async def _answer(self, appended: Appended) -> Accepted:
        """Return the answer that the command got when it was accepted."""
        after, last = appended.first_position - 1, appended.last_position
        events = await self._log.read_all(after, min(PAGE, last - after))
        target, version = events[0].stream_id, events[0].version
        # A command may have led to thousands of events.
        while events:
            version = max([version, *(e.version for e in events if e.stream_id == target)])
            after += len(events)
            events = await self._log.read_all(after, min(PAGE, last - after))
        return Accepted(target, version, last)


def _metadata(caller: Caller) -> bytes:
    return msgspec.json.encode(
        Metadata(
            command_id=caller.command_id,
            actor=caller.actor.id,
            correlation_id=caller.correlation_id or caller.command_id,
            causation_id=caller.causation_id,
            source=caller.source,
        )
    )


def _hash(command: Command) -> bytes:
    named = msgspec.json.encode((type(command).__name__, command))
    if _NUL in named:
        _require_storable("", msgspec.to_builtins(command))
    return hashlib.sha256(named).digest()


def _require_storable(name: str, value: Any) -> None:
    """Raise `CharacterUnstorable` for the first text with a NUL in it."""
    match value:
        case str() if "\0" in value:
            raise CharacterUnstorable(name=name)
        case dict():
            for key, item in value.items():
                _require_storable(f"{name}.{key}" if name else str(key), item)
        case list() | tuple():
            for item in value:
                _require_storable(name, item)
