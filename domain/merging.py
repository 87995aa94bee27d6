"""One record in the place of another: duplicates are merged by re-pointing, and can be unmerged.

The record that is merged keeps its stream, its number and what refers to it: whoever reads follows
`merged_into`. Both records note it, so that two merges that meet are decided one after the other.
"""

from dataclasses import field
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from domain.base import AggregateRoot, Event
from domain.errors import Conflict, Invalid


class MergedAway(Conflict):
    """The record {id} is merged into {into}; use that one, or unmerge it first."""


class MergedIntoItself(Invalid):
    """A record can not be merged into itself."""

    field = "into"


class HasTakenIn(Conflict):
    """Other records are merged into {id}: unmerge them first, or merge them one by one."""


class NotMerged(Conflict):
    """The record {id} is not merged into another one."""


class WasMerged(Event):
    """The record is the same as another one, which stands in its place."""

    into: UUID

    def apply(self, record: Any) -> None:
        record.merged_into = self.into


class WasUnmerged(Event):
    """The record is one of its own again."""

    def apply(self, record: Any) -> None:
        record.merged_into = None


class TookIn(Event):
    """Another record turned out to be this one."""

    other: UUID

    def apply(self, record: Any) -> None:
        record.taken_in = (*record.taken_in, self.other)


class GaveBack(Event):
    """A record that had been merged into this one is one of its own again."""

    other: UUID

    def apply(self, record: Any) -> None:
        record.taken_in = tuple(one for one in record.taken_in if one != self.other)


class Mergeable(AggregateRoot, abstract=True):
    """A record that may turn out to be the same as another one."""

    merged_into: UUID | None = field(default=None, kw_only=True)
    taken_in: tuple[UUID, ...] = field(default=(), kw_only=True)

    Merged: ClassVar[type[WasMerged]]
    Unmerged: ClassVar[type[WasUnmerged]]
    TakenIn: ClassVar[type[TookIn]]
    GivenBack: ClassVar[type[GaveBack]]

    def merge_into(self, other: Self, *, at: datetime) -> None:
        """Let another record stand in the place of this one.

        Raises `MergedIntoItself`, `MergedAway` (either is merged already) and `HasTakenIn`.
        """
        if other.id == self.id:
            raise MergedIntoItself
        self.require_unmerged()
        other.require_unmerged()
        if self.taken_in:
            raise HasTakenIn(id=self.id)
        self.record(self.Merged, at, into=other.id)
        other.record(other.TakenIn, at, other=self.id)

    def unmerge_from(self, other: Self, *, at: datetime) -> None:
        """Let the record be one of its own again; raises `NotMerged`."""
        if self.merged_into != other.id:
            raise NotMerged(id=self.id)
        self.record(self.Unmerged, at)
        other.record(other.GivenBack, at, other=self.id)

    def require_changeable(self) -> None:
        """Raise `MergedAway` for a merged record: what is true of it belongs to the other."""
        self.require_unmerged()

    def require_unmerged(self) -> None:
        """Raise `MergedAway` where another record stands in the place of this one."""
        if self.merged_into is not None:
            raise MergedAway(id=self.id, into=self.merged_into)
