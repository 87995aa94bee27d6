"""Who may see which rows: compiled into every statement, so that no row has to be taken back."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Column, ColumnElement, false, true
from sqlalchemy.sql import visitors

from domain.actors import Actor
from domain.errors import Forbidden


class ParameterForbidden(Forbidden):
    """Only staff may use `{field}` here: it tells what customers do not see."""


def within(actor: Actor, customer_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that a row belongs to a customer whom the actor may see."""
    if actor.is_staff:
        return true()
    if actor.customer_id is None:
        return false()
    return customer_id == actor.customer_id


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
