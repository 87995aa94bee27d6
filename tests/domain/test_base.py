"""What every aggregate shares; the traps of the library are closed (architecture.md §5)."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from eventsourcing.domain import ProgrammingError, event

from domain import base
from domain.base import Created, Event, TimeRunsBackwards
from domain.desk.tickets import Ticket
from tests.given import T0, T1, TICKET, given, opened, recorded, retitled, started

NAIVE = T1.replace(tzinfo=None)
BERLIN = timezone(timedelta(hours=1))


class Lamp(base.AggregateRoot):
    """A test-only aggregate."""

    TOPIC = "base_lamp"

    class Hung(Created):
        TOPIC = "base_lamp.hung"

    class Lit(Event):
        TOPIC = "base_lamp.lit"

    @event(Hung)
    def __init__(self) -> None:
        self.on = False

    @event(Lit)
    def light(self, *, timestamp: datetime | None = None) -> None:
        self.on = True


def hung() -> Lamp:
    return Lamp._create(Lamp.Hung, id=TICKET, timestamp=T0)


def test_an_aggregate_without_a_topic_is_refused() -> None:
    with pytest.raises(TypeError, match="'Nameless' needs an explicit TOPIC"):

        class Nameless(base.AggregateRoot):
            pass


def test_an_aggregate_does_not_inherit_a_topic() -> None:
    with pytest.raises(TypeError, match="'Heir' needs an explicit TOPIC"):

        class Heir(Lamp):
            pass


def test_two_aggregates_do_not_share_a_topic() -> None:
    with pytest.raises(ProgrammingError, match="already registered"):

        class SecondLamp(base.AggregateRoot):
            TOPIC = "base_lamp"


@pytest.mark.parametrize("topic", ["", " ", None])
def test_an_empty_topic_is_refused(topic: str | None) -> None:
    with pytest.raises(TypeError, match="'Blank' needs an explicit TOPIC"):

        class Blank(base.AggregateRoot):
            TOPIC = topic  # type: ignore[assignment]  # None is what is tried


def test_an_aggregate_needs_a_topic_whatever_its_name() -> None:
    with pytest.raises(TypeError, match="'AggregateRoot' needs an explicit TOPIC"):

        class AggregateRoot(base.AggregateRoot):
            pass


def test_an_event_without_a_topic_is_refused() -> None:
    with pytest.raises(ProgrammingError, match="Explicit topic not defined"):

        class Anonymous(base.AggregateRoot):
            TOPIC = "base_anonymous"

            class Happened(Created):
                pass


def test_an_event_can_not_be_read_as_another_aggregates_event() -> None:
    with pytest.raises(ProgrammingError, match="already registered"):

        class Thief(base.AggregateRoot):
            TOPIC = "base_thief"

            class Stolen(Created):
                TOPIC = "base_lamp.hung"


def test_an_event_without_a_timestamp_is_refused() -> None:
    lamp = hung()

    with pytest.raises(TypeError, match="the domain reads no clock"):
        lamp.trigger_event(Lamp.Lit)

    assert lamp.version == 1


def test_an_event_whose_timestamp_is_none_is_refused() -> None:
    lamp = hung()

    with pytest.raises(TypeError, match="the domain reads no clock"):
        lamp.light(timestamp=None)

    assert not lamp.on


def test_an_event_with_a_naive_timestamp_is_refused() -> None:
    ticket = given(Ticket, opened)

    with pytest.raises(TypeError, match="aware"):
        ticket.change(Ticket.Retitled, NAIVE, title="New")

    assert recorded(ticket) == []


def test_a_creation_without_a_timestamp_is_refused() -> None:
    with pytest.raises(TypeError, match="the domain reads no clock"):
        Lamp._create(Lamp.Hung, id=TICKET)


def test_a_creation_with_a_naive_timestamp_is_refused() -> None:
    with pytest.raises(TypeError, match="aware"):
        Lamp._create(Lamp.Hung, id=TICKET, timestamp=NAIVE)


def test_an_aggregate_can_not_be_created_behind_the_rules_back() -> None:
    with pytest.raises(TypeError, match="the domain reads no clock"):
        Lamp()


def test_no_id_is_invented() -> None:
    with pytest.raises(NotImplementedError):
        Lamp._create(Lamp.Hung, timestamp=T0)


def test_an_instant_is_recorded_in_utc() -> None:
    ticket = given(Ticket, opened)

    ticket.change(Ticket.Retitled, T1.astimezone(BERLIN), title="New")

    assert recorded(ticket) == [retitled(title="New", timestamp=T1)]
    assert [event.timestamp.tzinfo for event in recorded(ticket)] == [UTC]


def test_a_record_begins_in_utc() -> None:
    lamp = Lamp._create(Lamp.Hung, id=TICKET, timestamp=T0.astimezone(BERLIN))

    assert (lamp.created_on, lamp.created_on.tzinfo) == (T0, UTC)


def test_time_does_not_run_backwards() -> None:
    ticket = given(Ticket, opened(timestamp=T1))

    with pytest.raises(TimeRunsBackwards):
        ticket.change(Ticket.Retitled, T0, title="New")

    assert recorded(ticket) == []


def test_two_things_may_happen_at_the_same_time() -> None:
    ticket = given(Ticket, opened, started)

    ticket.change(Ticket.Retitled, T0, title="New")

    assert recorded(ticket) == [retitled(title="New")]


def test_the_events_of_a_record_are_counted_from_one() -> None:
    ticket = given(Ticket, opened, started)

    ticket.change(Ticket.Retitled, T1, title="New")
    ticket.change(Ticket.Described, T1, description="Newer")

    assert [event.originator_version for event in recorded(ticket)] == [3, 4]


def test_an_event_changes_only_the_record_it_belongs_to() -> None:
    lamp = hung()

    lamp.light(timestamp=T1)

    assert (lamp.on, lamp.modified_on, lamp.id) == (True, T1, UUID(str(TICKET)))
