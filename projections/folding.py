"""Folding recorded events into the rows of a view: the same for live, rebuilt and as-of."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import Final

from domain.base import Event
from eventstore.mapper import decode
from eventstore.records import Recorded
from projections.view import Rows, View

_position: Final = attrgetter("position")


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


class Batch:
    """Events that several views take in: sorted once, and each decoded at most once."""

    def __init__(self, events: Sequence[Recorded]) -> None:
        """Sort events, which are contiguous and in order, by what they are about."""
        self._before = events[0].position - 1
        self._by_topic: dict[str, list[Recorded]] = defaultdict(list)
        for event in events:
            self._by_topic[event.topic.partition(".")[0]].append(event)
        self._decoded: dict[int, Event] = {}

    def relevant(self, view: View, after: int) -> list[Recorded]:
        """Return the events beyond a position that matter to the view, in order."""
        groups = [self._by_topic[topic] for topic in view.topics if topic in self._by_topic]
        events = groups[0] if len(groups) == 1 else sorted(chain(*groups), key=_position)
        if after <= self._before:
            return events
        return [event for event in events if event.position > after]

    def decode(self, recorded: Recorded) -> Event:
        """Return the event, which the views share; raises `PayloadInvalid`."""
        event = self._decoded.get(recorded.position)
        if event is None:
            event = self._decoded[recorded.position] = decode(recorded)
        return event


def fold(
    view: View,
    events: Sequence[Recorded],
    rows: Rows,
    decode: Callable[[Recorded], Event] = decode,
) -> None:
    """Apply relevant events to the rows, in order; raises `Unapplicable`."""
    apply = view.apply
    for recorded in events:
        try:
            apply(decode(recorded), recorded, rows)
        except Exception as error:
            raise Unapplicable(view, recorded) from error
