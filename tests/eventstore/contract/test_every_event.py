"""What the catalogue says of every event is true of what is stored."""

from pathlib import Path
from uuid import UUID

import jsonschema_rs
import msgspec
import pytest

from domain.base import Event
from domain.catalogue import AGGREGATES
from domain.checks import checked
from eventstore.contract.catalogue import Catalogue, EventDescription, Presence
from eventstore.contract.describe import describe_all
from eventstore.contract.examples import example_facts
from eventstore.contract.lint import compare, lint_payloads
from eventstore.contract.page import page
from eventstore.contract.payloads import check
from eventstore.mapper import events_of
from tests.golden.payloads import FOLDER, released

PAGE = Path(__file__).parents[3] / "docs" / "events.md"
EVENTS = describe_all(AGGREGATES)
CLASSES = events_of(*AGGREGATES)
STORED = [one for one in released() if one[1] == CLASSES[one[0]].class_version]

every = pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.topic)


def test_every_event_is_in_the_catalogue() -> None:
    assert [event.topic for event in EVENTS] == sorted(CLASSES)


@pytest.mark.parametrize(("topic", "_", "payload"), STORED, ids=[one[0] for one in STORED])
def test_a_stored_payload_is_valid_under_the_schema(topic: str, _: int, payload: bytes) -> None:
    (schema,) = (event.schema for event in EVENTS if event.topic == topic)

    told = msgspec.json.decode(payload)

    jsonschema_rs.validate(schema, told)
    assert told.keys() <= schema["properties"].keys()


@every
def test_an_example_is_read_and_written_as_it_is(event: EventDescription) -> None:
    check(event.topic, event.version, msgspec.json.encode(event.example))

    jsonschema_rs.validate(event.schema, event.example)


@pytest.mark.parametrize("event_class", CLASSES.values(), ids=CLASSES)
def test_an_example_keeps_to_the_rules(event_class: type[Event]) -> None:
    facts = example_facts(event_class)

    kept = checked(event_class, facts)

    assert kept == facts, "give the rule an example in eventstore/contract/examples.py"


@every
def test_a_schema_needs_the_required_fields(event: EventDescription) -> None:
    required = [field.name for field in event.fields if field.presence is Presence.REQUIRED]

    assert sorted(event.schema["required"]) == sorted(required)
    assert [field.name for field in event.fields] == list(event.schema["properties"])


@every
def test_an_event_says_what_happened_to_a_record_that_there_is(event: EventDescription) -> None:
    records = {aggregate.TOPIC for aggregate in AGGREGATES}

    named = {event.record, *(field.record for field in event.fields if field.record)}

    assert named <= records
    assert event.meaning.endswith(".")


def test_the_same_catalogue_is_made_each_time() -> None:
    again = describe_all(AGGREGATES)

    assert msgspec.json.encode(again) == msgspec.json.encode(EVENTS)


def test_a_catalogue_that_was_written_is_read_again_and_differs_in_nothing() -> None:
    written = msgspec.json.encode(Catalogue("0.1.0", EVENTS))

    before = msgspec.json.decode(written, type=Catalogue)

    assert before.events == EVENTS
    assert list(compare(before.events, EVENTS)) == []


def test_no_stored_payload_is_broken() -> None:
    known = {event.topic: event for event in EVENTS}

    assert [str(finding) for finding in lint_payloads(FOLDER, known)] == []


def test_the_page_of_the_docs_is_made_from_the_classes_of_today() -> None:
    stale = "docs/events.md is stale: make it anew with `./just events`."

    assert PAGE.read_text() == page(AGGREGATES, EVENTS), stale


def test_ids_of_an_example_differ_by_what_they_name() -> None:
    (opened,) = (event.example for event in EVENTS if event.topic == "ticket.opened")

    ids = {UUID(opened[name]) for name in ("customer_id", "contact_id", "location_id")}

    assert len(ids) == 3
