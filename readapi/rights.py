"""Who may see which rows: compiled into every statement, so that no row has to be taken back."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, false, true
from sqlalchemy.sql import visitors

from domain.actors import Actor
from domain.errors import Forbidden
from projections.customers import customers
from readapi.context import Context
from readapi.filters import Condition, equals
from readapi.merges import same_as


class ParameterForbidden(Forbidden):
    """Only staff may use `{field}` here: it tells what customers do not see."""


async def customers_of(ctx: Context) -> tuple[UUID, ...] | None:
    """Return the customers whose records who asks may see: their own and all that are the same.

    None where every customer is meant, which is for staff.
    """
    if ctx.actor.is_staff:
        return None
    # Who should have a bound and has none sees nothing.
    bound = () if ctx.actor.customer_id is None else (ctx.actor.customer_id,)
    if ctx.customers is None:
        ctx.customers = await same_as(ctx, customers.VIEW, *bound) if bound else ()
    return ctx.customers


async def within(ctx: Context, customer_id: Column[Any]) -> Condition:
    """Return the condition that a row belongs to a customer whom the actor may see."""
    seen = await customers_of(ctx)
    if seen is None:
        return true()
    return equals(customer_id)(seen) if seen else false()


def not_deleted(actor: Actor, deleted_at: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that a row is not hidden from the actor by its deletion."""
    return true() if actor.is_staff else deleted_at.is_(None)


def require_open(
    actor: Actor, field: str, asked: ColumnElement[Any], hidden: Collection[Column[Any]]
) -> None:
    """Raise `ParameterForbidden` where what is asked depends on columns hidden from the actor.

    What is looked at is the statement itself: whatever a filter is made of, who may not see a
    value can not find it out by asking for it.
    """
    if not actor.is_staff and any(part in hidden for part in visitors.iterate(asked)):
        raise ParameterForbidden(field=field)
