"""Whether a change of events breaks who reads them: the log's own past, and readers elsewhere.

Limits beside a field are asked when an event is recorded, never when it is read: they may change.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from eventstore.contract.catalogue import (
    Effect,
    EventDescription,
    FieldDescription,
    Presence,
)
from eventstore.contract.differences import differences
from eventstore.contract.payloads import PayloadChanged, check, topic_and_version
from eventstore.mapper import PayloadInvalid


class Finding(msgspec.Struct, frozen=True):
    """One change that is refused."""

    topic: str
    field: str
    """Empty where it is about the whole event."""
    problem: str
    way_out: str

    def __str__(self) -> str:
        """Return all of it as one line."""
        place = f"{self.topic}, `{self.field}`," if self.field else self.topic
        return f"{place} {self.problem}: {self.way_out}."


def compare(
    before: Iterable[EventDescription], now: Iterable[EventDescription]
) -> Iterator[Finding]:
    """Yield what readers of an earlier catalogue can not live with; what is new is none of it."""
    today = {event.topic: event for event in now}
    for event in before:
        yield from _compared(event, today.get(event.topic))


def _compared(before: EventDescription, now: EventDescription | None) -> Iterator[Finding]:
    if now is None:
        yield Finding(
            before.topic,
            "",
            "is gone, and the log may hold such events",
            "bring its class back; what is not recorded any more stays readable",
        )
        return
    if (before.effect is Effect.BEGINS) != (now.effect is Effect.BEGINS):
        was = "began its record" if before.effect is Effect.BEGINS else "did not begin its record"
        way_out = "give what is new a topic of its own"
        yield Finding(before.topic, "", f"{was}, which is different now", way_out)
    yield from _versions(before, now)
    # What differs between versions is for the upcasts: a payload of the golden folder tests them.
    if before.version == now.version:
        yield from _fields(before, now)


def _versions(before: EventDescription, now: EventDescription) -> Iterator[Finding]:
    for version in before.reads:
        if version in now.reads:
            continue
        if version > now.version:
            problem = f"had version {version} and has {now.version}"
            way_out = "a version is never taken back; raise `class_version` instead"
        else:
            problem = f"is not read any more as of version {version}"
            way_out = f"write `upcast_v{version}_v{version + 1}` beside the event"
        yield Finding(before.topic, "", problem, way_out)


def _fields(before: EventDescription, now: EventDescription) -> Iterator[Finding]:
    today = {field.name: field for field in now.fields}
    for field in before.fields:
        if field.name not in today:
            problem, way_out = "is gone", f"keep it, or {_raised(now, 'take it away')}"
            yield Finding(now.topic, field.name, problem, way_out)
            continue
        yield from _presence(now, field, today[field.name])
        schemas = (event.schema.get("properties", {}) for event in (before, now))
        types = (schema.get(field.name, {}) for schema in schemas)
        for place, was in sorted(differences(field.name, *types)):
            way_out = f"leave it, add another field, or {_raised(now, 'convert it')}"
            yield Finding(now.topic, place, was, way_out)
    known = {field.name for field in before.fields}
    for name, field in today.items():
        if name not in known and field.presence is Presence.REQUIRED:
            way_out = f"give it a default, or {_raised(now, 'set it')}"
            yield Finding(now.topic, name, "is new, and no older payload has it", way_out)


def _presence(
    event: EventDescription, before: FieldDescription, now: FieldDescription
) -> Iterator[Finding]:
    match before.presence, now.presence:
        case (Presence.OPTIONAL, Presence.OPTIONAL) if before.default != now.default:
            problem = f"was {_json(before.default)} where it is missing and is {_json(now.default)}"
            way_out = f"leave the default, or {_raised(event, 'fill in the old one')}"
        case (was, is_now) if was is is_now:
            return
        case (Presence.REQUIRED, Presence.OPTIONAL):
            return  # It is written as ever.
        case (was, is_now):
            problem = f"was {was} and is {is_now}"
            way_out = f"leave it {was}, or {_raised(event, 'fill in what is missing')}"
    yield Finding(event.topic, now.name, problem, way_out)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _raised(event: EventDescription, what: str) -> str:
    version = event.version
    step = f"upcast_v{version}_v{version + 1}"
    return f"raise `class_version` to {version + 1} and {what} in `{step}`"


def lint_payloads(folder: Path, known: Mapping[str, EventDescription]) -> Iterator[Finding]:
    """Yield which stored payloads are not read, or not written, as ever."""
    for path in sorted(folder.iterdir()):
        told = topic_and_version(path.name)
        if told is None:
            problem = "is not named `<topic>.v<version>.json`"
            yield Finding(path.name, "", problem, "rename it, or take it out of the folder")
        elif told[0] not in known:
            problem = f"has a stored payload ({path.name}) and no class"
            yield Finding(told[0], "", problem, "bring its class back")
        else:
            yield from _checked(path, *told, known[told[0]])


def _checked(path: Path, topic: str, version: int, now: EventDescription) -> Iterator[Finding]:
    try:
        check(topic, version, path.read_bytes())
    except PayloadChanged as changed:
        for name in changed.names:
            problem = f"is written differently from {path.name}"
            yield Finding(
                topic, name, problem, f"write it as ever, or {_raised(now, 'convert it')}"
            )
    except PayloadInvalid as error:
        problem = f"does not read {path.name} ({error.__cause__})"
        if version < now.version:
            way_out = f"mend the upcasts from version {version} on"
        elif version > now.version:
            way_out = "a version is never taken back; raise `class_version` instead"
        else:
            way_out = f"keep all fields, give new ones a default, or {_raised(now, 'make it fit')}"
        yield Finding(topic, "", problem, way_out)
