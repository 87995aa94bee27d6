"""Payloads made up from types and rules, always the same ones: they show what an event looks like.

The stored payloads of the tests are not part of an installation; nor would it be right to show
what really is in the log.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Final, NewType, Union, get_args, get_origin, get_type_hints
from uuid import UUID, uuid5

import msgspec

from domain.addresses import checked_address, required_address
from domain.base import Event
from domain.checks import Kept
from domain.field_rules import FieldKind, FieldRules, checked_rules
from domain.phones import require_phone
from domain.rules import optional_email, require_domains, require_email
from domain.values import Address
from domain.vat_ids import optional_vat_id
from eventstore.mapper import shape_of

_NAMESPACE: Final = UUID("7a0c4f0e-3b52-4c1d-9c86-0d6e2f5b9a11")
_ADDRESS: Final = Address("Hauptstraße 1", "10115", "Berlin", "DE")

BY_RULE: Final[dict[Callable[..., Any], Any]] = {
    checked_address: _ADDRESS,
    checked_rules: FieldRules(FieldKind.TEXT),
    optional_email: "ada@acme.example",
    optional_vat_id: "DE136695976",
    require_domains: ("acme.example",),
    require_email: "ada@acme.example",
    require_phone: "+4930901820",
    required_address: _ADDRESS,
}
"""What a rule takes, where a value of the type alone would not do."""

_BY_TYPE: Final[dict[Any, Any]] = {
    bool: True,
    date: date(2026, 3, 2),
    datetime: datetime(2026, 3, 2, 9, tzinfo=UTC),
    Decimal: Decimal("12.50"),
    float: 12.5,
    int: 1,
    timedelta: timedelta(minutes=90),
}


class ExampleMissing(LookupError):
    """A type has no example yet: give it one in eventstore/contract/examples.py."""


def example_facts(event_class: type[Event]) -> dict[str, Any]:
    """Return a value for each field of an event; raises `ExampleMissing`."""
    hints = get_type_hints(event_class, include_extras=True)
    names = [field.name for field in msgspec.structs.fields(shape_of(event_class))]
    return {name: _of(name, hints[name]) for name in names}


def example_payload(event_class: type[Event]) -> dict[str, Any]:
    """Return an event's example as JSON says it; raises `ExampleMissing`."""
    encoded = msgspec.json.encode(example_facts(event_class))
    payload: dict[str, Any] = msgspec.json.decode(encoded)
    return payload


def _of(name: str, hint: Any) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if isinstance(hint, NewType):
        return _of(hint.__name__, hint.__supertype__)
    if origin is Annotated:
        fitting = [BY_RULE[rule] for rule in arguments[1:] if rule in BY_RULE]
        return fitting[0] if fitting else _of(name, arguments[0])
    if origin in {Union, UnionType}:
        return _of(name, next(part for part in arguments if part not in {NoneType, Kept}))
    if origin is not None:
        return _of_many(name, origin, arguments)
    return _of_one(name, hint)


def _of_many(name: str, origin: Any, arguments: tuple[Any, ...]) -> Any:
    if origin is dict:
        return {"name": _of("value", arguments[1])}
    if origin is tuple and arguments[-1] is not ...:
        return tuple(_of(name, argument) for argument in arguments)
    return origin([_of(name, arguments[0])])


def _of_one(name: str, kind: Any) -> Any:
    if kind is str:
        return name.replace("_", " ")
    if kind is UUID:
        return uuid5(_NAMESPACE, name)
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind, include_extras=True)
        return kind(**{part.name: _of(part.name, hints[part.name]) for part in fields(kind)})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    if kind in _BY_TYPE:
        return _BY_TYPE[kind]
    raise ExampleMissing(f"{name}: {kind} has no example in eventstore/contract/examples.py.")
