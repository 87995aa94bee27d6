"""Whose overview is asked for: one customer, and all that are the same.

A merged customer's answer is that of the one that stands in its place; what belongs to either of
them belongs to both.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Integer,
    Interval,
    Select,
    Uuid,
    any_,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from domain.actors import Actor
from projections.customers.customers import customers
from readapi.customers.customers import RESOURCE, number_of
from readapi.records import uuid_of

ID: Final = bindparam("id", None, Uuid)
NUMBER: Final = bindparam("number", None, Integer)
BOUND: Final = bindparam("bound", None, Uuid)
AT: Final = bindparam("at", None, DateTime(timezone=True))


class Subject:
    """The customer whose parts are asked for, as every part's statement sees it."""

    def __init__(self, *, bounded: bool) -> None:
        """Take whether who asks may see every customer or is `bounded` to one."""
        rows = RESOURCE.listing.rows.where(customers.c.id == _found(bounded=bounded))
        self.row: Final = rows.add_columns(_same().label("customer_ids")).cte("subject")
        """The columns of `RESOURCE`, for one customer or none."""
        ids = select(self.row.c.customer_ids).scalar_subquery()
        # Without the cast, `any` would compare with rows instead of an array's elements.
        self._ids = cast(ids, ARRAY(Uuid))

    @property
    def id(self) -> ColumnElement[UUID]:
        """The customer's id."""
        return select(self.row.c.id).scalar_subquery()

    def has(self, customer_id: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return the condition that a row belongs to the customer."""
        return customer_id == any_(self._ids)

    def ago(self, **time: float) -> ColumnElement[datetime]:
        """Return the instant so long before the overview is made: `ago(days=30)`."""
        return AT - literal(timedelta(**time), Interval)


def values(name: str, actor: Actor, at: datetime) -> Mapping[str, Any]:
    """Return what a statement about a `Subject` is asked with; the name is an id or a number."""
    number = number_of(name)
    id = None if number is not None else uuid_of(name)
    return {ID.key: id, NUMBER.key: number, BOUND.key: actor.customer_id, AT.key: at}


def _found(*, bounded: bool) -> Any:
    one = customers.alias("one")
    named = select(_whole(one)).where(or_(one.c.id == ID, one.c.number == NUMBER)).limit(1)
    if bounded:
        own = customers.alias("own")
        within = select(_whole(own)).where(own.c.id == BOUND).scalar_subquery()
        named = named.where(_whole(one) == within)
    return named.scalar_subquery()


def _same() -> ColumnElement[Any]:
    other = customers.alias("other")
    same: Select[Any] = select(other.c.id).where(_whole(other) == customers.c.id)
    return func.array(same.scalar_subquery(), type_=ARRAY(Uuid))


def _whole(table: Any) -> ColumnElement[Any]:
    return func.coalesce(table.c.merged_into, table.c.id)
