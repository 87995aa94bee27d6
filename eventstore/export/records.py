"""The records of a log, each as it is after the event that was read last, in bounded memory."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from typing import Final, NamedTuple, Protocol
from uuid import UUID

from domain.base import AggregateRoot, Event
from eventstore.export.changes import Change, Fields, Naming, changes, fields_of, naming_of
from eventstore.mapper import PayloadInvalid, decode
from eventstore.records import Recorded

ROOM: Final = 5_000
"""How many records are kept at once; one that is not is read again when something happens to it."""
LOST: Final = "the events of the record {} can not follow one another, its history is not told"
STEP: Final = 500
"""How many events of one record are read at once."""


class History(Protocol):
    """The log, as far as records need it."""

    async def read_stream(
        self, stream_id: UUID, after: int = 0, upto: int | None = None
    ) -> Sequence[Recorded]:
        """Return a stream's events with `after < version <= upto`, oldest first."""
        ...


class Told(NamedTuple):
    """What an event means for its record; empty where the record can not be told."""

    naming: Naming = Naming()
    changes: Sequence[Change] = ()
    trouble: str = ""
    """Why the record can not be told, as a part of a sentence."""


class _Known(NamedTuple):
    record: AggregateRoot
    fields: Fields


class Records:
    """Follows the records through the log: call `begin` with a page, then `follow` in its order."""

    def __init__(
        self, log: History, with_changes: Collection[str], *, room: int = ROOM, step: int = STEP
    ) -> None:
        """Tell the changes of the records of these kinds, given by their topics."""
        self._log, self._with_changes = log, with_changes
        self._room, self._step = room, step
        self._known: OrderedDict[UUID, _Known | None] = OrderedDict()

    async def begin(self, page: Iterable[Recorded]) -> None:
        """Read what is not known of the records that this page goes on with."""
        while len(self._known) > self._room:
            self._known.popitem(last=False)
        met: set[UUID] = set()
        for recorded in page:
            stream, version = recorded.stream_id, recorded.version
            if stream not in met and stream not in self._known and version > 1:
                self._known[stream] = await self._read(stream, version - 1)
            met.add(stream)

    def follow(self, recorded: Recorded, event: Event | None) -> Told:
        """Return what an event, None for an unreadable one, means for its record."""
        stream = recorded.stream_id
        before = self._known.get(stream)
        if before is None and stream in self._known:
            return Told(trouble=LOST.format(stream))
        after = self._known[stream] = self._after(before, event) if event else None
        self._known.move_to_end(stream)
        if after is None:
            return Told(trouble=LOST.format(stream))
        told = changes(before.fields if before else {}, after.fields)
        return Told(naming_of(after.record), tuple(told))

    async def _read(self, stream: UUID, upto: int) -> _Known | None:
        known: _Known | None = None
        for after in range(0, upto, self._step):
            events = await self._log.read_stream(stream, after, min(after + self._step, upto))
            for recorded in events:
                with suppress(PayloadInvalid):
                    known = self._after(known, decode(recorded))
                if known is None or known.record.version != recorded.version:
                    return None
        return known

    def _after(self, before: _Known | None, event: Event) -> _Known | None:
        """Return the record after an event; None where the event can not follow."""
        try:
            record = event.mutate(before.record if before else None)
        except Exception:  # noqa: BLE001 - an event is missing, or was put in between
            return None
        if not isinstance(record, AggregateRoot):
            return None
        fields = fields_of(record) if record.TOPIC in self._with_changes else {}
        return _Known(record, fields)
