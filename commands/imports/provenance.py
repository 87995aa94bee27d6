"""Where imported facts come from: system, file and row stand beside every event."""

import hashlib
from collections.abc import Sequence

import msgspec

from commands.imports.identity import CommandId, import_id, user_id
from commands.imports.source import Row
from domain.base import AggregateRoot, Event
from eventstore import mapper
from eventstore.records import Append, Metadata


def recorded(record: AggregateRoot) -> list[Event]:
    """Return what was newly decided about a record."""
    return [event for event in record.collect_events() if isinstance(event, Event)]


class Provenance(msgspec.Struct, frozen=True):
    """One file of one system."""

    system: str
    file: str

    def append(self, id: CommandId, row: Row, events: Sequence[Event]) -> Append:
        """Return the events of a command as the log takes them, with the row they come from."""
        metadata = Metadata(
            command_id=id.command_id,
            # An id, not what they are called: what stands beside an event can never be erased.
            actor=str(user_id(self.system, row.actor)) if row.actor else self.system,
            correlation_id=import_id(self.system, self.file),
            source={"system": self.system, "file": self.file, "row": row.record.number},
        )
        return Append(
            command_id=id.command_id,
            request_hash=hashlib.sha256(id.text.encode()).digest(),
            metadata=msgspec.json.encode(metadata),
            events=[mapper.encode(event) for event in events],
        )
