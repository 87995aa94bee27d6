"""Assignment groups: the teams that tickets are given to."""

from datetime import datetime
from typing import Self

from eventsourcing.domain import event

from domain.base import AggregateRoot, Created, Event
from domain.errors import Conflict, NotFound
from domain.rules import limit_text, require_text
from domain.values import GroupId


class GroupNotFound(NotFound):
    """There is no assignment group {id}."""


class GroupArchived(Conflict):
    """The assignment group {id} is archived; restore it or choose another one."""


class Group(AggregateRoot):
    """A team that tickets are assigned to."""

    TOPIC = "group"
    MISSING = GroupNotFound

    class Formed(Created):
        """The group was set up."""

        TOPIC = "group.formed"
        name: str
        description: str

    class Renamed(Event):
        """The group has another name."""

        TOPIC = "group.renamed"
        name: str

    class Described(Event):
        """The group has another description."""

        TOPIC = "group.described"
        description: str

    class Archived(Event):
        """The group takes no more tickets."""

        TOPIC = "group.archived"

    class Restored(Event):
        """The group takes tickets again."""

        TOPIC = "group.restored"

    @event(Formed)
    def __init__(self, *, name: str, description: str) -> None:
        self.name = name
        self.description = description
        self.archived = False

    @classmethod
    def form(cls, id: GroupId, *, name: str, description: str = "", at: datetime) -> Self:
        """Set up a group."""
        return cls._create(
            cls.Formed,
            id=id,
            name=require_text("name", name, limit=200),
            description=limit_text("description", description, limit=2000),
            timestamp=at,
        )

    def rename(self, name: str, *, at: datetime) -> None:
        """Give the group another name."""
        name = require_text("name", name, limit=200)
        if name != self.name:
            self._renamed(name=name, timestamp=at)

    def describe(self, description: str, *, at: datetime) -> None:
        """Give the group another description."""
        description = limit_text("description", description, limit=2000)
        if description != self.description:
            self._described(description=description, timestamp=at)

    def archive(self, *, at: datetime) -> None:
        """Take the group out of use; raises `GroupArchived` the second time."""
        self.require_active()
        self._archived(timestamp=at)

    def restore(self, *, at: datetime) -> None:
        """Put an archived group back into use."""
        if self.archived:
            self._restored(timestamp=at)

    def require_active(self) -> None:
        """Raise `GroupArchived` unless the group takes tickets."""
        if self.archived:
            raise GroupArchived(id=self.id)

    @event(Renamed)
    def _renamed(self, *, name: str, timestamp: datetime) -> None:
        self.name = name

    @event(Described)
    def _described(self, *, description: str, timestamp: datetime) -> None:
        self.description = description

    @event(Archived)
    def _archived(self, *, timestamp: datetime) -> None:
        self.archived = True

    @event(Restored)
    def _restored(self, *, timestamp: datetime) -> None:
        self.archived = False
