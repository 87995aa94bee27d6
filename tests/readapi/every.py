"""A record of every kind with all that may happen to it, and a twin that has only begun.

The record belongs to `CUSTOMER` and happens on the first day; the twin belongs to another customer
and begins on the second. So a list always has two rows, and a customer's people see one of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal
from uuid import UUID, uuid5

import msgspec
from msgspec import Meta

from domain.actors import EVERYONE, Actor, Role
from domain.base import Event
from domain.desk.tickets import TicketNotFound
from domain.people.users import UserNotFound
from projections.desk import tickets
from projections.people import users
from readapi.documents import FOR_STAFF, CreatedAt, Id, Named, UpdatedAt, Version
from readapi.fields import Composed, Reference
from readapi.filters import Deleted, contains
from readapi.pages import Order, Paged
from readapi.parameters import Text, Words
from readapi.resources import Resource
from readapi.table import RESOURCES
from tests.given import (
    CUSTOMER,
    EXAMPLES,
    GROUP,
    NIGHT_SHIFT,
    OTHER_CUSTOMER,
    OTHER_USER,
    T0,
    USER,
    assigned,
)

TWINS: Final[Mapping[UUID, UUID]] = {
    CUSTOMER: OTHER_CUSTOMER,
    GROUP: NIGHT_SHIFT,
    USER: OTHER_USER,
}

AGAIN: Final = {"ticket": (assigned,)}
"""What happens once more, so that nothing about the record is empty in the end."""

OF_CUSTOMER: Final = Actor("of-customer", "Ada Zürn", Role.CUSTOMER, CUSTOMER)
OF_OTHER: Final = Actor("of-other", "Bo Li", Role.CUSTOMER, OTHER_CUSTOMER)
OF_NOBODY: Final = Actor("of-nobody", "Nobody", Role.CUSTOMER)
OF_STAFF: Final = tuple(
    Actor(f"of-{role}", f"The {role}", role) for role in Role if role is not Role.CUSTOMER
)
ACTORS: Final = (*OF_STAFF, OF_CUSTOMER, OF_OTHER, OF_NOBODY)


class ConfidentialDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket of which customers see less."""

    id: Id
    title: Annotated[str, Meta(examples=["The printer jams"])]
    category: Annotated[str | None, FOR_STAFF, Meta(examples=["hardware"])]
    assignee: Annotated[Named | None, FOR_STAFF]
    owner: Annotated[Named | None, Meta(description="The assignee once more, under a mail.")]
    itself: Named
    priority: Annotated[dict[str, Any] | None, FOR_STAFF, Meta(examples=[{"is": "high"}])]
    created_at: CreatedAt
    updated_at: UpdatedAt
    version: Version


class ConfidentialList(Paged, frozen=True, kw_only=True):
    """What the list is narrowed to."""

    category: Text | None = None
    about: Annotated[Words | None, Meta(description="Part of the title or the category.")] = None
    title: Text | None = None
    priority_rank: int | None = None
    deleted: Deleted = Deleted.NO
    sort: Literal["title", "category", "created_at"] = "title"
    order: Order = Order.ASC


_t = tickets.VIEW.tables[0].c

CONFIDENTIAL: Final = Resource(
    kind="ticket",
    path="/confidential",
    view=tickets.VIEW,
    document=ConfidentialDocument,
    query=ConfidentialList,
    missing=TicketNotFound,
    may=EVERYONE,
    bound=_t.customer_id,
    deleted=_t.deleted_at,
    references=(
        Reference("assignee", users.VIEW),
        Reference("owner", users.VIEW, column="assignee_id", called="email"),
        Reference("itself", tickets.VIEW, column="id", called="title"),
    ),
    composed=(
        Composed(
            "priority", (_t.priority, _t.priority_rank), lambda name, rank: {"is": name, "no": rank}
        ),
    ),
    filters={"about": contains(_t.title, _t.category)},
)
"""Has what the real ones may come to have: fields for staff only, references of all kinds."""


class ColleagueDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A user whom their customer may see."""

    id: Id
    name: Annotated[str, Meta(examples=["Ada Zürn"])]
    version: Version


class ColleagueList(Paged, frozen=True, kw_only=True):
    """All of them."""

    sort: Literal["name"] = "name"
    order: Order = Order.ASC


COLLEAGUES: Final = Resource(
    kind="user",
    path="/colleagues",
    view=users.VIEW,
    document=ColleagueDocument,
    query=ColleagueList,
    missing=UserNotFound,
    may=EVERYONE,
    bound=users.VIEW.tables[0].c.customer_id,
)
"""The record begins within the bound of `CUSTOMER`, and ends within that of the other one."""

EVERY: Final = (*RESOURCES, CONFIDENTIAL)


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
