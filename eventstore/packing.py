"""Arrays in PostgreSQL's binary form, packed by hand.

It costs a third of psycopg's list dumper, and the type does not vary with the size of the numbers,
so that one prepared statement serves all calls.
"""

import struct
from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from psycopg.adapt import AdaptersMap, Dumper
from psycopg.pq import Format

_BYTEA, _INT8, _INT2, _INT4, _TEXT, _UUID = 17, 20, 21, 23, 25, 2950

_int2: Final = struct.Struct("!h").pack
_int4: Final = struct.Struct("!i").pack
_int8: Final = struct.Struct("!q").pack
_head: Final = struct.Struct("!iiiii").pack


class Packed(bytes):
    """An array as a parameter of a statement."""

    __slots__ = ()


class _PackedDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Packed) -> Packed:
        """Return the array as it is."""
        return obj


def register(adapters: AdaptersMap) -> None:
    """Teach a connection to send packed arrays."""
    adapters.register_dumper(Packed, _PackedDumper)


def uuids(items: Iterable[UUID]) -> Packed:
    """Return a `uuid[]`."""
    return _packed(_UUID, 16, [item.bytes for item in items])


def smallints(items: Iterable[int]) -> Packed:
    """Return a `smallint[]`."""
    return _packed(_INT2, 2, [_int2(item) for item in items])


def ints(items: Iterable[int]) -> Packed:
    """Return an `int[]`."""
    return _packed(_INT4, 4, [_int4(item) for item in items])


def bigints(items: Iterable[int]) -> Packed:
    """Return a `bigint[]`."""
    return _packed(_INT8, 8, [_int8(item) for item in items])


def byteas(items: Sequence[bytes]) -> Packed:
    """Return a `bytea[]`."""
    return _packed_bytes(_BYTEA, items)


def texts(items: Iterable[str]) -> Packed:
    """Return a `text[]`."""
    return _packed_bytes(_TEXT, [item.encode() for item in items])


def _packed(oid: int, width: int, items: Sequence[bytes]) -> Packed:
    return Packed(_int4(width).join([_head(1, 0, oid, len(items), 1), *items]))


def _packed_bytes(oid: int, items: Sequence[bytes]) -> Packed:
    parts = [_head(1, 0, oid, len(items), 1)]
    for item in items:
        parts += (_int4(len(item)), item)
    return Packed(b"".join(parts))
