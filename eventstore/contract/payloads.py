"""Stored payloads of released events: what today's classes make of them."""

import re
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import msgspec

from domain.base import Event
from eventstore import mapper
from eventstore.records import Recorded

_NAME: Final = re.compile(r"(?P<topic>[a-z_]+\.[a-z_]+)\.v(?P<version>[1-9][0-9]*)\.json")
_SOMEBODY: Final = UUID(int=1)
_ONCE: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)


class PayloadChanged(Exception):
    """Today's class writes a released payload differently; `names` are the fields in question."""

    def __init__(self, topic: str, names: list[str]) -> None:
        listed = ", ".join(f"`{name}`" for name in names)
        super().__init__(f"{topic} writes {listed} differently: raise its `class_version`")
        self.names = names


def topic_and_version(name: str) -> tuple[str, int] | None:
    """Return what a file's name says of its payload, or None for a foreign one."""
    told = _NAME.fullmatch(name)
    return (told["topic"], int(told["version"])) if told else None


def load(topic: str, class_version: int, payload: bytes) -> Event:
    """Return the event that today's code makes of a payload; raises `PayloadInvalid`."""
    return mapper.decode(
        Recorded(
            position=1,
            stream_id=_SOMEBODY,
            version=1,
            event_id=_SOMEBODY,
            topic=topic,
            class_version=class_version,
            state=payload,
            metadata=b"{}",
            recorded_at=_ONCE,
        )
    )


def check(topic: str, class_version: int, payload: bytes) -> None:
    """Raise unless the payload loads and, if it is of today's version, is written like this.

    What is written beside it are fields that it lacked: it loads, so the class has defaults.
    Raises `PayloadInvalid` and `PayloadChanged`.
    """
    event = load(topic, class_version, payload)
    if class_version == type(event).class_version:
        before, today = _written(payload), _written(mapper.payload_of(event))
        changed = [name for name, value in before.items() if today.get(name) != value]
        if changed:
            raise PayloadChanged(topic, changed)


def _written(payload: bytes) -> dict[str, bytes]:
    raw = msgspec.json.decode(payload, type=dict[str, msgspec.Raw])
    return {name: bytes(value) for name, value in raw.items()}
