"""Every view there is."""

from typing import Final

from projections import customers, groups, search, tickets, timeline, users
from projections.view import View

VIEWS: Final[tuple[View, ...]] = (
    customers.VIEW,
    groups.VIEW,
    users.VIEW,
    tickets.VIEW,
    timeline.VIEW,
    search.VIEW,
)
