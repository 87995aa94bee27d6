"""Which views are ours to follow: one worker per view, and only where the tables fit."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from psycopg import AsyncConnection

from projections import checkpoints
from projections.running.intake import Member
from projections.view import View

# One lock per view, whatever the groups are: in a rolling deploy, or where a process follows some
# views only, two programs may group them differently. The locks end with the session.
OWN: Final = """
    select view from unnest(%s::text[]) as view
     where pg_try_advisory_lock(hashtextextended('projections.worker.' || view, 0))
"""
DISOWN: Final = """
    select pg_advisory_unlock(hashtextextended('projections.worker.' || view, 0))
      from unnest(%s::text[]) as view
"""

Tell = Callable[[View, str], None]
"""Takes how a view stands, for the log."""


class Ownership:
    """The views that a session has locked for itself."""

    def __init__(self, connection: AsyncConnection[Any], tell: Tell) -> None:
        """Begin with none."""
        self._connection = connection
        self._tell = tell
        self._held: set[str] = set()

    async def take(self, views: Sequence[View]) -> list[Member]:
        """Return those of these views that can be followed, each from where it stands.

        The others may be asked for again: once their worker is gone, or they are rebuilt.
        """
        owned = await self._lock(views)
        stored = await checkpoints.read_all(self._connection, owned)
        head = await checkpoints.head(self._connection)
        members, misfits = [], []
        for view in owned:
            checkpoint = stored.get(view.name)
            if checkpoint is None or checkpoint.shape != view.shape:
                misfits.append(view)
                self._tell(view, "view_needs_rebuild")
            elif checkpoint.position > head:
                # Once the restored log has grown so far, events would be skipped unnoticed.
                await checkpoints.distrust(self._connection, view, checkpoint.position)
                misfits.append(view)
                self._tell(view, "view_ahead_of_log")
            else:
                members.append(Member(view, checkpoint.position))
                self._tell(view, "view_followed")
        await self.give_back(misfits)
        return members

    async def give_back(self, views: Sequence[View]) -> None:
        """Let others have these views: the worker of another program may be one that fits."""
        names = [view.name for view in views if view.name in self._held]
        if names:
            await self._connection.execute(DISOWN, [names])
            self._held.difference_update(names)

    async def _lock(self, views: Sequence[View]) -> list[View]:
        wanted = [view.name for view in views if view.name not in self._held]
        if wanted:
            cursor = await self._connection.execute(OWN, [wanted])
            self._held.update(name for (name,) in await cursor.fetchall())
        for view in views:
            if view.name not in self._held:
                self._tell(view, "view_has_another_worker")
        return [view for view in views if view.name in self._held]
