"""The catalogue is complete: nobody can add an aggregate or an event that it does not know."""

import importlib
import pkgutil
import re

import pytest
from eventsourcing.utils import resolve_topic

import domain
from domain.base import AggregateRoot, Created, Event
from domain.catalogue import AGGREGATES
from tests.given import EXAMPLES
from tests.golden.payloads import FOLDER, event_classes, file_name

EVENTS = event_classes()


def _defined_aggregates() -> set[type[AggregateRoot]]:
    modules = [
        importlib.import_module(module.name)
        for module in pkgutil.walk_packages(domain.__path__, "domain.")
    ]
    return {
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, AggregateRoot) and hasattr(value, "TOPIC")
    }


def test_every_aggregate_of_the_domain_is_in_the_catalogue() -> None:
    assert set(AGGREGATES) == _defined_aggregates()


def test_the_catalogue_names_every_aggregate_once_in_alphabetical_order() -> None:
    names = [aggregate.__name__ for aggregate in AGGREGATES]

    assert names == sorted(set(names))


def test_no_two_aggregates_share_a_topic() -> None:
    topics = [aggregate.TOPIC for aggregate in AGGREGATES]

    assert len(set(topics)) == len(topics)


def test_no_two_events_share_a_topic() -> None:
    topics = [event_class.TOPIC for event_class in EVENTS]

    assert len(set(topics)) == len(topics)


@pytest.mark.parametrize("event_class", EVENTS, ids=lambda kind: kind.TOPIC)
def test_an_event_is_stored_under_its_aggregate_and_its_own_name(
    event_class: type[Event],
) -> None:
    told = [re.findall(r"[A-Z][a-z]*", name) for name in event_class.__qualname__.split(".")]

    assert ".".join("_".join(words).lower() for words in told) == event_class.TOPIC


@pytest.mark.parametrize("event_class", EVENTS, ids=lambda kind: kind.TOPIC)
def test_a_topic_is_in_the_past_tense(event_class: type[Event]) -> None:
    irregular = {"taken_in", "given_back", "won", "put_on_hold", "written", "begun", "sent", "paid"}

    told = event_class.TOPIC.partition(".")[2]

    assert told in irregular or told.endswith("ed")


@pytest.mark.parametrize("event_class", EVENTS, ids=lambda kind: kind.TOPIC)
def test_a_topic_names_the_class_that_reads_it(event_class: type[Event]) -> None:
    assert resolve_topic(event_class.TOPIC) is event_class


@pytest.mark.parametrize("event_class", EVENTS, ids=lambda kind: kind.TOPIC)
def test_an_event_says_what_happened(event_class: type[Event]) -> None:
    docs = [base.__dict__.get("__doc__") or "" for base in event_class.__mro__]
    written = next(doc for doc in docs if doc and "originator_id:" not in doc)

    assert written.partition("\n")[0].endswith(".")
    assert written not in {Event.__doc__, Created.__doc__}


@pytest.mark.parametrize("aggregate", AGGREGATES, ids=lambda kind: kind.__name__)
def test_an_aggregate_begins_with_exactly_one_event(aggregate: type[AggregateRoot]) -> None:
    prefix = f"{aggregate.__name__}."
    own = [kind for kind in EVENTS if kind.__qualname__.startswith(prefix)]

    assert sum(issubclass(kind, Created) for kind in own) == 1


@pytest.mark.parametrize("event_class", EVENTS, ids=lambda kind: kind.TOPIC)
def test_an_event_has_a_golden_payload(event_class: type[Event]) -> None:
    assert (FOLDER / file_name(event_class)).is_file()


@pytest.mark.parametrize("event_class", EVENTS, ids=lambda kind: kind.TOPIC)
def test_an_event_has_one_example(event_class: type[Event]) -> None:
    facts = sum(fact.event_class is event_class for fact in EXAMPLES)

    assert facts == 1, f"{event_class.TOPIC} has {facts} facts in tests/given/, not one."


@pytest.mark.parametrize("event_class", EVENTS, ids=lambda kind: kind.TOPIC)
def test_an_event_can_be_raised_from_every_older_version(event_class: type[Event]) -> None:
    steps = [f"upcast_v{old}_v{old + 1}" for old in range(1, event_class.class_version)]

    assert [step for step in steps if not hasattr(event_class, step)] == []
