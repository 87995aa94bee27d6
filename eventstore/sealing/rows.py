"""The row of an event in fields that people can read, and in the bytes that its leaf is made of."""

import re
import struct
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Self
from uuid import UUID

import msgspec
from msgspec import Meta

EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""When PostgreSQL's clock begins."""
MICROSECOND: Final = timedelta(microseconds=1)
SAFE: Final = 2**53 - 1
"""The largest number that every reader of JSON takes as it is written."""
INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z", re.ASCII
)

Number = Annotated[int, Meta(ge=1, le=SAFE)]
Id = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")]


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All columns of an event, each in one form only."""

    position: Number
    stream_id: Id
    version: Number
    event_id: Id
    topic: str
    class_version: Annotated[int, Meta(ge=0, le=2**15 - 1)]
    state: str
    """Base64 (RFC 4648 §4)."""
    metadata: str
    """Base64 (RFC 4648 §4)."""
    recorded_at: str
    """ISO 8601 in UTC, with six digits of a second."""

    @property
    def row(self) -> bytes:
        """The row as a tuple of `COPY … (FORMAT binary)`; raises ValueError for another form."""
        fields = (
            struct.pack(">q", self.position),
            UUID(self.stream_id).bytes,
            struct.pack(">q", self.version),
            UUID(self.event_id).bytes,
            self.topic.encode(),
            struct.pack(">h", self.class_version),
            unpacked(self.state),
            unpacked(self.metadata),
            struct.pack(">q", _microseconds(self.recorded_at)),
        )
        return struct.pack(">h", len(fields)) + b"".join(
            struct.pack(">i", len(each)) + each for each in fields
        )

    @classmethod
    def of(cls, row: bytes) -> Self:
        """Return the event of a tuple of `COPY … (FORMAT binary)`."""
        position, stream, version, event, topic, class_version, state, metadata, at = _fields(row)
        return cls(
            position=_number(position),
            stream_id=str(UUID(bytes=stream)),
            version=_number(version),
            event_id=str(UUID(bytes=event)),
            topic=topic.decode(),
            class_version=_number(class_version),
            state=packed(state),
            metadata=packed(metadata),
            recorded_at=_written(EPOCH + timedelta(microseconds=_number(at))),
        )


def packed(content: bytes) -> str:
    """Return bytes in Base64."""
    return b64encode(content).decode()


def unpacked(text: str) -> bytes:
    """Return the bytes of a Base64 text; raises ValueError where they are written otherwise."""
    content = b64decode(text, validate=True)
    if packed(content) != text:  # Bits that nothing is made of would be a place to change.
        msg = "a text is not written in Base64 as it has to be"
        raise ValueError(msg)
    return content


def _fields(row: bytes) -> list[bytes]:
    found: list[bytes] = []
    at = 2
    while at < len(row):
        begin = at + 4
        at = begin + _number(row[at:begin])
        found.append(row[begin:at])
    return found


def _number(content: bytes) -> int:
    return int.from_bytes(content, "big", signed=True)


def _microseconds(text: str) -> int:
    at = datetime.fromisoformat(text) if INSTANT.fullmatch(text) else EPOCH
    if _written(at) != text:
        msg = "recorded_at is not written like 2026-01-05T09:12:00.042000Z"
        raise ValueError(msg)
    return (at - EPOCH) // MICROSECOND


def _written(at: datetime) -> str:
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")
