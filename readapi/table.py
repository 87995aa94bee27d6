"""Every resource there is, and what else can be asked."""

from typing import Final

from domain.actors import EVERYONE
from readapi.customers import (
    activity,
    contacts,
    custom_fields,
    customers,
    duplicates,
    interactions,
    locations,
    overview,
)
from readapi.desk import groups, tickets
from readapi.entries import Entry, entries_of
from readapi.finds import Find, Found, search
from readapi.people import erasures, exports, finding, previews, users
from readapi.resources import Resource

RESOURCES: Final[tuple[Resource, ...]] = (
    customers.RESOURCE,
    interactions.RESOURCE,
    locations.RESOURCE,
    custom_fields.RESOURCE,
    contacts.RESOURCE,
    groups.RESOURCE,
    tickets.RESOURCE,
    users.RESOURCE,
    erasures.RESOURCE,
)

FURTHER: Final[tuple[Entry, ...]] = (
    overview.entry(),
    activity.ENTRY,
    Entry(
        "/search",
        "search",
        "Return the best matches among what the actor may see.",
        search,
        Find,
        Found,
        EVERYONE,
    ),
    *duplicates.ENTRIES,
    finding.ENTRY,
    *exports.exports(),
    *previews.previews(),
)
"""What is not the list, the record or the timeline of one kind."""

TABLE: Final[tuple[Entry, ...]] = (
    *(entry for resource in RESOURCES for entry in entries_of(resource)),
    *FURTHER,
)
"""Every question; each becomes one route."""
