"""The released payloads: one file per event class and version, written once and then kept."""

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from domain.base import Event
from domain.catalogue import AGGREGATES
from eventstore import mapper
from eventstore.records import Recorded
from tests.given import EXAMPLES, T0, TICKET, ExampleMissing, Fact

FOLDER = Path(__file__).parent / "events"
_NAME = re.compile(r"(?P<topic>[a-z_]+\.[a-z_]+)\.v(?P<version>[1-9][0-9]*)\.json")


class PayloadChanged(Exception):
    """Today's class writes a released payload differently: raise its `class_version`."""


def event_classes() -> list[type[Event]]:
    """Return every event class of the catalogue, ordered by topic."""
    found = {
        value
        for aggregate in AGGREGATES
        for name, value in vars(aggregate).items()
        if isinstance(value, type) and issubclass(value, Event) and name != "Event"
    }
    return sorted(found, key=lambda event_class: event_class.TOPIC)


def file_name(event_class: type[Event]) -> str:
    """Return where the payload of today's version belongs, e.g. `ticket.closed.v2.json`."""
    return f"{event_class.TOPIC}.v{event_class.class_version}.json"


def released() -> Iterator[tuple[str, int, bytes]]:
    """Yield topic, version and payload of every file; raises `ValueError` at a foreign one."""
    for path in sorted(FOLDER.iterdir()):
        name = _NAME.fullmatch(path.name)
        if name is None:
            msg = f"{path.name} is not named <topic>.v<version>.json."
            raise ValueError(msg)
        yield name["topic"], int(name["version"]), path.read_bytes()


def load(topic: str, class_version: int, payload: bytes) -> Event:
    """Return the event that today's code makes of a payload; raises `PayloadInvalid`."""
    return mapper.decode(
        Recorded(
            position=1,
            stream_id=TICKET,
            version=1,
            event_id=TICKET,
            topic=topic,
            class_version=class_version,
            state=payload,
            metadata=b"{}",
            recorded_at=T0,
        )
    )


def check(topic: str, class_version: int, payload: bytes) -> None:
    """Raise unless the payload loads and, if it is of today's version, is written like this.

    What is written beside it are fields that it lacked: it loads, so the class has defaults.
    """
    event = load(topic, class_version, payload)
    if class_version == type(event).class_version:
        before, today = _written(payload), _written(mapper.encode(event).state)
        if {name: today.get(name) for name in before} != before:
            raise PayloadChanged(topic)


def _written(payload: bytes) -> dict[str, bytes]:
    raw = msgspec.json.decode(payload, type=dict[str, msgspec.Raw])
    return {name: bytes(value) for name, value in raw.items()}


def edited(folder: Path) -> list[str]:
    """Return the files that are not, or not any more, what git's HEAD holds; none without git."""
    try:
        done = git(
            folder, "diff", "-z", "--name-only", "--no-renames", "--diff-filter=a", "HEAD", "."
        )
    except (FileNotFoundError, subprocess.CalledProcessError):
        return []
    return sorted(Path(name).name for name in done.split("\0") if name)


def git(folder: Path, *arguments: str) -> str:
    """Return what git says of the repository that a folder is in."""
    # A hook names its own repository in the environment: that is not the one to ask.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    return subprocess.run(
        ["git", "-C", str(folder), *arguments],
        env=environment | {"GIT_OPTIONAL_LOCKS": "0"},
        capture_output=True,
        check=True,
        text=True,
    ).stdout


def example(event_class: type[Event], facts: Sequence[Fact] = EXAMPLES) -> Fact:
    """Return the fact that shows an event; raises `ExampleMissing`."""
    for fact in facts:
        if fact.event_class is event_class:
            return fact
    msg = f"{event_class.TOPIC} has no example; add a fact to tests/given/"
    raise ExampleMissing(msg)


def write_missing(folder: Path) -> list[str]:
    """Write the payloads that are not there yet and return their names; never overwrite one.

    Raises `ExampleMissing` where `tests.given` does not tell what to write.
    """
    written = []
    for event_class in event_classes():
        path = folder / file_name(event_class)
        if not path.exists():
            payload = mapper.encode(example(event_class).event()).state
            with path.open("xb") as file:
                file.write(payload)
            written.append(path.name)
    return written
