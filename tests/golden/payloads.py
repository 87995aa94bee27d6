"""The released payloads: one file per event class and version, written once and then kept."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from domain.base import Event
from domain.catalogue import AGGREGATES
from eventstore import mapper
from eventstore.contract.payloads import topic_and_version
from tests.given import EXAMPLES, ExampleMissing, Fact

FOLDER = Path(__file__).parent / "events"


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
        told = topic_and_version(path.name)
        if told is None:
            msg = f"{path.name} is not named <topic>.v<version>.json."
            raise ValueError(msg)
        yield *told, path.read_bytes()


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
            payload = mapper.payload_of(example(event_class).event())
            with path.open("xb") as file:
                file.write(payload)
            written.append(path.name)
    return written
