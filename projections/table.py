"""Every view there is, and which of them are followed together."""

from collections.abc import Iterable
from typing import Final

from domain.catalogue import AGGREGATES
from domain.personal import personal_fields
from eventstore.mapper import events_of
from projections import search, timeline
from projections.slices import SLICES
from projections.view import View

VIEWS: Final[tuple[View, ...]] = (
    *(module.VIEW for module in SLICES),
    timeline.VIEW,
    search.VIEW,
)


_TOLD: Final = frozenset(
    kind.TOPIC
    for kind in AGGREGATES
    if any(personal_fields(event) for event in events_of(kind).values())
)
PERSONAL: Final = tuple(view for view in VIEWS if not _TOLD.isdisjoint(view.topics))
"""The views of records whose events can tell of people."""


def grouped(views: Iterable[View] = VIEWS) -> list[list[View]]:
    """Return the groups that a worker follows: each view that is `alone`, and all others as one."""
    known = list(views)
    together = [view for view in known if not view.alone]
    return [[view] for view in known if view.alone] + ([together] if together else [])
