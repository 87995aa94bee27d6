"""Builders: the same arguments give the same ids, the same bytes."""

from uuid import UUID, uuid5

import psycopg
from msgspec import structs

from eventstore.batches import APPEND, Outcome, Row, arguments, outcomes
from eventstore.packing import register
from eventstore.personal.parts import in_plain
from eventstore.records import Append, NewEvent

TICKET = UUID(int=1)
OTHER_TICKET = UUID(int=2)


def fact(
    stream_id: UUID,
    version: int,
    *,
    topic: str = "ticket.opened",
    state: bytes = b'{"title":"Printer on fire"}',
) -> NewEvent:
    """One event of a stream."""
    return NewEvent(
        stream_id=stream_id,
        version=version,
        event_id=uuid5(stream_id, str(version)),
        topic=topic,
        class_version=1,
        state=state,
    )


def command(name: object, *events: NewEvent, request: bytes = b"same") -> Append:
    """The command of this name, with what it wants to append."""
    return Append(
        command_id=uuid5(TICKET, str(name)),
        request_hash=request,
        metadata=b'{"actor":"mia"}',
        events=events,
    )


def append(
    connection: psycopg.Connection, *commands: Append, any_first: bool = False
) -> list[Outcome]:
    """Append a batch, without an appender, and return what became of each command."""
    register(connection.adapters)
    cursor: psycopg.Cursor[Row] = connection.cursor(binary=True)
    told = [structs.replace(one, events=[*map(in_plain, one.events)]) for one in commands]
    cursor.execute(APPEND, arguments(told, any_first=any_first))
    rows = cursor.fetchall()
    assert sorted(row[0] for row in rows) == list(range(1, len(commands) + 1))
    return outcomes(commands, rows)


def as_facts(outcome: Outcome) -> object:
    """An outcome in a form that can be compared."""
    return getattr(outcome, "facts", outcome)
