"""The catalogue is complete: nobody can add an aggregate or an event that it does not know."""

import re
from collections import Counter

import pytest
from eventsourcing.utils import resolve_topic

from domain.base import AggregateRoot, Change, Created, Event
from domain.catalogue import AGGREGATES
from tests.given import EXAMPLES
from tests.golden.payloads import FOLDER, event_classes, file_name

EVENTS = event_classes()


def test_the_catalogue_names_every_aggregate_once_in_alphabetical_order() -> None:
    names = [aggregate.__name__ for aggregate in AGGREGATES]

    assert names == sorted(set(names))


def test_no_two_aggregates_share_a_topic() -> None:
    topics = [aggregate.TOPIC for aggregate in AGGREGATES]

    assert len(set(topics)) == len(topics)


def test_no_two_events_share_a_topic() -> None:
    topics = [event_class.TOPIC for event_class in EVENTS]

    assert len(set(topics)) == len(topics)


def test_an_event_is_stored_under_its_aggregate_and_its_own_name() -> None:
    wrong = [event for event in EVENTS if _named(event) != event.TOPIC]

    assert wrong == []


def _named(event_class: type[Event]) -> str:
    told = [re.findall(r"[A-Z][a-z]*", name) for name in event_class.__qualname__.split(".")]
    return ".".join("_".join(words).lower() for words in told)


def test_a_topic_is_in_the_past_tense() -> None:
    irregular = {
        "taken_in",
        "given_back",
        "carried_out",
        "won",
        "put_on_hold",
        "written",
        "begun",
        "sent",
        "paid",
    }

    told = {event.TOPIC.partition(".")[2] for event in EVENTS}

    assert [name for name in told - irregular if not name.endswith("ed")] == []


def test_a_topic_names_the_class_that_reads_it() -> None:
    wrong = [event for event in EVENTS if resolve_topic(event.TOPIC) is not event]

    assert wrong == []


def test_an_event_says_what_happened() -> None:
    silent = [event for event in EVENTS if not _says_what_happened(event)]

    assert silent == []


def _says_what_happened(event_class: type[Event]) -> bool:
    docs = [base.__dict__.get("__doc__") or "" for base in event_class.__mro__]
    written = next(doc for doc in docs if doc and "originator_id:" not in doc)
    is_inherited = written in {Event.__doc__, Created.__doc__, Change.__doc__}
    return written.partition("\n")[0].endswith(".") and not is_inherited


@pytest.mark.parametrize("aggregate", AGGREGATES, ids=lambda kind: kind.__name__)
def test_an_aggregate_begins_with_exactly_one_event(aggregate: type[AggregateRoot]) -> None:
    prefix = f"{aggregate.__name__}."
    own = [kind for kind in EVENTS if kind.__qualname__.startswith(prefix)]

    assert sum(issubclass(kind, Created) for kind in own) == 1


def test_an_event_has_a_golden_payload() -> None:
    missing = [name for name in map(file_name, EVENTS) if not (FOLDER / name).is_file()]

    assert not missing, f"`./just golden` stores {', '.join(missing)}."


def test_an_event_has_one_example() -> None:
    facts = Counter(fact.event_class for fact in EXAMPLES)

    wrong = [
        f"{event.TOPIC} has {facts[event]} facts in tests/given/, not one." for event in EVENTS
    ]

    assert [sentence for sentence in wrong if " has 1 facts " not in sentence] == []


def test_an_event_can_be_raised_from_every_older_version() -> None:
    steps = [
        (event, f"upcast_v{old}_v{old + 1}")
        for event in EVENTS
        for old in range(1, event.class_version)
    ]

    assert [step for event, step in steps if not hasattr(event, step)] == []
