"""What was: a record folded anew from the log, as of a time, a position, or both."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from domain.personal import Redacted, text_of_erased
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
    _, row = await _folded(view, id, stream_as_of(log, id, at=at, position=position))
    return row


async def referred_as_of(
    log: Log, view: View, id: UUID | None, at: datetime | None, position: int | None
) -> Mapping[str, Any] | None:
    """Return the row of a record that another one referred to; of what stood in its place then.

    One that was recorded later than the things that refer to it, as happens with imports,
    is shown as it began.
    """
    if id is None:
        return None
    count, row = await _folded(view, id, stream_as_of(log, id, at=at, position=position))
    if not count:
        begun = _first(stream_as_of(log, id, at=None, position=position))
        _, row = await _folded(view, id, begun)
    into = None if row is None else row.get("merged_into")
    return row if into is None else await referred_as_of(log, view, into, at, position)


async def _first(pages: AsyncIterator[Sequence[Recorded]]) -> AsyncIterator[Sequence[Recorded]]:
    page = await anext(pages, None)
    if page is not None:
        yield page[:1]


async def _folded(
    view: View, id: UUID, pages: AsyncIterator[Sequence[Recorded]]
) -> tuple[int, Mapping[str, Any] | None]:
    """Return how many events there were, and the row that they make."""
    rows, count = MemoryRows(view.tables), 0
    async for events in pages:
        fold(view, relevant(view, events), rows)
        count += len(events)
    row = rows.get(view.tables[0], id)
    return count, row and {name: _as_stored(value) for name, value in row.items()}


def _as_stored(value: Any) -> Any:
    """Return a value as it comes back from a view: an instant in UTC, a text without a type."""
    match value:
        case datetime():
            return value.astimezone(UTC)
        case Redacted():
            return text_of_erased(value)
        case _:
            return value
