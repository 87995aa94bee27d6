"""Every view there is."""

from typing import Final

from projections import search, timeline
from projections.customers import customers, interactions
from projections.desk import groups, tickets
from projections.people import users
from projections.view import View

VIEWS: Final[tuple[View, ...]] = (
    customers.VIEW,
    interactions.VIEW,
    groups.VIEW,
    users.VIEW,
    tickets.VIEW,
    timeline.VIEW,
    search.VIEW,
)
