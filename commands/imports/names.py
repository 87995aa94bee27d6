"""Names that only one record may bear, claimed on streams that were read beforehand."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from domain.base import AggregateRoot
from domain.reservations import Reservation, reservation_id
from eventstore import mapper
from eventstore.records import Recorded

Streams = Mapping[UUID, Sequence[Recorded]]


def holder(scope: str, key: str, streams: Streams) -> UUID | None:
    """Return the record that bears the name, if one does."""
    taken = mapper.rebuild(Reservation, streams[reservation_id(scope, key)])
    return taken.holder if taken else None


def claims(record: AggregateRoot, streams: Streams, *, at: datetime) -> list[Reservation]:
    """Take all names of a new record; raises `AlreadyTaken`."""
    return [_claim(*name, streams, holder=record.id, at=at) for name in record.names()]


def _claim(scope: str, key: str, streams: Streams, *, holder: UUID, at: datetime) -> Reservation:
    taken = mapper.rebuild(Reservation, streams[reservation_id(scope, key)])
    if taken is None:
        return Reservation.claim(scope, key, holder=holder, at=at)
    # It may have been given up long after the time that the import tells of.
    taken.reclaim(key, holder=holder, at=max(at, taken.modified_on))
    return taken
