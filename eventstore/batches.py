"""One call of es.append: the arguments on the way in, the answers on the way out."""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from eventstore.errors import CommandIdReused, VersionConflict
from eventstore.packing import Packed, bigints, byteas, ints, smallints, texts, uuids
from eventstore.records import Append, Appended

APPEND: Final = "select * from es.append(%b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b)"

Outcome = Appended | Exception


class Unprotected(Exception):
    """What an event tells of people was neither encrypted nor left in its payload."""


Row = tuple[int, str, int, int, UUID, int]


def arguments(appends: Sequence[Append], *, any_first: bool = False) -> tuple[Packed | bool, ...]:
    """Return the arguments of `APPEND` for a batch; raises `Unprotected`."""
    events = [event for append in appends for event in append.events]
    if any(event.personal for event in events):
        raise Unprotected
    places = [n for n, append in enumerate(appends, 1) for _ in append.events]
    return (
        uuids(append.command_id for append in appends),
        byteas([append.request_hash for append in appends]),
        byteas([append.metadata for append in appends]),
        ints(places),
        uuids(event.stream_id for event in events),
        bigints(event.version for event in events),
        uuids(event.event_id for event in events),
        texts(event.topic for event in events),
        smallints(event.class_version for event in events),
        byteas([event.state for event in events]),
        any_first,
    )


def outcomes(appends: Sequence[Append], rows: Iterable[Row]) -> list[Outcome]:
    """Return the outcome of each command, in the order of the batch."""
    found = {row[0]: row for row in rows}
    return [_outcome(append, found[n]) for n, append in enumerate(appends, 1)]


def _outcome(append: Append, row: Row) -> Outcome:
    _, status, first, last, stream_id, actual = row
    if status == "conflict":
        expected = min(e.version for e in append.events if e.stream_id == stream_id) - 1
        return VersionConflict(stream_id=stream_id, expected=expected, actual=actual)
    if status == "reused":
        return CommandIdReused(command_id=append.command_id)
    return Appended(append.command_id, first, last, status == "repeated")
