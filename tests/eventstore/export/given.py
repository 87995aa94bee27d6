"""A made-up kind of record, and a log in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from domain.base import AggregateRoot, Change, Created, Event
from domain.checks import KEPT, Kept
from eventstore.records import Recorded
from tests.projections.given import record

DEVICE = UUID("de000000-0000-4000-8000-000000000001")
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Place:
    """A value of several parts."""

    room: str
    floor: int | None = None


class Device(AggregateRoot):
    """A test-only aggregate."""

    TOPIC = "export_device"

    export_device_number: int
    name: str
    place: Place
    ports: tuple[int, ...]
    owner: UUID | None = None
    broken: bool = False

    class Bought(Created):
        """It was bought."""

        TOPIC = "export_device.bought"
        export_device_number: int
        name: str
        place: Place
        ports: tuple[int, ...]

    class Changed(Change):
        """Something is different."""

        TOPIC = "export_device.changed"
        name: str | Kept = KEPT
        place: Place | Kept = KEPT
        ports: tuple[int, ...] | Kept = KEPT
        owner: UUID | Kept | None = KEPT

    class Broke(Event):
        """It broke."""

        TOPIC = "export_device.broke"

        def apply(self, device: Any) -> None:
            device.broken = True


def bought(**facts: Any) -> Event:
    """How a device begins."""
    known = {"export_device_number": 7, "name": "Switch", "place": Place("Hall"), "ports": ()}
    return then(Device.Bought, 1, originator_topic="export_device", **known | facts)


def then(kind: type[Event], version: int, **facts: Any) -> Event:
    """What happens to it later."""
    place: dict[str, Any] = {
        "originator_id": DEVICE,
        "originator_version": version,
        "timestamp": AT,
    }
    return kind(**place, **facts)


def stored(event: Event, position: int = 1) -> Recorded:
    """The event as the log has it."""
    return record(event, position)


class MemoryLog:
    """Streams in memory; it counts how often it was asked."""

    def __init__(self, events: Sequence[Recorded]) -> None:
        self.events = events
        self.asked = 0

    async def read_stream(
        self, stream_id: UUID, after: int = 0, upto: int | None = None
    ) -> list[Recorded]:
        self.asked += 1
        return [
            each
            for each in self.events
            if each.stream_id == stream_id and after < each.version <= (upto or each.version)
        ]
