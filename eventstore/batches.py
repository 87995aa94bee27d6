"""One call of es.append: the arguments on the way in, the answers on the way out."""

import struct
from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from psycopg.adapt import AdaptersMap, Dumper
from psycopg.pq import Format

from eventstore.errors import CommandIdReused, VersionConflict
from eventstore.records import Append, Appended

APPEND: Final = "select * from es.append(%b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b)"

Outcome = Appended | Exception
Row = tuple[int, str, int, int, UUID, int]

_BYTEA, _INT8, _INT2, _INT4, _TEXT, _UUID = 17, 20, 21, 23, 25, 2950

_int2 = struct.Struct("!h").pack
_int4 = struct.Struct("!i").pack
_int8 = struct.Struct("!q").pack
_head = struct.Struct("!iiiii").pack


class Packed(bytes):
    """An array in PostgreSQL's binary form, as es.append declares it."""

    __slots__ = ()


class _PackedDumper(Dumper):
    # Packing by hand costs a third of psycopg's list dumper, and the type does not
    # vary with the size of the numbers, so one prepared statement serves all calls.
    format = Format.BINARY

    def dump(self, obj: Packed) -> Packed:
        """Return the array as it is."""
        return obj


def register(adapters: AdaptersMap) -> None:
    """Teach a connection to send packed arrays."""
    adapters.register_dumper(Packed, _PackedDumper)


def arguments(appends: Sequence[Append], *, any_first: bool = False) -> tuple[Packed | bool, ...]:
    """Return the arguments of `APPEND` for a batch."""
    events = [event for append in appends for event in append.events]
    places = [n for n, append in enumerate(appends, 1) for _ in append.events]
    return (
        _packed(_UUID, 16, [append.command_id.bytes for append in appends]),
        _packed_bytes(_BYTEA, [append.request_hash for append in appends]),
        _packed_bytes(_BYTEA, [append.metadata for append in appends]),
        _packed(_INT4, 4, [_int4(place) for place in places]),
        _packed(_UUID, 16, [event.stream_id.bytes for event in events]),
        _packed(_INT8, 8, [_int8(event.version) for event in events]),
        _packed(_UUID, 16, [event.event_id.bytes for event in events]),
        _packed_bytes(_TEXT, [event.topic.encode() for event in events]),
        _packed(_INT2, 2, [_int2(event.class_version) for event in events]),
        _packed_bytes(_BYTEA, [event.state for event in events]),
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


def _packed(oid: int, width: int, items: Sequence[bytes]) -> Packed:
    return Packed(_int4(width).join([_head(1, 0, oid, len(items), 1), *items]))


def _packed_bytes(oid: int, items: Sequence[bytes]) -> Packed:
    parts = [_head(1, 0, oid, len(items), 1)]
    for item in items:
        parts += (_int4(len(item)), item)
    return Packed(b"".join(parts))
