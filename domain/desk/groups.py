"""Assignment groups: the teams that tickets are given to."""

from collections.abc import Iterable
from typing import Annotated

from domain.archiving import Archivable, WasArchived, WasRestored
from domain.base import Change, Created
from domain.errors import Conflict, NotFound
from domain.personal import Impersonal
from domain.rules import Name, Text

OF_A_TEAM = Impersonal("Administrators set teams up, and say here what a team is for.")
TeamName = Annotated[Name, OF_A_TEAM]
Description = Annotated[str, Text(2000), OF_A_TEAM]


class GroupNotFound(NotFound):
    """There is no assignment group {id}."""


class GroupArchived(Conflict):
    """The assignment group {id} is archived; restore it or choose another one."""


class Group(Archivable):
    """A team that tickets are assigned to."""

    TOPIC = "group"
    MISSING = GroupNotFound
    ARCHIVED = GroupArchived

    name: str
    description: str

    class Formed(Created):
        """The group was set up."""

        TOPIC = "group.formed"
        name: TeamName
        description: Description

    class Renamed(Change):
        """The group has another name."""

        TOPIC = "group.renamed"
        name: TeamName

    class Described(Change):
        """The group has another description."""

        TOPIC = "group.described"
        description: Description

    class Archived(WasArchived):
        """The group takes no more tickets."""

        TOPIC = "group.archived"

    class Restored(WasRestored):
        """The group takes tickets again."""

        TOPIC = "group.restored"

    def names(self) -> Iterable[tuple[str, str]]:
        """Return the group's name: no two groups bear the same."""
        return [("group.name", self.name)]
