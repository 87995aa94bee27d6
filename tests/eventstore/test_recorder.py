"""The library's recorder interface keeps what our log knows beside an event."""

from collections.abc import Iterator, Sequence
from uuid import UUID

import msgspec
import psycopg
import pytest
from eventsourcing.persistence import (
    InfrastructureFactory,
    IntegrityError,
    Notification,
    StoredEvent,
    Tracking,
)

from eventstore.mapper import VersionedEvent
from eventstore.recorder import LogFactory, LogProcessRecorder, LogRecorder
from eventstore.records import Metadata
from tests.conftest import Database
from tests.eventstore.given import OTHER_TICKET, TICKET
from tests.eventstore.test_recorder_conformance import environment

COMMAND, CORRELATION, CAUSE = UUID(int=11), UUID(int=12), UUID(int=13)
OPENED = StoredEvent(TICKET, 1, "ticket.opened", b"{}")


@pytest.fixture
def factory(database: Database) -> Iterator[LogFactory]:
    """The factory of an empty log."""
    with LogFactory(environment(database)) as factory:
        yield factory


@pytest.fixture
def recorder(factory: LogFactory) -> LogRecorder:
    """The recorder of an empty log."""
    return LogRecorder(factory.datastore)


@pytest.mark.parametrize("topic", ["eventstore.recorder", "eventstore.recorder:LogFactory"])
def test_the_module_and_the_class_both_name_the_factory(database: Database, topic: str) -> None:
    env = environment(database) | {"PERSISTENCE_MODULE": topic}

    with InfrastructureFactory.construct(env) as factory:
        assert isinstance(factory, LogFactory)


def test_the_cause_given_to_save_becomes_the_metadata_of_its_events(
    recorder: LogRecorder, database: Database
) -> None:
    cause = {"actor": "mia", "correlation_id": CORRELATION, "causation_id": CAUSE}

    recorder.insert_events([OPENED], command_id=COMMAND, **cause)

    assert metadata(database) == [Metadata(COMMAND, "mia", CORRELATION, CAUSE)]


def test_events_saved_without_a_cause_come_from_the_system(
    recorder: LogRecorder, database: Database
) -> None:
    recorder.insert_events([OPENED])

    [recorded] = metadata(database)
    assert recorded == Metadata(recorded.command_id, "system", recorded.command_id)


def test_a_repeated_command_is_saved_once(recorder: LogRecorder) -> None:
    positions = [recorder.insert_events([OPENED], command_id=COMMAND) for _ in range(2)]

    assert positions == [[1], [1]]
    assert recorder.select_events(TICKET) == [OPENED]


def test_a_command_id_can_not_be_used_for_other_events(recorder: LogRecorder) -> None:
    recorder.insert_events([OPENED], command_id=COMMAND)

    with pytest.raises(IntegrityError, match="already belongs to another request"):
        recorder.insert_events(
            [StoredEvent(OTHER_TICKET, 1, "ticket.opened", b"{}")], command_id=COMMAND
        )


def test_the_version_of_an_event_class_is_kept(recorder: LogRecorder) -> None:
    closed = VersionedEvent(TICKET, 1, "ticket.closed", b"{}", class_version=2)

    recorder.insert_events([closed])

    assert recorder.select_events(TICKET) == [closed]
    assert versions(recorder.select_notifications(None, 10)) == [2]


def test_a_process_keeps_its_place_only_together_with_its_events(factory: LogFactory) -> None:
    recorder = factory.process_recorder()
    recorder.insert_events([OPENED], tracking=Tracking("sales", 1))

    with pytest.raises(IntegrityError):
        recorder.insert_events([OPENED], tracking=Tracking("sales", 2))

    assert recorder.max_tracking_id("sales") == 1


def test_a_process_that_repeats_a_command_is_not_refused(factory: LogFactory) -> None:
    recorder = factory.process_recorder()
    assert isinstance(recorder, LogProcessRecorder)

    positions = [
        recorder.insert_events([OPENED], tracking=Tracking("sales", 1), command_id=COMMAND)
        for _ in range(2)
    ]

    assert positions == [[1], [1]]


def test_a_subscription_ends_while_it_waits(recorder: LogRecorder) -> None:
    recorder.insert_events([OPENED])

    with recorder.subscribe() as subscription:
        first = next(subscription)
        subscription.stop()
        rest = list(subscription)

    assert (first.id, rest) == (1, [])


def metadata(database: Database) -> list[Metadata]:
    """The metadata of all events."""
    with psycopg.connect(database.url) as connection:
        rows = connection.execute("select metadata from es.journal").fetchall()
    return [msgspec.json.decode(row[0], type=Metadata) for row in rows]


def versions(notifications: Sequence[Notification]) -> list[int]:
    """The class versions of notifications."""
    return [getattr(notification, "class_version", 1) for notification in notifications]
