"""Taking events into several views at once: one transaction, and yet each view for itself."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import psycopg
from psycopg import AsyncConnection, errors

from eventstore.records import Recorded
from projections import checkpoints
from projections.folding import Batch, Unapplicable, fold
from projections.rows import BatchRows
from projections.view import View

Moved = Callable[[str, int], None]
"""Takes the name of a view and its position after a commit."""

POISONOUS: Final = (
    Unapplicable,
    psycopg.DataError,
    psycopg.IntegrityError,
    errors.ProgramLimitExceeded,
)


class Member:
    """A view that is followed, and where it stands."""

    __slots__ = ("position", "refusal", "stands_aside", "view")

    def __init__(self, view: View, position: int) -> None:
        """Follow a view from a position on."""
        self.view = view
        self.position = position
        self.stands_aside = False
        """Its checkpoint was not ours to move: it has to be looked at again."""
        self.refusal: Unapplicable | None = None
        """What the view can not take in; all before that is in."""

    @property
    def is_followed(self) -> bool:
        """Tell whether the view can go on from its position."""
        return not self.stands_aside and self.refusal is None


class _Poisoned(Exception):
    """A view did not take a batch, which was rolled back; the cause says why."""

    def __init__(self, member: Member) -> None:
        self.member = member


class Intake:
    """Commits batches on one connection."""

    def __init__(self, connection: AsyncConnection[Any], moved: Moved) -> None:
        """Commit on `connection`, and tell each time how far a view has come."""
        self._connection = connection
        self._moved = moved

    async def take_in(self, members: Sequence[Member], events: Sequence[Recorded]) -> None:
        """Bring views to the end of a batch; afterwards each is there, or says why it is not.

        The batch follows the position of the view that is furthest behind; the others take in
        what is new for them.
        """
        try:
            await self._commit(members, events)
        except _Poisoned as poisoned:
            await self._isolate(poisoned, members, events)

    async def _isolate(
        self, poisoned: _Poisoned, members: Sequence[Member], events: Sequence[Recorded]
    ) -> None:
        """Let the others go on, and halve the batch for the view until one event is left."""
        member, cause = poisoned.member, poisoned.__cause__
        if others := [other for other in members if other is not member]:
            await self.take_in(others, events)
            await self.take_in([member], events)
        elif len(events) > 1:
            half = len(events) // 2
            await self.take_in([member], events[:half])
            if member.is_followed:
                await self.take_in([member], events[half:])
        else:
            member.refusal = Unapplicable(member.view, events[0])
            member.refusal.__cause__ = cause and (cause.__cause__ or cause)

    async def _commit(self, members: Sequence[Member], events: Sequence[Recorded]) -> None:
        after = events[-1].position
        behind = [member for member in members if member.position < after]
        async with self._connection.transaction():
            standings = [(member.view, member.position) for member in behind]
            ours = await checkpoints.move(self._connection, standings, after)
            batch = Batch(events)
            for member in behind:
                if member.view.name in ours:
                    await self._write(member, batch)
        for member in behind:
            if member.view.name in ours:
                member.position = after
                self._moved(member.view.name, after)
            else:
                member.stands_aside = True

    async def _write(self, member: Member, batch: Batch) -> None:
        view = member.view
        changes = batch.relevant(view, member.position)
        if not changes:
            return
        rows = BatchRows(view.tables)
        try:
            await rows.load(self._connection, changes)
            fold(view, changes, rows, batch.decode)
            await rows.flush(self._connection)
        except POISONOUS as error:
            raise _Poisoned(member) from error
