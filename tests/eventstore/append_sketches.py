"""What commands are about, and the commands that are made of it once the log is known."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple
from uuid import UUID, uuid5

import hypothesis.strategies as st

from eventstore.records import Append, NewEvent
from tests.eventstore.append_model import Model
from tests.eventstore.given import TICKET

SHARED: Final = 4
"""Streams that every kind of command meets in; others are opened by one command each."""


class Sketch(NamedTuple):
    """What a command is about; the log gives the versions when it is sent."""

    kind: str
    streams: Sequence[int]
    """The stream of each event, by its number."""
    which: int = 0
    """Of those sent before, counted from the last; and the stream of which it is wrong."""
    off: int = 0
    """By how many versions it is wrong."""


def sketches(*kinds: str, least: int = 1, most: int = 4) -> st.SearchStrategy[Sketch]:
    """Sketches of these kinds, with so many events."""
    return st.builds(
        Sketch,
        st.sampled_from(kinds),
        st.lists(st.integers(0, SHARED - 1), min_size=least, max_size=most),
        st.integers(0, 6),
        st.sampled_from([-2, -1, 1, 2, 7]),
    )


class Author:
    """Writes the commands of one run, whose ids no other run has."""

    def __init__(self, run: int) -> None:
        self._run = uuid5(TICKET, f"run {run}")
        self._sent: list[Append] = []
        self._opened = SHARED
        self.ids: list[UUID] = []
        """Of all commands."""
        self.shared = [self._stream(number) for number in range(SHARED)]
        self.streams = dict.fromkeys(self.shared)
        """All streams that were named, in order."""

    def write(self, batch: Sequence[Sketch], model: Model, *, rivals: bool = False) -> list[Append]:
        """Return commands, each counting on those before it; rivals count on the log as it is."""
        commands: list[Append] = []
        for sketch in batch:
            commands.append(self._write(sketch, model))
            model = model if rivals else model.after(commands[-1])
        return commands

    def begin(self, first: int) -> Append:
        """Return a command for a new stream, which begins with this version."""
        [(stream_id, _)] = self._versions(Sketch("opens", [0]), Model(0))
        return self._command([(stream_id, first), (stream_id, first + 1)])

    def _write(self, sketch: Sketch, model: Model) -> Append:
        known = self._sent[-1 - sketch.which % len(self._sent)] if self._sent else None
        if known is not None and sketch.kind == "comes again":
            return known
        taken = known.command_id if known is not None and sketch.kind == "takes an id" else None
        command = self._command(list(self._versions(sketch, model)), taken)
        if sketch.kind != "has a gap":
            self._sent.append(command)
        return command

    def _versions(self, sketch: Sketch, model: Model) -> Iterator[tuple[UUID, int]]:
        numbers, added = sketch.streams or [0], 0
        if sketch.kind == "opens":
            added, self._opened = self._opened, self._opened + SHARED
        last = numbers[sketch.which % len(numbers)]
        told: Counter[UUID] = Counter()
        for number in numbers:
            stream_id = self._stream(added + number)
            told[stream_id] += 1
            is_wrong = sketch.kind == "is wrong" and (sketch.which % 2 or number == last)
            off = sketch.off if is_wrong else 0
            yield stream_id, model.version(stream_id) + told[stream_id] + off
        if sketch.kind == "has a gap":
            yield stream_id, model.version(stream_id) + told[stream_id] + 2

    def _stream(self, number: int) -> UUID:
        return uuid5(self._run, f"stream {number}")

    def _command(self, versions: Sequence[tuple[UUID, int]], taken: UUID | None = None) -> Append:
        number = len(self.ids) + 1
        own = uuid5(self._run, f"command {number}")
        self.ids.append(taken or own)
        self.streams |= dict.fromkeys(stream_id for stream_id, _ in versions)
        events = [
            NewEvent(
                stream_id=stream_id,
                version=version,
                event_id=uuid5(own, str(place)),
                topic=f"topic.{place}",
                class_version=place,
                state=f'{{"command":{number},"place":{place}}}'.encode(),
            )
            for place, (stream_id, version) in enumerate(versions, 1)
        ]
        metadata = f'{{"command_id":"{own}"}}'.encode()
        return Append(taken or own, own.bytes, metadata, events)
