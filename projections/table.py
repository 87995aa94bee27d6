"""Every view there is, and which of them are followed together."""

from collections.abc import Iterable
from typing import Final

from projections import search, timeline
from projections.customers import contacts, custom_fields, customers, interactions, locations
from projections.desk import groups, tickets
from projections.people import users
from projections.view import View

VIEWS: Final[tuple[View, ...]] = (
    customers.VIEW,
    interactions.VIEW,
    locations.VIEW,
    contacts.VIEW,
    custom_fields.VIEW,
    groups.VIEW,
    users.VIEW,
    tickets.VIEW,
    timeline.VIEW,
    search.VIEW,
)


def grouped(views: Iterable[View] = VIEWS) -> list[list[View]]:
    """Return the groups that a worker follows: each view that is `alone`, and all others as one."""
    known = list(views)
    together = [view for view in known if not view.alone]
    return [[view] for view in known if view.alone] + ([together] if together else [])
