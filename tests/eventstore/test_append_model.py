"""es.append against a model that takes a page of Python."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

import hypothesis.strategies as st
import psycopg
from hypothesis import HealthCheck, given, settings

from eventstore.records import Append, Appended, NewEvent
from tests.conftest import Database
from tests.eventstore.given import append, as_facts, command, fact

Sketch = tuple[int, bytes, list[int], int]


@dataclass
class Model:
    """A log that takes one command at a time and remembers everything."""

    head: int
    versions: dict[UUID, int] = field(default_factory=dict)
    commands: dict[UUID, tuple[bytes, int, int]] = field(default_factory=dict)

    def append(self, one: Append, *, any_first: bool) -> object:
        """Decide one command."""
        if one.command_id in self.commands:
            request_hash, first, last = self.commands[one.command_id]
            if request_hash != one.request_hash:
                return {"command_id": one.command_id}
            return Appended(one.command_id, first, last, repeated=True)
        for stream_id, lowest in self._lowest(one.events):
            actual = self.versions.get(stream_id, lowest - 1 if any_first else 0)
            if actual != lowest - 1:
                facts = {"expected": lowest - 1, "actual": actual}
                return {"stream_id": stream_id, **facts}
        return self._accept(one)

    def _lowest(self, events: Iterable[NewEvent]) -> Iterable[tuple[UUID, int]]:
        lowest: dict[UUID, int] = {}
        for event in events:
            lowest.setdefault(event.stream_id, event.version)
        return lowest.items()

    def _accept(self, one: Append) -> Appended:
        first, self.head = self.head + 1, self.head + len(one.events)
        self.versions |= {event.stream_id: event.version for event in one.events}
        self.commands[one.command_id] = (one.request_hash, first, self.head)
        return Appended(one.command_id, first, self.head)


# A few ids, streams and versions only, so that they meet often.
sketches: st.SearchStrategy[list[list[Sketch]]] = st.lists(
    st.lists(
        st.tuples(
            st.integers(1, 8),
            st.sampled_from([b"same", b"same", b"other"]),
            st.lists(st.integers(1, 3), min_size=1, max_size=4),
            st.integers(0, 4),
        ),
        min_size=1,
        max_size=10,
    ),
    min_size=1,
    max_size=4,
)


def drawn(example: int, sketch: Sketch) -> Append:
    """The command of a sketch, in a world of its own for each example."""
    number, request, streams, first = sketch
    versions = {stream: itertools.count(first) for stream in streams}
    events = [fact(UUID(int=example * 10 + s), next(versions[s])) for s in streams]
    return command((example, number), *events, request=request)


def test_es_append_does_what_the_model_does(database: Database) -> None:
    examples = itertools.count(1)

    @settings(
        derandomize=True,
        max_examples=300,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(batches=sketches, any_first=st.booleans())
    def check(*, batches: list[list[Sketch]], any_first: bool) -> None:
        example = next(examples)
        model = Model(head=head(log))
        for batch in batches:
            commands = [drawn(example, sketch) for sketch in batch]

            decided = append(log, *commands, any_first=any_first)

            expected = [model.append(one, any_first=any_first) for one in commands]
            assert [as_facts(outcome) for outcome in decided] == expected

    with psycopg.connect(database.url, autocommit=True) as log:
        check()

        assert log.execute(BROKEN).fetchall() == []


BROKEN = """
    select 'position', position from (
        select position, row_number() over (order by position) as due from es.events) e
     where position <> due
    union all
    select 'version', position from (
        select position, version,
               lag(version) over (partition by stream_id order by position) as before
          from es.events) e
     where version <> before + 1
    union all
    select 'stream', s.last_position from es.streams s
     where (s.version, s.first_position, s.last_position) is distinct from (
        select (max(e.version), min(e.position), max(e.position)) from es.events e
         where e.stream_id = s.stream_id)
"""


def head(log: psycopg.Connection) -> int:
    """The position of the last event."""
    row = log.execute("select coalesce(max(position), 0) from es.events").fetchone()
    return int(row[0]) if row else 0
