"""The log as a page of Python has it: one command after another, everything remembered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Final, NamedTuple
from uuid import UUID

import psycopg

from eventstore.batches import Outcome
from eventstore.records import Append, Appended, NewEvent
from tests.eventstore.given import as_facts

NO_ASCENT: Final = "the events of a stream must ascend by one"

Answer = object
"""What became of a command, comparable; None: nobody heard, and the log does not know it."""


class Placed(NamedTuple):
    """One event, and where it is in the log."""

    position: int
    event: NewEvent
    metadata: bytes


@dataclass(frozen=True)
class Model:
    """A log that takes one command at a time."""

    head: int
    streams: Mapping[UUID, Sequence[Placed]] = field(default_factory=dict)
    commands: Mapping[UUID, tuple[bytes, Appended]] = field(default_factory=dict)

    def decide(self, one: Append, *, any_first: bool = False) -> Answer:
        """Say what becomes of a command."""
        if one.command_id in self.commands:
            request_hash, appended = self.commands[one.command_id]
            if request_hash != one.request_hash:
                return {"command_id": one.command_id}
            return replaced(appended, repeated=True)
        for stream_id, versions in _versions(one.events).items():
            lowest = min(versions)
            actual = self.version(stream_id, lowest - 1 if any_first else 0)
            if actual != lowest - 1:
                return {"stream_id": stream_id, "expected": lowest - 1, "actual": actual}
            if versions != list(range(lowest, lowest + len(versions))):
                return NO_ASCENT
        return Appended(one.command_id, self.head + 1, self.head + len(one.events))

    def after(self, one: Append, *, any_first: bool = False) -> "Model":
        """Return the log after a command; a refused one changes nothing."""
        appended = self.decide(one, any_first=any_first)
        if not isinstance(appended, Appended) or appended.repeated:
            return self
        streams = dict(self.streams)
        for position, event in enumerate(one.events, appended.first_position):
            placed = Placed(position, event, one.metadata)
            streams[event.stream_id] = [*streams.get(event.stream_id, []), placed]
        commands = {**self.commands, one.command_id: (one.request_hash, appended)}
        return replace(self, head=appended.last_position, streams=streams, commands=commands)

    def version(self, stream_id: UUID, unknown: int = 0) -> int:
        """Return the version of a stream."""
        events = self.streams.get(stream_id)
        return events[-1].event.version if events else unknown

    def events(self) -> list[Placed]:
        """Return everything, in order."""
        return sorted(placed for events in self.streams.values() for placed in events)


class Answered(NamedTuple):
    """A command and the answer to it; `unheard`: perhaps not the first one."""

    command: Append
    answer: Answer
    unheard: bool = False

    def fits(self, model: Model) -> bool:
        """Tell whether the log in this state gives this answer."""
        decided = model.decide(self.command)
        if self.answer is None:
            return not isinstance(decided, Appended)
        if self.unheard and isinstance(decided, Appended):
            decided = replaced(decided, repeated=True)
            return self.answer in (decided, replaced(decided, repeated=False))
        return self.answer == decided

    def kind(self) -> str:
        """Name the answer."""
        if isinstance(self.answer, Appended):
            return "repeated" if self.answer.repeated else "appended"
        if isinstance(self.answer, Mapping):
            return "conflict" if "stream_id" in self.answer else "reused"
        return "unheard" if self.answer is None else "no_ascent"


def explain(model: Model, lanes: Sequence[Sequence[Answered]]) -> Model:
    """Return the log after these commands, of which each lane's came in this order.

    Fails unless the commands, one after another in some order, would get these answers. Where
    they are in the log tells the order of those accepted; a refused one changes nothing, so
    that it may have come between any two of them.
    """
    new = [each for lane in lanes for each in lane if _is_new(model, each)]
    ordered = {each.command.command_id: each.command for each in sorted(new, key=_position)}
    for command_id in ordered:
        same = [each for each in new if each.command.command_id == command_id]
        firsts = sum(not _repeated(each.answer) for each in same)
        assert firsts == 1 or (firsts == 0 and any(each.unheard for each in same)), "not once"
    states = list(accumulate(ordered.values(), Model.after, initial=model))
    places = {command_id: place for place, command_id in enumerate(ordered)}
    for lane in lanes:
        at = 0
        for each in lane:
            fitting = [
                n for n in _candidates(each, at, places, len(states)) if each.fits(states[n])
            ]
            assert fitting, f"no order explains {each} behind {states[at]}"
            at = fitting[0]
            at += states[at].after(each.command) is not states[at]
    return states[-1]


def _candidates(each: Answered, at: int, places: Mapping[UUID, int], end: int) -> range:
    """The states a command may have met: if it is in the log since, only from its place on."""
    place = places.get(each.command.command_id)
    if place is None or not isinstance(each.answer, Appended):
        return range(at, end)
    return range(max(at, place), end if each.answer.repeated else place + 1)


def answer_of(outcome: Outcome) -> Answer:
    """Return what an outcome says, in a form that can be compared."""
    if isinstance(outcome, psycopg.IntegrityError) and NO_ASCENT in str(outcome):
        return NO_ASCENT
    return as_facts(outcome)


def replaced(appended: Appended, *, repeated: bool) -> Appended:
    """Return the same positions, told for the first time or again."""
    first, last = appended.first_position, appended.last_position
    return Appended(appended.command_id, first, last, repeated)


def _versions(events: Iterable[NewEvent]) -> dict[UUID, list[int]]:
    versions: dict[UUID, list[int]] = {}
    for event in events:
        versions.setdefault(event.stream_id, []).append(event.version)
    return versions


def _is_new(model: Model, each: Answered) -> bool:
    return isinstance(each.answer, Appended) and each.command.command_id not in model.commands


def _repeated(answer: Answer) -> bool:
    return isinstance(answer, Appended) and answer.repeated


def _position(each: Answered) -> int:
    return each.answer.first_position if isinstance(each.answer, Appended) else 0
