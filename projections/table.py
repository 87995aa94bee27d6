"""Every view there is, and which of them are followed together."""

from collections.abc import Iterable
from typing import Final

from eventstore.personal.marked import marked
from projections import search, timeline
from projections.slices import SLICES
from projections.view import View

VIEWS: Final[tuple[View, ...]] = (
    *(module.VIEW for module in SLICES),
    timeline.VIEW,
    search.VIEW,
)


_TOLD: Final = frozenset(topic.partition(".")[0] for topic in marked())
PERSONAL: Final = tuple(view for view in VIEWS if not _TOLD.isdisjoint(view.topics))
"""The views of records whose events can tell of people."""


def grouped(views: Iterable[View] = VIEWS) -> list[list[View]]:
    """Return the groups that a worker follows: each view that is `alone`, and all others as one."""
    known = list(views)
    together = [view for view in known if not view.alone]
    return [[view] for view in known if view.alone] + ([together] if together else [])
