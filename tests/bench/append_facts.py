"""The facts of which every side appends the same: one event for a stream of its own."""

import json
import time
from typing import Final
from uuid import uuid4

import msgspec
from eventsourcing.persistence import StoredEvent

from eventstore.records import Append, NewEvent

STATE: Final = json.dumps({"title": "Printer on fire", "text": "x" * 200}).encode()
METADATA: Final = json.dumps({"actor": str(uuid4()), "cause": "x" * 100}).encode()
HASH: Final = b"h" * 32
TOPIC: Final = "ticket.opened"


class Turn(msgspec.Struct, frozen=True):
    """What one side did in one turn."""

    events: int
    """How many were answered in time."""
    taken: list[float] = []
    """How long each took, in seconds, where there is one answer for each."""
    commits: int = 0
    """How many commits that were, as far as the side knows."""


class Clock:
    """The end of a turn; what is answered later does not count."""

    def __init__(self, seconds: float) -> None:
        self.end = time.perf_counter() + seconds
        self.taken: list[float] = []

    def note(self, start: float) -> None:
        """Note how long it took, unless the turn is over."""
        if (now := time.perf_counter()) <= self.end:
            self.taken.append(now - start)


def a_command() -> Append:
    """One event, for a stream of its own."""
    event = NewEvent(uuid4(), 1, uuid4(), TOPIC, 1, STATE)
    return Append(uuid4(), HASH, METADATA, [event])


def a_stored_event() -> StoredEvent:
    """The same for the library."""
    return StoredEvent(uuid4(), 1, TOPIC, STATE)
