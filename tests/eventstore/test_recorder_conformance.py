"""The library's own tests of recorders, run on the log."""

from collections.abc import Iterator

import pytest
from eventsourcing import postgres
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    ProcessRecorder,
    TrackingRecorder,
)
from eventsourcing.tests import persistence as library
from eventsourcing.utils import Environment
from psycopg.conninfo import conninfo_to_dict

from eventstore.recorder import (
    LogAggregateRecorder,
    LogFactory,
    LogProcessRecorder,
    LogRecorder,
)
from tests.conftest import Database


def environment(database: Database) -> Environment:
    """The settings with which the library finds the log."""
    address = conninfo_to_dict(database.url)
    return Environment(
        env={
            "PERSISTENCE_MODULE": "eventstore.recorder:LogFactory",
            "POSTGRES_DBNAME": str(address["dbname"]),
            "POSTGRES_HOST": str(address["host"]),
            "POSTGRES_PORT": str(address.get("port") or 5432),
            "POSTGRES_USER": str(address["user"]),
            "POSTGRES_PASSWORD": str(address.get("password") or ""),
        }
    )


class OnTheLog:
    """Makes recorders on a log of its own for each test."""

    factory: LogFactory

    @pytest.fixture(autouse=True)
    def _log(self, database: Database) -> Iterator[None]:
        with LogFactory(environment(database)) as self.factory:
            yield


class TestStreams(OnTheLog, library.AggregateRecorderTestCase):
    def create_recorder(self) -> AggregateRecorder:
        return self.factory.aggregate_recorder()


class TestSnapshots(OnTheLog, library.AggregateRecorderTestCase):
    def create_recorder(self) -> AggregateRecorder:
        return self.factory.aggregate_recorder("snapshots")


class TestApplicationSequence(OnTheLog, library.ApplicationRecorderTestCase[ApplicationRecorder]):
    def create_recorder(self) -> ApplicationRecorder:
        return self.factory.application_recorder()

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestOrder(OnTheLog, library.NonInterleavingNotificationIDsBaseCase):
    insert_num = 1_000

    def create_recorder(self) -> ApplicationRecorder:
        return self.factory.application_recorder()


class TestTracking(OnTheLog, library.TrackingRecorderTestCase):
    def create_recorder(self) -> TrackingRecorder:
        return self.factory.tracking_recorder()


class TestProcess(OnTheLog, library.ProcessRecorderTestCase):
    def create_recorder(self) -> ProcessRecorder:
        return self.factory.process_recorder()


class OwnTrackingRecorder(postgres.PostgresTrackingRecorder):
    """A subclass, which the factory must take when it is told to."""


class TestFactory(library.InfrastructureFactoryTestCase[LogFactory]):
    @pytest.fixture(autouse=True)
    def _environment(self, database: Database) -> None:
        self.env = environment(database)

    def expected_factory_class(self) -> type[LogFactory]:
        return LogFactory

    def expected_aggregate_recorder_class(self) -> type[AggregateRecorder]:
        return LogAggregateRecorder

    def expected_application_recorder_class(self) -> type[ApplicationRecorder]:
        return LogRecorder

    def expected_tracking_recorder_class(self) -> type[TrackingRecorder]:
        return postgres.PostgresTrackingRecorder

    def tracking_recorder_subclass(self) -> type[TrackingRecorder]:
        return OwnTrackingRecorder

    def expected_process_recorder_class(self) -> type[ProcessRecorder]:
        return LogProcessRecorder
