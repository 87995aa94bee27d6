"""What an answer is made from: who asks, the views, the log and the search engine."""

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from msgspec import Meta

from domain.actors import Actor
from eventstore.epochs import Epochs
from eventstore.log import Log
from eventstore.replay import position_as_of
from readapi.at_once import AtOnce
from readapi.listings import FoundPage, Wanted
from readapi.parameters import Position, Query
from readapi.positions import Positions
from readapi.search import Search
from readapi.statements import Told
from readapi.views import Views


class Patience(Query, frozen=True):
    """How fresh an answer has to be, and how long it may take to become so."""

    min_position: Annotated[
        Position,
        Meta(
            description="The `X-Position` of a command you want to see. The answer waits until the "
            "views behind it show it; when they do not in time, it comes all the same, with "
            "`X-Stale-By`.",
            examples=["4711"],
        ),
    ] = msgspec.field(default="0", name="X-Min-Position")
    max_wait_ms: Annotated[
        int,
        Meta(ge=0, le=10_000, description="How long to wait for that at most, in milliseconds."),
    ] = msgspec.field(default=2_000, name="X-Max-Wait-Ms")


class Sources(msgspec.Struct, frozen=True):
    """Where answers come from."""

    views: Views
    log: Log
    search: Search
    positions: Positions
    epochs: Epochs = msgspec.field(default_factory=Epochs)
    """What the connections of `views` and `log` told of restores."""


class Asked(msgspec.Struct, frozen=True):
    """What the request's line said."""

    path: str
    parameters: Mapping[str, Sequence[str]]
    id: str = ""
    """What the path names, for a route that names one record."""

    def link(self, **changes: object) -> str:
        """Return the same question with other parameters; None leaves one out."""
        kept = {name: sent for name, sent in self.parameters.items() if name not in changes}
        changed = {name: [value] for name, value in changes.items() if value is not None}
        query = urlencode(kept | changed, doseq=True)
        return f"{self.path}?{query}" if query else self.path


class Context:
    """One question on its way to its answer."""

    def __init__(self, sources: Sources, actor: Actor, asked: Asked, patience: Patience) -> None:
        """Take who asks, what for, and how patient they are."""
        self.actor = actor
        self.asked = asked
        self.log = sources.log
        self.search = sources.search
        self._views = sources.views
        self._positions = sources.positions
        self.epochs = sources.epochs
        self._sent = patience.min_position
        self._wanted = 0
        self._deadline = time.monotonic() + patience.max_wait_ms / 1000
        self.customers: tuple[UUID, ...] | None = None
        """The customers whose records the actor may see, once `rights.customers_of` was asked."""
        self.position: int | None = None
        """Up to where the answer shows the log at least."""

    @property
    def stale_by(self) -> int:
        """How many positions the answer is behind the one that was asked for."""
        return max(0, self._wanted - (self.position or 0))

    async def read(
        self, views: Collection[str], *statements: Told
    ) -> list[Sequence[Mapping[str, Any]]]:
        """Return the rows of each statement, once these views have come far enough."""
        await self.catch_up(views)
        position, rows = await self._views.read(views, *statements)
        self.read_up_to(position)
        return rows

    async def read_at_once(
        self, views: Collection[str], statement: AtOnce, values: Mapping[str, Any]
    ) -> Sequence[Mapping[str, Any]]:
        """Return the statement's rows for these values, once the views have come far enough."""
        await self.catch_up(views)
        position, rows = await self._views.read_at_once(views, statement, values)
        self.read_up_to(position)
        return rows

    async def page(self, wanted: Wanted) -> FoundPage:
        """Return what is found of a page, once its views have come far enough."""
        await self.catch_up(wanted.listing.views)
        found = await self._views.page(wanted)
        self.read_up_to(found.position)
        return found

    async def catch_up(self, views: Collection[str]) -> None:
        """Wait until these views have come far enough, or the caller's patience ends.

        A position that the log does not have itself is not waited for; one that was given again
        since is refused with `PositionOutdated`.
        """
        if not self._sent.strip("0"):
            return
        head = await position_as_of(self.log, None)
        # Not before the log was asked: its connection tells of restores.
        self._wanted = self.epochs.read(self._sent, "X-Min-Position")
        if self._wanted <= head:
            left = max(0.0, self._deadline - time.monotonic())
            await self._positions.reach(views, self._wanted, left)

    def read_up_to(self, position: int) -> None:
        """Take note how far a source had come; the answer is as old as its oldest part."""
        self.position = position if self.position is None else min(self.position, position)
