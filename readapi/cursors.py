"""Cursors: the place in a list after which the next page begins, as an opaque text."""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import BigInteger, ColumnElement, DateTime, Text, Uuid, bindparam, tuple_

from domain.problems import FieldProblem
from readapi.parameters import POSITION_LIMIT, ParametersInvalid

START: Final = "start"


class Place(msgspec.Struct, frozen=True, array_like=True):
    """A row's place in an order."""

    sort: str
    order: str
    value: Any
    """What the row is sorted by."""
    key: Any
    total: Annotated[int, Meta(ge=0, le=POSITION_LIMIT)]
    """How many rows there were at the start: counting them for each page would cost the most."""
    epoch: Annotated[int, Meta(ge=1, le=POSITION_LIMIT)] = 1
    """After a restore there are other rows, and perhaps none here."""


# A cursor was made by us, but may have been altered: nothing in it may trouble Postgres.
_KINDS: Final[dict[type, tuple[Any, Any]]] = {
    int: (Annotated[int, Meta(ge=-POSITION_LIMIT, le=POSITION_LIMIT)], BigInteger()),
    str: (Annotated[str, Meta(pattern=r"^[^\x00]*$")], Text()),
    datetime: (Annotated[datetime, Meta(tz=True)], DateTime(timezone=True)),
    UUID: (UUID, Uuid()),
}


def can_hold(column: ColumnElement[Any]) -> bool:
    """Tell whether a cursor can hold the values of a column; others are not sorted by."""
    return column.type.python_type in _KINDS


def write(place: Place) -> str:
    """Return the cursor of a place."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).rstrip(b"=").decode()


def read(cursor: str, columns: tuple[ColumnElement[Any], ColumnElement[Any]]) -> Place:
    """Return the place in a list sorted by these columns; raises `ParametersInvalid`."""
    value, key = (_KINDS[column.type.python_type][0] for column in columns)
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        place = msgspec.json.decode(base64.b64decode(padded, b"-_", validate=True), type=Place)
        return msgspec.structs.replace(
            place, value=msgspec.convert(place.value, value), key=msgspec.convert(place.key, key)
        )
    except (binascii.Error, ValueError) as error:
        hint = f"This is no cursor; begin with `{START}`, then follow `links.next`."
        raise ParametersInvalid(FieldProblem("cursor", hint)) from error


def beyond(
    columns: tuple[ColumnElement[Any], ColumnElement[Any]], *, down: bool
) -> ColumnElement[bool]:
    """Return the condition that a row comes after the place that is bound as `value` and `key`."""
    value, key = (_KINDS[column.type.python_type][1] for column in columns)
    end = tuple_(bindparam("value", type_=value), bindparam("key", type_=key))
    return tuple_(*columns) < end if down else tuple_(*columns) > end
