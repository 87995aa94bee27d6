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


def contains(*texts: ColumnElement[str]) -> Filter:
    """Let rows pass that have the value within one of the texts, in small letters or capitals."""
    return lambda value: or_(*(text.icontains(value, autoescape=True) for text in texts))


def since(column: Column[Any]) -> Filter:
    """Let rows pass from the value on, itself included."""
    return lambda value: column >= value


def until(column: Column[Any]) -> Filter:
    """Let rows pass up to the value, itself included."""
    return lambda value: column <= value


def present(column: Column[Any], wish: Deleted | Merged) -> list[Condition]:
    """Let rows pass that are not deleted (or merged), that are, or both; the column says so."""
    match wish:
        case Deleted.NO | Merged.NO:
            return [column.is_(None)]
        case Deleted.YES | Merged.YES:
            return [column.is_not(None)]
        case Deleted.ANY | Merged.ANY:
            return []


def custom(column: Column[Any]) -> Filter:
    """Let rows pass whose custom fields have all of these values, each sent as `key:value`.

    A value is looked for as text, as what else it may be read as (a number, true or false), and
    as one of several choices.
    """

    def condition(pairs: tuple[str, ...]) -> Condition:
        return and_(*(_has(column, *pair.partition(":")[::2]) for pair in pairs))

    return condition


def _has(column: Column[Any], key: str, text: str) -> Condition:
    readings: list[Any] = [text, [text]]
    if re.fullmatch(r"true|false|-?\d{1,16}", text, re.ASCII):
        readings.append(text == "true" if text.isalpha() else int(text))
    # Each by itself: an index answers whether an object contains another one.
    objects = (msgspec.json.encode({key: reading}).decode() for reading in readings)
    return or_(*(column.contains(cast(literal(one), JSONB)) for one in objects))


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
