"""What was: a record folded anew from the log, as of a time, a position, or both."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from eventstore.log import Log
from eventstore.records import Recorded
from eventstore.replay import stream_as_of
from projections.folding import fold, relevant
from projections.rows import MemoryRows
from projections.view import View
from readapi.parameters import Position, Query, Until


class AsOf(Query, frozen=True):
    """Which state of a record is asked for: today's, unless a parameter says otherwise."""

    as_of: Annotated[
        Until | None,
        Meta(
            description="Shows the record as it was at this instant, or at the end of this day "
            "(UTC). Business time: when things happened, not when we heard of them.",
            examples=["2026-01-31T09:00:00Z"],
        ),
    ] = None
    as_of_position: Annotated[
        Position | None,
        Meta(
            description="Shows what was known at this position of the log; together with `as_of`, "
            "what was then held to have been so at that time.",
            examples=["4711"],
        ),
    ] = None

    @property
    def asked(self) -> bool:
        """Tell whether another state than today's is asked for."""
        return self.as_of is not None or self.as_of_position is not None


async def row_as_of(
    log: Log, view: View, id: UUID, at: datetime | None, position: int | None
) -> Mapping[str, Any] | None:
    """Return the view's row as it was, or None when there was none yet."""
    return _folded(view, id, await stream_as_of(log, id, at=at, position=position))


async def referred_as_of(
    log: Log, view: View, id: UUID | None, at: datetime | None, position: int | None
) -> Mapping[str, Any] | None:
    """Return the row of a record that another one referred to; of what stood in its place then.

    One that was recorded later than the things that refer to it, as happens with imports,
    is shown as it began.
    """
    if id is None:
        return None
    events = await stream_as_of(log, id, at=at, position=position)
    if not events:
        events = (await stream_as_of(log, id, at=None, position=position))[:1]
    row = _folded(view, id, events)
    into = None if row is None else row.get("merged_into")
    return row if into is None else await referred_as_of(log, view, into, at, position)


def _folded(view: View, id: UUID, events: Sequence[Recorded]) -> Mapping[str, Any] | None:
    rows = MemoryRows(view.tables)
    fold(view, relevant(view, events), rows)
    row = rows.get(view.tables[0], id)
    return row and {name: _in_utc(value) for name, value in row.items()}


def _in_utc(value: Any) -> Any:
    # The log keeps the offset it was told, a view does not.
    return value.astimezone(UTC) if isinstance(value, datetime) else value
