"""Who may see which rows: compiled into every statement, so that no row has to be taken back."""

from typing import Any

from sqlalchemy import ColumnElement, false, true

from domain.actors import Actor


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
