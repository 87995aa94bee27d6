"""What all records that can be put out of use and back have in common.

A record declares its two events, each with its topic and its sentence, and what refuses the use of
an archived one:

    class Group(Archivable):
        ARCHIVED = GroupArchived

        class Archived(WasArchived): ...
        class Restored(WasRestored): ...
"""

from dataclasses import field
from datetime import datetime
from typing import Any, ClassVar

from domain.base import AggregateRoot, Event
from domain.errors import Conflict


class WasArchived(Event):
    """The record is out of use."""

    def apply(self, record: Any) -> None:
        """Take it out of use."""
        record.archived = True


class WasRestored(Event):
    """The record is in use again."""

    def apply(self, record: Any) -> None:
        """Put it back into use."""
        record.archived = False


class Archivable(AggregateRoot, abstract=True):
    """A record that is never deleted, but may be out of use."""

    archived: bool = field(default=False, kw_only=True)

    ARCHIVED: ClassVar[type[Conflict]]
    """What refuses the use of an archived record; takes the fact `id`."""
    Archived: ClassVar[type[WasArchived]]
    Restored: ClassVar[type[WasRestored]]

    def archive(self, *, at: datetime) -> None:
        """Take the record out of use; raises its `ARCHIVED` refusal the second time.

        Raises what `require_changeable` does, too.
        """
        self.require_active()
        self.require_changeable()
        self.record(self.Archived, at)

    def restore(self, *, at: datetime) -> None:
        """Put an archived record back into use; raises what `require_changeable` does."""
        self.require_changeable()
        if self.archived:
            self.record(self.Restored, at)

    def require_active(self) -> None:
        """Raise the record's `ARCHIVED` refusal unless it is in use."""
        if self.archived:
            raise self.ARCHIVED(id=self.id)
