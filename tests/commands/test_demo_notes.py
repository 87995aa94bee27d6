"""The demo's customers have custom fields and were talked to, as the commands would allow."""

from datetime import UTC, datetime

from commands.demo.crm_notes import FIELDS, values_of
from commands.demo.story import MONTHS, Step, Story
from domain.custom_values import checked_value
from eventstore.personal.parts import plain

UNTIL = datetime(2026, 6, 1, tzinfo=UTC)


def told() -> list[Step]:
    return Story(7, until=UNTIL, tickets=10, first_ticket=1).steps()


def test_the_same_seed_tells_of_the_same_talks() -> None:
    def talks() -> list[tuple[object, ...]]:
        return [
            (step.at, step.actor, event.stream_id, plain(event))
            for step in told()
            for event in step.events
            if event.topic == "interaction.recorded"
        ]

    first, second = talks(), talks()

    assert first == second
    assert len(first) >= 60


def test_every_talk_was_recorded_before_the_story_ends() -> None:
    steps = [step for step in told() if step.events[0].topic == "interaction.recorded"]

    assert all(UNTIL - MONTHS < step.at < UNTIL for step in steps)


def test_every_value_is_one_that_its_field_takes_and_keeps() -> None:
    rules = {key: rules for key, _, _, rules in FIELDS}
    values = [(key, value) for n in range(20) for key, value in values_of(n).items()]

    kept = [(key, checked_value(rules[key], key, value)) for key, value in values]

    assert kept == values
    assert {key for key, _ in values} == rules.keys()


def test_the_story_defines_its_fields_and_gives_customers_values() -> None:
    topics = [event.topic for step in told() for event in step.events]

    assert topics.count("custom_field.defined") == len(FIELDS)
    # Every fourth has none.
    customers = topics.count("customer.registered")
    assert topics.count("customer.customized") == customers - customers // 4


def test_every_record_of_the_story_tells_its_versions_in_order() -> None:
    versions: dict[object, int] = {}

    for step in told():
        for event in step.events:
            assert event.version == versions.get(event.stream_id, 0) + 1, event.topic
            versions[event.stream_id] = event.version
