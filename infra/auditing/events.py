"""Writes what happened: the journal, twice, and the history of master data."""

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from domain.base import AggregateRoot
from domain.catalogue import AGGREGATES
from domain.customers.interactions import Interaction
from domain.desk.tickets import Ticket
from domain.people.erasures import Erasure
from domain.reservations import Reservation
from eventstore.export.reading import Happened
from eventstore.mapper import payload_of
from eventstore.sealing.rows import packed
from infra.auditing.drafts import Draft, File
from infra.auditing.sheets import Sheet, instant
from infra.auditing.tables import HISTORY, JOURNAL

NO_MASTER_DATA: Final[Collection[type[AggregateRoot]]] = (
    Erasure,
    Interaction,
    Reservation,
    Ticket,
)
"""What happens once, or only serves the others; all other records are master data."""
LINES: Final = "journal.jsonl"
TOLD: Final = 100
"""How many troubles are named; all are counted."""


def master_data(aggregates: Collection[type[AggregateRoot]] = AGGREGATES) -> list[str]:
    """Return the kinds of records whose changes are told field by field."""
    return [kind.TOPIC for kind in aggregates if kind not in NO_MASTER_DATA]


class Line(msgspec.Struct, frozen=True):
    """One event in `journal.jsonl`."""

    position: int
    recorded_at: str
    happened_at: str | None
    stream_id: UUID
    version: int
    event_id: UUID
    topic: str
    class_version: int
    record_kind: str
    record_number: str
    record_name: str
    actor: str | None
    command_id: UUID | None
    correlation_id: UUID | None
    causation_id: UUID | None
    source: dict[str, str | int] | None
    payload: msgspec.Raw
    """To the byte as the log tells it, where it is JSON; otherwise its bytes as Base64, a text."""
    leaf: str


class Written(NamedTuple):
    """What the files hold."""

    topics: Counter[str]
    changes: int
    troubles: list[str]
    """The first of what is wrong with events and records, each a sentence's beginning."""
    trouble_count: int


class EventFiles:
    """The open files of events and changes."""

    def __init__(self, lines: File, journal: File, history: File) -> None:
        """Write into these files."""
        self._lines = lines
        self._journal, self._history = Sheet(journal, JOURNAL), Sheet(history, HISTORY)
        self._topics: Counter[str] = Counter()
        self._troubles: list[str] = []
        self._trouble_count = 0

    def write(self, one: Happened) -> None:
        """Write one event, and what it changed."""
        line = _line(one)
        self._lines.write(msgspec.json.encode(line) + b"\n")
        self._journal.write(_journal_row(one, line))
        for change in one.changes:
            self._history.write(_history_row(one, line, *change))
        self._topics[line.topic] += 1
        if one.trouble:
            self._trouble_count += 1
            if len(self._troubles) < TOLD:
                self._troubles.append(f"position {line.position}: {one.trouble}")

    @property
    def written(self) -> Written:
        """What was written so far."""
        return Written(self._topics, self._history.rows, self._troubles, self._trouble_count)


@contextmanager
def event_files(draft: Draft) -> Iterator[EventFiles]:
    """Give the files of events and changes, which are closed when the block ends."""
    with (
        draft.file(LINES) as lines,
        draft.file(JOURNAL.file) as journal,
        draft.file(HISTORY.file) as history,
    ):
        yield EventFiles(lines, journal, history)


def _line(one: Happened) -> Line:
    recorded, by = one.recorded, one.metadata
    return Line(
        position=recorded.position,
        recorded_at=instant(recorded.recorded_at),
        happened_at=instant(one.event.timestamp) if one.event else None,
        stream_id=recorded.stream_id,
        version=recorded.version,
        event_id=recorded.event_id,
        topic=recorded.topic,
        class_version=recorded.class_version,
        record_kind=recorded.topic.partition(".")[0],
        record_number=one.naming.number,
        record_name=one.naming.name,
        actor=by.actor if by else None,
        command_id=by.command_id if by else None,
        correlation_id=by.correlation_id if by else None,
        causation_id=by.causation_id if by else None,
        source=by.source if by else None,
        payload=_payload(_told(one), is_json=one.event is not None),
        leaf=one.leaf.hex(),
    )


def _told(one: Happened) -> bytes:
    """Return the payload as it is stored, what is encrypted in it in plain text."""
    return payload_of(one.event) if one.event and one.recorded.opened else one.recorded.state


def _payload(state: bytes, *, is_json: bool) -> msgspec.Raw:
    # A line is a line: what has ends of lines between its values is written without them.
    if is_json and b"\n" not in state and b"\r" not in state:
        return msgspec.Raw(state)
    try:
        return msgspec.Raw(msgspec.json.encode(msgspec.json.decode(state)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return msgspec.Raw(msgspec.json.encode(packed(state)))


def _journal_row(one: Happened, line: Line) -> list[Any]:
    source = None if line.source is None else msgspec.json.encode(line.source).decode()
    return [
        line.position,
        one.recorded.recorded_at,
        line.recorded_at,
        one.event and one.event.timestamp,
        line.happened_at,
        line.stream_id,
        line.version,
        line.event_id,
        line.topic,
        line.class_version,
        line.record_kind,
        line.record_number,
        line.record_name,
        line.actor,
        line.command_id,
        line.correlation_id,
        line.causation_id,
        source,
        bytes(line.payload).decode(),
        line.leaf,
    ]


def _history_row(one: Happened, line: Line, field: str, before: str, after: str) -> list[Any]:
    return [
        line.position,
        field,
        one.recorded.recorded_at,
        line.recorded_at,
        one.event and one.event.timestamp,
        line.happened_at,
        line.record_kind,
        line.stream_id,
        line.record_number,
        line.record_name,
        before,
        after,
        line.topic,
        line.actor,
        line.event_id,
    ]
