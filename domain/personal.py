"""Which fields of an event tell of a person, and what stands in their place once it is erased.

    name: Annotated[str, Line(200), Personal()]
    number: Annotated[str, Line(100), Impersonal("Another system's number of the ticket.")]

Personal fields are stored encrypted under a key of the person (ADR 12). Where the key was
destroyed, a text reads `[erased]`, and all else is empty.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, NewType, Union, get_args, get_origin, get_type_hints

from domain.checks import Kept


class Retention(StrEnum):
    """Why a text may have to outlive the wish of a person to be forgotten."""

    NONE = "none"
    """Nothing keeps it: erased when the person asks (GDPR article 17)."""
    BOOKS = "books"
    """It stands in invoices and vouchers: kept for eight years after the end of the year (AO § 147
    (3), HGB § 257 (4)); GDPR article 17 (3) b lets it be."""


@dataclass(frozen=True)
class Personal:
    """The mark of a field that tells of a person: the one whom the record is about."""

    keep: Retention = Retention.NONE
    """Each class of retention has a key of its own."""


@dataclass(frozen=True)
class Impersonal:
    """The mark of a text that tells of nobody."""

    reason: str


class Redacted(str):
    """A text whose key was destroyed; what it said is nowhere any more."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Say that it is no text of somebody's."""
        return "REDACTED"


REDACTED: Final = Redacted("[erased]")


def text_of_erased(value: object) -> str:
    """Return an erased text as a plain one: for encoders, which know exact types only.

    Raises NotImplementedError for anything else.
    """
    if isinstance(value, Redacted):
        return str.__str__(value)
    msg = f"{type(value).__qualname__} has no form in JSON."
    raise NotImplementedError(msg)


@cache
def personal_fields(event_class: type) -> Mapping[str, Personal]:
    """Return the marks of the fields that tell of a person, by name."""
    hints = get_type_hints(event_class, include_extras=True)
    found = {name: mark_of(hint) for name, hint in hints.items()}
    return {name: mark for name, mark in found.items() if isinstance(mark, Personal)}


def mark_of(hint: Any) -> Personal | Impersonal | None:
    """Return the mark beside a field's type, or None; raises TypeError where two differ."""
    marks = set(_marks_in(hint))
    if len(marks) > 1:
        msg = f"A field has one mark, not {sorted(map(repr, marks))}."
        raise TypeError(msg)
    return marks.pop() if marks else None


def _marks_in(hint: Any) -> list[Personal | Impersonal]:
    if get_origin(hint) is Annotated:
        kind, *beside = get_args(hint)
        mine = [mark for mark in beside if isinstance(mark, Personal | Impersonal)]
        return [*_marks_in(kind), *mine]
    if get_origin(hint) in {Union, UnionType}:
        return [mark for part in get_args(hint) for mark in _marks_in(part)]
    return []


@cache
def erased(hint: Any) -> Any:
    """Return what stands in the place of an erased value of this type.

    A text is `REDACTED`, a value has each of its fields erased, a collection is empty, and what may
    be None is. Raises TypeError for a type that has no such value: a personal field of it can not
    be erased.
    """
    if isinstance(hint, NewType):
        return erased(hint.__supertype__)
    origin = get_origin(hint)
    if origin is Annotated:
        return erased(get_args(hint)[0])
    if origin in {Union, UnionType}:
        kinds = [kind for kind in get_args(hint) if kind != Kept]
        return None if NoneType in kinds else erased(kinds[0])
    if hint is str:
        return REDACTED
    if is_dataclass(hint) and isinstance(hint, type):
        hints = get_type_hints(hint, include_extras=True)
        return hint(**{field.name: erased(hints[field.name]) for field in fields(hint)})
    if origin in {tuple, list, dict, frozenset}:
        return origin()
    msg = f"{hint!r} has no value that stands for an erased one; use a text, or allow None."
    raise TypeError(msg)
