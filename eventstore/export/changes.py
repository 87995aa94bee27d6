"""What an event changed about its record: its fields before and after, as texts.

Fields are the record's own attributes, whatever they are: no list names them.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from domain.base import AggregateRoot

NUMBER: Final = "number"
"""The attribute that says which number a record has, its kind perhaps in front: `ticket_number`."""
NAMES: Final = ("name", "title", "subject", "key")
"""The attributes that say what a record is called, in the order in which they are looked for."""

Fields = Mapping[str, str]
"""Texts by field: `address.city`, `custom.sector`; empty where there is nothing."""


class Change(NamedTuple):
    """One field of a record that is another one now."""

    field: str
    before: str
    after: str


class Naming(NamedTuple):
    """By what people know a record; empty where it has none."""

    number: str = ""
    name: str = ""


def fields_of(record: AggregateRoot | None) -> Fields:
    """Return all fields of a record as texts; a value of several parts is a field for each."""
    if record is None:
        return {}
    own = {name: value for name, value in vars(record).items() if not name.startswith("_")}
    return dict(_told("", msgspec.to_builtins(own, str_keys=True)))


def changes(before: Fields, after: Fields) -> Iterator[Change]:
    """Yield the fields that differ, those of the record as it is now first, in its own order."""
    for name in {**after, **before}:
        was, now = before.get(name, ""), after.get(name, "")
        if was != now:
            yield Change(name, was, now)


def naming_of(record: AggregateRoot) -> Naming:
    """Return number and name of a record, from the attributes that are called so."""
    own = vars(record)
    number = own.get(NUMBER, own.get(f"{record.TOPIC}_{NUMBER}"))
    return Naming(_text(number), _text(next((own[name] for name in NAMES if name in own), None)))


def _told(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for part, inside in value.items():
            yield from _told(f"{name}.{part}" if name else part, inside)
    else:
        yield name, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None or value in ([], ()):
        return ""
    return msgspec.json.encode(value).decode()
