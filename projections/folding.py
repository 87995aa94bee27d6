"""Folding recorded events into the rows of a view: the same for live, rebuilt and as-of."""

from collections.abc import Iterable, Sequence

from eventstore.mapper import decode
from eventstore.records import Recorded
from projections.view import Rows, View


class Unapplicable(Exception):
    """An event that a view can not take in; it stands in the way of all that follow."""

    def __init__(self, view: View, recorded: Recorded) -> None:
        """Name the view and the event."""
        super().__init__(
            f"View '{view.name}' can not take in event {recorded.position} ('{recorded.topic}')."
        )
        self.view = view.name
        self.recorded = recorded


def relevant(view: View, events: Iterable[Recorded]) -> list[Recorded]:
    """Return the events that matter to the view, in order."""
    topics = view.topics
    return [event for event in events if event.topic.partition(".")[0] in topics]


def fold(view: View, events: Sequence[Recorded], rows: Rows) -> None:
    """Apply relevant events to the rows, in order; raises `Unapplicable`."""
    apply = view.apply
    for recorded in events:
        try:
            apply(decode(recorded), recorded, rows)
        except Exception as error:
            raise Unapplicable(view, recorded) from error
