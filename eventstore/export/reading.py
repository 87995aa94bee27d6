"""Reads a part of the log in its order: each event with its leaf, and what it changed."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final, NamedTuple, Protocol, TypeVar

import msgspec
import psycopg

from domain.base import Event
from eventstore.export.changes import Change, Naming
from eventstore.export.records import History, Records
from eventstore.export.spans import Span
from eventstore.mapper import PayloadInvalid, decode
from eventstore.records import Metadata, Recorded
from eventstore.sealing.leaves import leaf, position, read_rows

S = TypeVar("S")
T = TypeVar("T")

PAGE: Final = 1_000
_METADATA: Final = msgspec.json.Decoder(Metadata)


class Log(History, Protocol):
    """The log, as far as reading it needs."""

    async def read_all(self, after: int, limit: int, upto: int | None = None) -> Sequence[Recorded]:
        """Return up to `limit` events with `after < position <= upto`, oldest first."""
        ...


class Happened(NamedTuple):
    """One event, and what can be told of it."""

    recorded: Recorded
    event: Event | None
    """None where the payload is not what the log may hold: `trouble` says why."""
    metadata: Metadata | None
    """None where it can not be read: `trouble` says why."""
    leaf: bytes
    """The SHA-256 of its row, which a seal covers; empty where the row is gone."""
    naming: Naming
    changes: Sequence[Change]
    trouble: str
    """What is wrong with the event or its record, as a part of a sentence; mostly empty."""


async def read(
    log: Log, connection: psycopg.Connection[Any], span: Span, records: Records, page: int = PAGE
) -> AsyncIterator[list[Happened]]:
    """Yield the events of a span in pages, oldest first; an unreadable one does not end it.

    The connection is for the rows, as PostgreSQL has them, that leaves are made of.
    """
    after = span.first - 1
    while events := await log.read_all(after, page, span.last):
        await records.begin(events)
        rows = read_rows(connection, after + 1, events[-1].position)
        leaves = {position(row): leaf(row) for row in rows}
        yield [_told(one, leaves.get(one.position, b""), records) for one in events]
        after = events[-1].position


def _told(recorded: Recorded, hash_of_row: bytes, records: Records) -> Happened:
    metadata, untold = _read(_METADATA.decode, recorded.metadata)
    event, unreadable = _read(decode, recorded)
    told = records.follow(recorded, event)
    return Happened(
        recorded,
        event,
        metadata,
        hash_of_row,
        told.naming,
        told.changes,
        unreadable or untold or told.trouble,
    )


def _read(decoding: Callable[[S], T], stored: S) -> tuple[T | None, str]:
    """Return what is stored, or None and why it can not be read."""
    try:
        return decoding(stored), ""
    except (PayloadInvalid, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return None, f"the event can not be read: {' '.join(str(error).split())}"
