"""Where events are encrypted on their way into the log, and opened on their way out.

Keys are kept in memory for a short while. Who destroys one need not know of the processes that hold
it: `WRITERS_SECONDS` after an erasure was ordered nobody encrypts with it any more, and
`READERS_SECONDS` after it was destroyed nobody opens with it.
"""

import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Final, NamedTuple, Protocol

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.errors import Conflict
from eventstore.personal.keys import KeysUnavailable
from eventstore.personal.parts import (
    Part,
    decrypted,
    encrypted,
    in_plain,
    key_of,
    parts_of,
    with_parts,
)
from eventstore.records import Append, KeyName, NewEvent, Recorded

TRUSTED_SECONDS: Final = 5.0
"""How long a key that was asked for is used for what is new."""
WRITERS_SECONDS: Final = 30.0
"""How long until nobody appends with a key any more: it is trusted, and the log may be lost for a
while before an append is given up."""
READERS_SECONDS: Final = 60.0
"""How long a key is kept to open what is stored."""
MAX_KEYS: Final = 50_000
"""How many keys are kept; one costs about half a KB."""

Outcome = Append | Exception


class PersonErased(Conflict):
    """The person {subject} was erased: nothing new is written about them; name another one."""


class Keys(Protocol):
    """Where keys come from."""

    async def find(self, names: Collection[KeyName]) -> dict[KeyName, AESGCM | None]:
        """Return the keys that open what is stored: None where a key was destroyed."""
        ...

    async def provide(self, names: Collection[KeyName]) -> dict[KeyName, AESGCM | None]:
        """Return the keys that new facts are encrypted with; None where the person is erased."""
        ...


class _Held(NamedTuple):
    key: AESGCM | None
    since: float


class Vault:
    """Encrypts and opens, with the keys of one key store."""

    def __init__(self, keys: Keys, clock: Callable[[], float] = time.monotonic) -> None:
        self._keys = keys
        self._clock = clock
        self._for_writing: dict[KeyName, _Held] = {}
        self._for_reading: dict[KeyName, _Held] = {}

    async def protect(self, appends: Sequence[Append]) -> list[Outcome]:
        """Return the commands as they are stored, or what refuses one of them.

        That is `PersonErased` for a person about whom nothing may be written any more, and
        `KeysUnavailable` for all that tell of anybody while the key store is away.
        """
        names = {
            told.key for append in appends for event in append.events for told in event.personal
        }
        if not names:
            return list(appends)
        try:
            keys = await self._held(self._for_writing, names, TRUSTED_SECONDS, self._keys.provide)
        except KeysUnavailable as error:
            return [error if _tells_of_anybody(append) else append for append in appends]
        return [_protected(append, keys) for append in appends]

    async def open(self, events: list[Recorded]) -> list[Recorded]:
        """Return events with their encrypted parts in plain text, or as what is erased.

        An event that was altered in the log stays closed: whoever decodes it is told. Raises
        `KeysUnavailable`.
        """
        parts = [_parts(event) for event in events]
        names = {
            key_of(part, event.stream_id)
            for event, own in zip(events, parts, strict=True)
            for part in own
        }
        keys = await self._held(self._for_reading, names, READERS_SECONDS, self._keys.find)
        return [_opened(event, own, keys) for event, own in zip(events, parts, strict=True)]

    async def _held(
        self,
        held: dict[KeyName, _Held],
        names: Collection[KeyName],
        seconds: float,
        ask: Callable[[Collection[KeyName]], Awaitable[dict[KeyName, AESGCM | None]]],
    ) -> dict[KeyName, AESGCM | None]:
        now = self._clock()
        # Taken out before anything is waited for: others may make room meanwhile.
        keys = {n: held[n].key for n in names if n in held and now - held[n].since < seconds}
        if wanted := [name for name in names if name not in keys]:
            asked = await ask(wanted)
            if len(held) + len(asked) > MAX_KEYS:
                held.clear()
            held.update((name, _Held(key, now)) for name, key in asked.items())
            keys |= asked
        return keys


def _tells_of_anybody(append: Append) -> bool:
    return any(event.personal for event in append.events)


def _protected(append: Append, keys: dict[KeyName, AESGCM | None]) -> Outcome:
    if not _tells_of_anybody(append):
        return append
    try:
        events = [_encrypted(event, keys) for event in append.events]
    except PersonErased as refused:
        return refused
    return msgspec.structs.replace(append, events=events)


def _encrypted(event: NewEvent, keys: dict[KeyName, AESGCM | None]) -> NewEvent:
    if not event.personal:
        return event
    parts: list[Part] = []
    for told in event.personal:
        key = keys[told.key]
        if key is None:
            raise PersonErased(subject=told.key.subject)
        parts.append(encrypted(told, event, key))
    return msgspec.structs.replace(event, state=with_parts(event.state, parts), personal=())


def _opened(event: Recorded, parts: Sequence[Part], keys: dict[KeyName, AESGCM | None]) -> Recorded:
    if not parts:
        return event
    try:
        opened = tuple(_text(event, part, keys) for part in parts)
    except InvalidTag:
        return event  # closed: `decode` says which event it is
    return msgspec.structs.replace(event, opened=opened)


def _parts(event: Recorded) -> tuple[Part, ...]:
    try:
        return parts_of(event.state)
    except msgspec.DecodeError:
        return ()  # not even JSON: `decode` says so


def _text(event: Recorded, part: Part, keys: dict[KeyName, AESGCM | None]) -> bytes | None:
    key = keys[key_of(part, event.stream_id)]
    return None if key is None else decrypted(part, event, key)


class Plain:
    """Stores what tells of people in plain text, as it was before there was encryption.

    For tools that look at the log alone; no process of the platform writes through it.
    """

    async def protect(self, appends: Sequence[Append]) -> list[Outcome]:
        """Return the commands with whole payloads."""
        return [_in_plain(append) for append in appends]


def _in_plain(append: Append) -> Append:
    if not _tells_of_anybody(append):
        return append
    return msgspec.structs.replace(append, events=[in_plain(event) for event in append.events])
