"""Every command there is: each slice lists its own, with its route and with who may ask."""

from commands.customers import (
    contacts,
    custom_fields,
    custom_values,
    customers,
    interactions,
    locations,
    merging,
)
from commands.desk import groups, tickets
from commands.dispatch import Entry
from commands.people import erasures, users

TABLE: tuple[Entry, ...] = (
    *customers.COMMANDS,
    *merging.COMMANDS,
    *interactions.COMMANDS,
    *locations.COMMANDS,
    *contacts.COMMANDS,
    *custom_fields.COMMANDS,
    *custom_values.COMMANDS,
    *users.COMMANDS,
    *erasures.COMMANDS,
    *groups.COMMANDS,
    *tickets.COMMANDS,
)

INTERNAL: tuple[Entry, ...] = (*erasures.INTERNAL,)
"""What the platform itself asks for: neither a route nor a list of commands leads there."""
