"""The log as a recorder of the `eventsourcing` library, for its synchronous parts.

Snapshots and tracking records stay with the library's own Postgres recorders, in
schema `rm`: those can be thrown away, the log can not.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from uuid import UUID, uuid4

import msgspec
from eventsourcing import postgres
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    IntegrityError,
    InterfaceError,
    Notification,
    OperationalError,
    ProcessRecorder,
    StoredEvent,
    Subscription,
    Tracking,
)
from eventsourcing.utils import Environment, EnvType, retry
from psycopg import Connection
from psycopg.rows import DictRow, args_row, tuple_row

from eventstore.batches import APPEND, arguments, outcomes
from eventstore.log import END
from eventstore.mapper import VersionedEvent
from eventstore.packing import register
from eventstore.records import Append, Appended, Metadata, NewEvent
from eventstore.subscription import LogSubscription

Row = TypeVar("Row")

STREAM: Final = """
    select stream_id, version, topic, state, class_version
      from es.events
     where stream_id = %s and version > %s and version <= %s
"""
NOTIFICATIONS: Final = """
    select stream_id, version, topic, state, position, class_version
      from es.events
     where position >= %s and position <= %s
"""


@dataclass(frozen=True)
class VersionedNotification(Notification):
    """The library's notification, with the version of the event's class beside it."""

    class_version: int = 1


class LogAggregateRecorder(postgres.PostgresRecorder, AggregateRecorder):
    """Records the events of streams in the log and selects them again."""

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: object
    ) -> Sequence[int] | None:
        """Append the events without telling where; raises IntegrityError."""
        self._record(stored_events, kwargs)
        return None

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Return events of one stream, by version."""
        query = f"{STREAM} order by version {'desc' if desc else 'asc'} limit %s"
        bounds = (-1 if gt is None else gt, END if lte is None else lte)
        return self._select(_stored_event, query, (originator_id, *bounds, limit))

    def _select(self, make: Callable[..., Row], query: str, values: Sequence[Any]) -> list[Row]:
        with self.datastore.get_connection() as connection:
            cursor = connection.cursor(binary=True, row_factory=args_row(make))
            return cursor.execute(query, values, prepare=False).fetchall()

    def _record(
        self, stored_events: Sequence[StoredEvent], facts: Mapping[str, Any]
    ) -> Sequence[int]:
        return self._commit(_command(stored_events, facts)) if stored_events else []

    # The same command, hence the same id: what was committed unheard is not doubled.
    @retry((InterfaceError, OperationalError), max_attempts=10, wait=0.2)
    def _commit(self, append: Append) -> Sequence[int]:
        with self.datastore.get_connection() as connection:
            return _positions(_append(connection, append))


class LogRecorder(LogAggregateRecorder, ApplicationRecorder):
    """Records events in the log, and reads the log from position to position.

    Arguments of `Application.save` may name the cause: `command_id`, `actor`,
    `correlation_id`, `causation_id`.
    """

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: object
    ) -> Sequence[int] | None:
        """Append the events and return their positions; raises IntegrityError."""
        return list(self._record(stored_events, kwargs))

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Return events from `start` to `stop`, by position."""
        first = (start or 0) + (0 if inclusive_of_start else 1)
        values: list[Any] = [first, END if stop is None else stop]
        query = NOTIFICATIONS
        if topics:
            query += " and topic = any (%s)"
            values.append(list(topics))
        query += " order by position limit %s"
        return self._select(VersionedNotification, query, [*values, limit])

    def max_notification_id(self) -> int | None:
        """Return the position of the last event, None for an empty log."""
        query = "select position from es.events order by position desc limit 1"
        return next(iter(self._select(int, query, ())), None)

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Return an iterator that waits for further events when it is at the end."""
        return LogSubscription(self, gt, topics)


class LogProcessRecorder(postgres.PostgresTrackingRecorder, LogRecorder, ProcessRecorder):
    """Records events together with what they were made from, or neither."""

    def _record(
        self, stored_events: Sequence[StoredEvent], facts: Mapping[str, Any]
    ) -> Sequence[int]:
        tracking: Tracking | None = facts.get("tracking")
        if tracking is None:
            return super()._record(stored_events, facts)
        if not stored_events:
            self.insert_tracking(tracking)
            return []
        positions: Sequence[int] = self._commit_both(_command(stored_events, facts), tracking)
        return positions

    @retry((InterfaceError, OperationalError), max_attempts=10, wait=0.2)
    def _commit_both(self, append: Append, tracking: Tracking) -> Sequence[int]:
        with self.datastore.get_connection() as connection, connection.transaction():
            appended = _append(connection, append)
            if not appended.repeated:
                self._insert_tracking(connection.cursor(), tracking)
            return _positions(appended)


class LogFactory(postgres.PostgresFactory):
    """Makes recorders on the log from the library's `POSTGRES_…` settings."""

    def __init__(self, env: Environment | EnvType | None) -> None:
        """Keep snapshots and tracking in `rm`, unless `POSTGRES_SCHEMA` is set."""
        super().__init__(env)
        self.datastore.schema = self.env.get(self.POSTGRES_SCHEMA) or "rm"

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        """Return a recorder on the log, or the library's own for snapshots."""
        if purpose == "events":
            return LogAggregateRecorder(self.datastore)
        return super().aggregate_recorder(purpose)

    def application_recorder(self) -> ApplicationRecorder:
        """Return a recorder on the log."""
        return LogRecorder(self.datastore)

    def process_recorder(self) -> ProcessRecorder:
        """Return a recorder on the log that keeps tracking records beside it."""
        table = f"{self.env.name.lower() or 'notification'}_tracking"
        recorder = LogProcessRecorder(self.datastore, tracking_table_name=table)
        if self.env_create_table():
            recorder.create_table()
        return recorder


def _command(stored_events: Sequence[StoredEvent], facts: Mapping[str, Any]) -> Append:
    command_id = facts.get("command_id") or uuid4()
    metadata = Metadata(
        command_id=command_id,
        actor=facts.get("actor") or "system",
        correlation_id=facts.get("correlation_id") or command_id,
        causation_id=facts.get("causation_id"),
    )
    return Append(
        command_id=command_id,
        request_hash=_hash(stored_events),
        metadata=msgspec.json.encode(metadata),
        events=[_new_event(event) for event in stored_events],
    )


def _hash(stored_events: Sequence[StoredEvent]) -> bytes:
    parts = [
        f"{e.originator_id} {e.originator_version} {e.topic} {len(e.state)} ".encode() + e.state
        for e in stored_events
    ]
    return hashlib.sha256(b"".join(parts)).digest()


def _new_event(event: StoredEvent) -> NewEvent:
    stream_id = event.originator_id
    return NewEvent(
        stream_id=stream_id if isinstance(stream_id, UUID) else UUID(stream_id),
        version=event.originator_version,
        event_id=uuid4(),
        topic=event.topic,
        class_version=getattr(event, "class_version", 1),
        state=event.state,
    )


def _append(connection: Connection[DictRow], append: Append) -> Appended:
    register(connection.adapters)
    cursor = connection.cursor(binary=True, row_factory=tuple_row)
    # The library lets a stream begin at any version, its own tests at 0.
    cursor.execute(APPEND, arguments([append], any_first=True), prepare=True)
    [outcome] = outcomes([append], cursor.fetchall())
    if isinstance(outcome, Exception):
        raise IntegrityError(str(outcome)) from outcome
    return outcome


def _positions(appended: Appended) -> Sequence[int]:
    return range(appended.first_position, appended.last_position + 1)


def _stored_event(
    stream_id: UUID, version: int, topic: str, state: bytes, class_version: int
) -> StoredEvent:
    if class_version == 1:
        return StoredEvent(stream_id, version, topic, state)
    return VersionedEvent(stream_id, version, topic, state, class_version)
