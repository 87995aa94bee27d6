"""A record of every kind with all that may happen to it, and a twin that has only begun.

The record belongs to `CUSTOMER` and happens on the first day; the twin belongs to another customer
and begins on the second. So a list always has two rows, and a customer's people see one of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

import pytest
from sqlalchemy import Table

from domain.actors import Actor, Role
from domain.base import Event
from readapi.resources import Resource
from readapi.table import RESOURCES
from tests.given import (
    CONTACT,
    CUSTOMER,
    EXAMPLES,
    GROUP,
    LOCATION,
    NIGHT_SHIFT,
    OTHER_CONTACT,
    OTHER_CUSTOMER,
    OTHER_LOCATION,
    OTHER_USER,
    T0,
    USER,
    assigned,
    erasure_reordered,
)
from tests.readapi.pretended import CONFIDENTIAL

TWINS: Final[Mapping[UUID, UUID]] = {
    CUSTOMER: OTHER_CUSTOMER,
    GROUP: NIGHT_SHIFT,
    CONTACT: OTHER_CONTACT,
    LOCATION: OTHER_LOCATION,
    USER: OTHER_USER,
}

AGAIN: Final = {"erasure": (erasure_reordered,), "ticket": (assigned,)}
"""What happens once more, so that nothing about the record is empty in the end; nor do the
two of a kind differ in what has two values."""

OF_CUSTOMER: Final = Actor("of-customer", "Ada Zürn", Role.CUSTOMER, CUSTOMER)
OF_OTHER: Final = Actor("of-other", "Bo Li", Role.CUSTOMER, OTHER_CUSTOMER)
OF_NOBODY: Final = Actor("of-nobody", "Nobody", Role.CUSTOMER)
OF_STAFF: Final = tuple(
    Actor(f"of-{role}", f"The {role}", role) for role in Role if role is not Role.CUSTOMER
)
ACTORS: Final = (*OF_STAFF, OF_CUSTOMER, OF_OTHER, OF_NOBODY)

EVERY: Final = (*RESOURCES, CONFIDENTIAL)

ADMIN: Final = OF_STAFF[0]
PARTS: Final = ("", "?as_of=2030-01-01", "?as_of_position=9999", "/timeline")
"""How one record is asked for."""

THEIRS: Final = [resource for resource in EVERY if Role.CUSTOMER in resource.may]
OURS: Final = [resource for resource in EVERY if resource not in THEIRS]

theirs = pytest.mark.parametrize("resource", THEIRS, ids=lambda resource: resource.path)
every = pytest.mark.parametrize("resource", EVERY, ids=lambda resource: resource.path)


def pairs(names: str, found: Iterator[tuple[Resource, Any]]) -> pytest.MarkDecorator:
    """Ask each resource about each of its own."""
    listed = list(found)
    ids = [f"{resource.path}-{one}" for resource, one in listed]
    return pytest.mark.parametrize(f"resource, {names}", listed, ids=ids)


def table(resource: Resource) -> Table:
    return resource.view.tables[0]


def ids(resource: Resource) -> tuple[str, str]:
    """Return the ids of the record and of its twin."""
    return str(life_of(resource.kind)[0].originator_id), str(twin_of(resource.kind).originator_id)


def life_of(kind: str) -> list[Event]:
    """Return all that happens to the record of a kind, a minute apart."""
    facts = [fact for fact in EXAMPLES if fact.event_class.TOPIC.startswith(f"{kind}.")]
    facts += AGAIN.get(kind, ())
    return [
        fact(timestamp=T0 + timedelta(minutes=version)).event(version)
        for version, fact in enumerate(facts, start=1)
    ]


def twin_of(kind: str) -> Event:
    """Return how the twin begins: everything about it has another value, a day later."""
    first = life_of(kind)[0]
    values = {name: _other(value) for name, value in vars(first).items()}
    kept = {"originator_version": 1, "originator_topic": kind}
    return type(first)(**values | {name: kept[name] for name in kept if name in values})


def all_events() -> Iterator[Event]:
    """Yield the events of the records of all kinds and of their twins."""
    for kind in dict.fromkeys(resource.kind for resource in RESOURCES):
        yield from life_of(kind)
        yield twin_of(kind)


def _other(value: Any) -> Any:
    """Return another value of the same type; one of a few choices stays as it is."""
    if isinstance(value, UUID):
        return TWINS.get(value) or uuid5(value, "twin")
    if isinstance(value, datetime):
        return value + timedelta(days=1)
    if is_dataclass(value) and not isinstance(value, type):
        changes = {field.name: _other(getattr(value, field.name)) for field in fields(value)}
        return replace(value, **changes)
    if isinstance(value, tuple):
        return tuple(_other(part) for part in value)
    if type(value) is str:
        return f"Other {value}"
    return value + 1 if type(value) is int else value
