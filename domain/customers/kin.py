"""What a customer belongs to, and which other one it turned out to be: never in a circle."""

from collections.abc import Sequence
from dataclasses import field
from datetime import datetime
from typing import Self
from uuid import UUID

from domain.base import Change
from domain.errors import Conflict, Invalid
from domain.merging import GaveBack, Mergeable, TookIn, WasMerged, WasUnmerged
from domain.values import CustomerId


class CircleForbids(Conflict):
    """The customer {id} would come to belong to itself, by way of {parent}: change that first."""


class ParentIsDescendant(Invalid):
    """The customer {parent} belongs to {id} already: as its parent it would close a circle."""

    field = "parent_id"


class Kin(Mergeable, abstract=True):
    """Where a customer stands among the others."""

    parent_id: CustomerId | None = field(default=None, kw_only=True)

    class ParentChanged(Change):
        """The customer belongs to another one, or to none."""

        TOPIC = "customer.parent_changed"
        parent_id: CustomerId | None

    class Merged(WasMerged):
        """The customer turned out to be the same as another one."""

        TOPIC = "customer.merged"

    class Unmerged(WasUnmerged):
        """The customer is one of its own again."""

        TOPIC = "customer.unmerged"

    class TakenIn(TookIn):
        """Another customer turned out to be this one."""

        TOPIC = "customer.taken_in"

    class GivenBack(GaveBack):
        """A customer that was merged into this one is one of its own again."""

        TOPIC = "customer.given_back"

    def belong_to(self, lineage: Sequence[UUID], *, at: datetime) -> None:
        """Let the customer belong to the first of a lineage, or to none where it is empty.

        The lineage is the new parent, its parent and so on. Raises `ParentIsDescendant`.
        """
        parent = CustomerId(lineage[0]) if lineage else None
        if self.id in lineage:
            raise ParentIsDescendant(parent=parent, id=self.id)
        self.change(self.ParentChanged, at, parent_id=parent)

    def merge(self, other: Self, lineage: Sequence[UUID], *, at: datetime) -> None:
        """Let another customer stand in the place of this one.

        The lineage is the other customer, what it belongs to, and so on. Raises `CircleForbids`
        where this one is among them, `CustomerArchived` where the other one is a former customer,
        and what `merge_into` raises.
        """
        other.require_active()
        if self.id != other.id and self.id in lineage:
            raise CircleForbids(id=other.id, parent=self.id)
        self.merge_into(other, at=at)

    def unmerge(self, other: Self, lineage: Sequence[UUID], *, at: datetime) -> None:
        """Let the customer be one of its own again, below the first of the lineage.

        Raises `CircleForbids` where it is among its own lineage by now, and `NotMerged`.
        """
        if self.id in lineage:
            raise CircleForbids(id=self.id, parent=self.parent_id)
        self.unmerge_from(other, at=at)
