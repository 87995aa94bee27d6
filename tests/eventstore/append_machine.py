"""A machine that appends in every way there is, and compares the log with the model."""

from collections.abc import Sequence
from typing import ClassVar, Final
from uuid import UUID

import hypothesis.strategies as st
import psycopg
import pytest
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from eventstore.batches import Outcome
from eventstore.errors import VersionConflict
from eventstore.records import Append
from tests.eventstore.append_model import NO_ASCENT, Answered, Model, answer_of, explain, replaced
from tests.eventstore.append_sketches import Author, Sketch, sketches
from tests.eventstore.append_world import CONNECTIONS, World

EVERY: Final = sketches("opens", "goes on", "is wrong", "comes again", "takes an id")
DIRECTLY: Final = st.booleans()


def machine_on(world: World) -> type["AppendMachine"]:
    """Return a machine that works in this world."""

    class Machine(AppendMachine):
        _world = world

    return Machine


class AppendMachine(RuleBasedStateMachine):
    """One run: streams and commands of its own, at the end of a log that others have filled."""

    _world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self._start = self._world.head()
        self._model = Model(self._start)
        self._author = Author(next(self._world.runs))
        self._anywhere: set[UUID] = set()

    @rule(sketch=sketches("opens"), directly=DIRECTLY)
    def open_a_stream(self, sketch: Sketch, *, directly: bool) -> None:
        self._in_order([sketch], directly=directly)

    @rule(sketch=sketches("goes on"), directly=DIRECTLY)
    def append_to_a_stream(self, sketch: Sketch, *, directly: bool) -> None:
        self._in_order([sketch], directly=directly)

    @rule(sketch=sketches("goes on", least=3, most=8), directly=DIRECTLY)
    def append_to_several_streams(self, sketch: Sketch, *, directly: bool) -> None:
        self._in_order([sketch], directly=directly)

    @rule(sketch=sketches("is wrong", most=5), directly=DIRECTLY)
    def expect_another_version(self, sketch: Sketch, *, directly: bool) -> None:
        [(command, outcome)] = self._in_order([sketch], directly=directly)

        assert isinstance(outcome, VersionConflict)
        stream_id, actual = outcome.facts["stream_id"], outcome.facts["actual"]
        assert stream_id in {event.stream_id for event in command.events}
        assert actual == self._model.version(stream_id)

    @rule(sketch=sketches("comes again"), directly=DIRECTLY)
    def repeat_a_command(self, sketch: Sketch, *, directly: bool) -> None:
        self._in_order([sketch], directly=directly)

    @rule(sketch=sketches("takes an id"), directly=DIRECTLY)
    def send_another_request_under_a_known_id(self, sketch: Sketch, *, directly: bool) -> None:
        self._in_order([sketch], directly=directly)

    @rule(batch=st.lists(EVERY, min_size=2, max_size=8), twice=st.integers(0, 7), directly=DIRECTLY)
    def append_a_batch_of_everything(
        self, batch: list[Sketch], twice: int, *, directly: bool
    ) -> None:
        """Of one command twice, and of two that follow each other in a stream, too."""
        again = [Sketch("goes on", [0]), Sketch("goes on", [0, 1]), Sketch("comes again", [], 0)]
        self._in_order([*batch[:twice], *again, *batch[twice:]], directly=directly)

    @rule(before=st.lists(EVERY, max_size=3), after=st.lists(EVERY, max_size=3), directly=DIRECTLY)
    def append_versions_that_do_not_ascend(
        self, before: list[Sketch], after: list[Sketch], *, directly: bool
    ) -> None:
        batch = [*before, Sketch("has a gap", [0]), *after]
        if not directly:
            self._in_order(batch, directly=False)
            return
        with pytest.raises(psycopg.IntegrityError, match=NO_ASCENT):
            self._world.directly(self._author.write(batch, self._model))

    @rule(batch=st.lists(EVERY, max_size=5), first=st.integers(-3, 9))
    def begin_streams_anywhere(self, batch: list[Sketch], first: int) -> None:
        commands = [self._author.begin(first), *self._author.write(batch, self._model)]

        outcomes = self._world.directly(commands, any_first=True)

        for command, outcome in zip(commands, outcomes, strict=True):
            assert answer_of(outcome) == self._model.decide(command, any_first=True)
            self._anywhere |= {e.stream_id for e in command.events} - set(self._model.streams)
            self._model = self._model.after(command, any_first=True)

    @rule(
        batch=st.lists(st.tuples(st.integers(0, len(CONNECTIONS)), EVERY), min_size=3, max_size=12),
        rivals=st.booleans(),
    )
    def append_from_everywhere_at_once(
        self, batch: list[tuple[int, Sketch]], *, rivals: bool
    ) -> None:
        """Rivals know the log as it was; the others count on those before them."""
        commands = self._author.write([sketch for _, sketch in batch], self._model, rivals=rivals)
        lanes: list[list[Append]] = [[] for _ in range(len(CONNECTIONS) + 1)]
        for (lane, _), command in zip(batch, commands, strict=True):
            lanes[lane].append(command)

        direct, through = self._world.at_once(lanes[0], lanes[1:])

        answered = [
            [Answered(*each) for each in zip(lane, map(answer_of, outcomes), strict=True)]
            for lane, outcomes in zip(lanes, [direct, *through], strict=True)
        ]
        *ordered, unordered = answered
        self._believe([*ordered, *([each] for each in unordered)])

    @rule(
        batch=st.lists(EVERY, min_size=1, max_size=6),
        lost=st.sampled_from([b"appended", b"repeated", b"conflict"]),
    )
    def lose_the_answer(self, batch: list[Sketch], lost: bytes) -> None:
        """Sent again, a command that was refused may be accepted: those after it were, before."""
        commands = self._author.write(batch, self._model)

        outcomes = self._world.unheard(commands, lost)

        answers = zip(commands, map(answer_of, outcomes), strict=True)
        self._believe([[Answered(*each, unheard=True)] for each in answers])

    @rule(batch=st.lists(EVERY, min_size=1, max_size=4))
    def cut_the_lines_before(self, batch: list[Sketch]) -> None:
        self._world.cut_the_lines()

        self._in_order(batch, directly=False)

    @rule(
        batch=st.lists(EVERY, min_size=2, max_size=6),
        leaves=st.integers(0, 4),
        turns=st.integers(1, 5),
    )
    def stop_waiting(self, batch: list[Sketch], leaves: int, turns: int) -> None:
        """Any but the last caller: once that one is answered, all are decided."""
        commands = self._author.write(batch, self._model)

        outcomes = self._world.impatiently(commands, leaves % (len(commands) - 1), turns)

        answers = zip(commands, outcomes, strict=True)
        self._believe([[self._answered(*each) for each in answers]])

    @invariant()
    def the_log_is_what_the_model_says(self) -> None:
        placed = self._world.read_all(self._start)

        positions = [each.position for each in placed]
        assert positions == list(range(self._start + 1, self._model.head + 1))
        assert placed == self._model.events()

    @invariant()
    def each_stream_has_its_versions_and_no_others(self) -> None:
        for stream_id, placed in self._model.streams.items():
            first = placed[0].event.version
            assert first == 1 or stream_id in self._anywhere
            assert [p.event.version for p in placed] == list(range(first, first + len(placed)))

    @invariant()
    def a_stream_is_read_from_any_version_to_any_other(self) -> None:
        known = self._model.streams
        since = {each: 1 + len(known.get(each, ())) // 2 for each in self._author.streams}

        late, parts = self._world.read_parts(since, self._author.shared)

        for stream_id, version in since.items():
            placed = list(known.get(stream_id, ()))
            assert late[stream_id] == [p for p in placed if p.event.version >= version]
            if stream_id in parts:
                assert parts[stream_id] == [p for p in placed if 1 < p.event.version <= version]

    @invariant()
    def what_was_refused_has_left_nothing(self) -> None:
        assert self._world.commands(self._author.ids) == self._model.commands
        assert self._world.streams(list(self._author.streams)) == {
            stream_id: (placed[-1].event.version, placed[0].position, placed[-1].position)
            for stream_id, placed in self._model.streams.items()
        }

    def teardown(self) -> None:
        self._world.told["run"] += 1

    def _in_order(self, batch: Sequence[Sketch], *, directly: bool) -> list[tuple[Append, Outcome]]:
        commands = self._author.write(batch, self._model)
        outcomes = (self._world.directly if directly else self._world.through)(commands)
        answered = list(map(Answered, commands, map(answer_of, outcomes)))
        for each in answered:
            assert each.answer == self._model.decide(each.command)
            self._model = self._model.after(each.command)
        self._world.note(answered)
        return list(zip(commands, outcomes, strict=True))

    def _believe(self, lanes: Sequence[Sequence[Answered]]) -> None:
        self._model = explain(self._model, lanes)
        self._world.note(each for lane in lanes for each in lane)

    def _answered(self, command: Append, outcome: Outcome | None) -> Answered:
        if outcome is not None:
            return Answered(command, answer_of(outcome))
        known = self._world.commands([command.command_id]).get(command.command_id)
        if known is None or known[0] != command.request_hash:
            return Answered(command, None)
        return Answered(command, replaced(known[1], repeated=True), unheard=True)
