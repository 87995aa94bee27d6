"""Where imported facts come from: system, file and row stand beside every event."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

import msgspec

from commands.imports.identity import import_id
from commands.imports.source import Row
from domain.base import Event
from eventstore import mapper
from eventstore.records import Append, Metadata


class Provenance(msgspec.Struct, frozen=True):
    """One file of one system."""

    system: str
    file: str

    def append(self, command_id: UUID, request: str, row: Row, events: Sequence[Event]) -> Append:
        """Return the events of a command as the log takes them, with the row they come from.

        `request` tells a repeated command from another one that has the same id.
        """
        metadata = Metadata(
            command_id=command_id,
            actor=f"{self.system}:{row.actor}",
            correlation_id=import_id(self.system, self.file),
            source={"system": self.system, "file": self.file, "row": row.record.number},
        )
        return Append(
            command_id=command_id,
            request_hash=hashlib.sha256(request.encode()).digest(),
            metadata=msgspec.json.encode(metadata),
            events=[mapper.encode(event) for event in events],
        )
