"""What a list can be narrowed to: a parameter's value becomes a condition on the rows."""

from collections.abc import Callable
from enum import Enum, StrEnum
from typing import Any

from sqlalchemy import Column, ColumnElement, any_, literal, or_, true
from sqlalchemy.dialects.postgresql import ARRAY

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


def present(column: Column[Any], deleted: Deleted) -> list[Condition]:
    """Let rows pass that are not deleted, that are, or both; the column says when they were."""
    match deleted:
        case Deleted.NO:
            return [column.is_(None)]
        case Deleted.YES:
            return [column.is_not(None)]
        case Deleted.ANY:
            return []


def merged(column: Column[Any]) -> Filter:
    """Let rows pass that are not merged, that are, or both; the column says into which."""

    def condition(wish: Merged) -> Condition:
        match wish:
            case Merged.NO:
                return column.is_(None)
            case Merged.YES:
                return column.is_not(None)
            case Merged.ANY:
                return true()

    return condition


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
