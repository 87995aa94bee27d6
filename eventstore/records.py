"""The rows of the log, as the rest of the program sees them."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from domain.personal import Retention


class Metadata(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who caused an event, by which command, and what led to it."""

    command_id: UUID
    actor: str
    correlation_id: UUID
    causation_id: UUID | None = None
    source: dict[str, str | int] | None = None
    """Where an imported fact was found: `{"system": …, "file": …, "row": …}`."""


class KeyName(NamedTuple):
    """Which key something personal is encrypted with: one for each person and retention."""

    subject: UUID
    """The record of the person."""
    keep: Retention


class Told(msgspec.Struct, frozen=True):
    """What an event tells of one person, in plain text."""

    key: KeyName
    fields: tuple[str, ...]
    text: bytes
    """The fields as a JSON object."""


class NewEvent(msgspec.Struct, frozen=True):
    """One encoded event, on its way into the log."""

    stream_id: UUID
    version: int
    """1 for the first event of a stream; the event before it must be `version - 1`."""
    event_id: UUID
    topic: str
    class_version: int
    state: bytes
    """The payload, without what is in `personal`."""
    personal: tuple[Told, ...] = ()


class Append(msgspec.Struct, frozen=True):
    """All events of one command: they are accepted together or not at all.

    Events of several streams may be mixed; within a stream they ascend by one.
    """

    command_id: UUID
    request_hash: bytes
    """Tells a repeated command from another one that reuses its id."""
    metadata: bytes
    """One `Metadata`, encoded; it is stored beside every event of the command."""
    events: Sequence[NewEvent]


class Appended(msgspec.Struct, frozen=True):
    """The command is in the log at these positions; `repeated` if it had been before."""

    command_id: UUID
    first_position: int
    last_position: int
    repeated: bool = False


Since = tuple[UUID, int]
"""A stream, and the version from which on it is asked for."""


class Recorded(msgspec.Struct, frozen=True):
    """One event, as the log holds it."""

    position: int
    """Place in the whole log: 1, 2, 3 … without gaps."""
    stream_id: UUID
    version: int
    event_id: UUID
    topic: str
    class_version: int
    state: bytes
    metadata: bytes
    recorded_at: datetime
    opened: tuple[bytes | None, ...] | None = None
    """The plain text of each of the payload's encrypted parts, None where its key was destroyed;
    None altogether until they are opened."""
