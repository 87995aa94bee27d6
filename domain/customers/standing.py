"""Where a customer stands: prospect → active ⇄ on hold, and former in the end."""

from enum import StrEnum

from domain.errors import Conflict, Invalid


class Status(StrEnum):
    """Where a customer stands."""

    PROSPECT = "prospect"
    ACTIVE = "active"
    ON_HOLD = "on_hold"
    FORMER = "former"


class StandingForbids(Conflict):
    """A customer that is `{status}` can not be {action}."""


class StandingInvalid(Invalid):
    """A customer begins as `prospect` or `active`, not as `{status}`."""

    field = "status"


def first_status(_: str, status: Status) -> Status:
    """Return the status if a customer may begin with it; raises `StandingInvalid`."""
    if status not in {Status.PROSPECT, Status.ACTIVE}:
        raise StandingInvalid(status=status.value)
    return status


def require_status(status: Status, needed: Status, action: str) -> None:
    """Raise `StandingForbids` unless the customer stands where the action begins."""
    if status is not needed:
        raise StandingForbids(status=status.value, action=action)
