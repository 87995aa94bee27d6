"""Every slice whose records are remembered: a row for each, and a timeline."""

from types import ModuleType
from typing import Final

from projections.customers import (
    contacts,
    custom_fields,
    customers,
    interactions,
    locations,
)
from projections.desk import groups, tickets
from projections.people import erasures, users

SLICES: Final[tuple[ModuleType, ...]] = (
    customers,
    interactions,
    locations,
    contacts,
    custom_fields,
    groups,
    users,
    erasures,
    tickets,
)
"""Each has a `VIEW`.

A slice may name in `PUBLIC` the events that the people of the customer concerned may read; of a
kind that has a field `public`, those that say so. All others are for staff; so is whatever event
comes to be later, until it is named there.
"""
