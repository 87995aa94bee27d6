"""What a list can be narrowed to: a parameter's value becomes a condition on the rows."""

import re
from collections.abc import Callable
from enum import Enum, StrEnum
from typing import Any

import msgspec
from sqlalchemy import Column, ColumnElement, and_, any_, cast, literal, or_
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

Condition = ColumnElement[bool]
Filter = Callable[[Any], Condition]
"""Takes the value of a parameter; returns the condition, by the value alone.

It is remembered for whoever asks with that value: who asks may have no say in it, nor may a clock.
"""


class Deleted(StrEnum):
    """Whether deleted records are shown."""

    NO = "false"
    YES = "true"
    ANY = "any"


class Merged(StrEnum):
    """Whether merged records are shown, in whose place others stand."""

    NO = "false"
    YES = "true"
    ANY = "any"


def equals(column: Column[Any]) -> Filter:
    """Let rows pass that have the value in the column, or one of several values."""

    def condition(value: Any) -> Condition:
        if isinstance(value, tuple) and len(value) == 1:
            # Only rows of a single value can be read in the order of an index.
            (value,) = value
        if isinstance(value, tuple):
            return column == any_(literal([_plain(one) for one in value], ARRAY(column.type)))
        same: Condition = column == _plain(value)
        return same

    return condition


class Contains:
    """Lets rows pass that have the value within one of the texts, in small letters or capitals."""

    def __init__(self, *texts: ColumnElement[str]) -> None:
        """Take the columns, or the texts within them, that are looked at."""
        self.texts = texts

    def __call__(self, value: str) -> Condition:
        """Return the condition that a row has the value."""
        return or_(*(text.icontains(value, autoescape=True) for text in self.texts))


class Since(msgspec.Struct, frozen=True):
    """Lets rows pass from the value on, itself included."""

    column: Column[Any]

    def __call__(self, value: Any) -> Condition:
        """Return the condition that a row is not before the value."""
        later: Condition = self.column >= value
        return later


class UpTo(msgspec.Struct, frozen=True):
    """Lets rows pass up to the value, itself included."""

    column: Column[Any]

    def __call__(self, value: Any) -> Condition:
        """Return the condition that a row is not after the value."""
        earlier: Condition = self.column <= value
        return earlier


class Tagged(msgspec.Struct, frozen=True):
    """Lets rows pass that have all of the tags, in small letters or capitals."""

    column: Column[Any]

    def __call__(self, tags: tuple[str, ...]) -> Condition:
        """Return the condition that a row has the tags, which are kept in small letters."""
        return self.column.contains([tag.lower() for tag in tags])


class Customized(msgspec.Struct, frozen=True):
    """Lets rows pass whose custom fields have all of these values, each sent as `key:value`.

    A value is looked for as text, as what else it may be read as (a number, true or false), and
    as one of several choices.
    """

    column: Column[Any]

    def __call__(self, pairs: tuple[str, ...]) -> Condition:
        """Return the condition that a row has the values."""
        return and_(*(_has(self.column, *pair.partition(":")[::2]) for pair in pairs))


def present(column: Column[Any], wish: Deleted | Merged) -> list[Condition]:
    """Let rows pass that are not deleted (or merged), that are, or both; the column says so."""
    match wish:
        case Deleted.NO | Merged.NO:
            return [column.is_(None)]
        case Deleted.YES | Merged.YES:
            return [column.is_not(None)]
        case Deleted.ANY | Merged.ANY:
            return []


def _has(column: Column[Any], key: str, text: str) -> Condition:
    readings: list[Any] = [text, [text]]
    if re.fullmatch(r"true|false|-?\d{1,16}", text, re.ASCII):
        readings.append(text == "true" if text.isalpha() else int(text))
    # Each by itself: an index answers whether an object contains another one.
    objects = (msgspec.json.encode({key: reading}).decode() for reading in readings)
    return or_(*(column.contains(cast(literal(one), JSONB)) for one in objects))


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
