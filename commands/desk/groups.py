"""What may be asked about assignment groups."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from commands.context import Command
from commands.dispatch import Entry
from commands.handlers import begin, change, on
from domain.actors import ADMINS
from domain.desk.groups import Group
from domain.values import GroupId

Name = Annotated[str, Meta(min_length=1, max_length=200, examples=["Netzwerk"])]
Description = Annotated[str, Meta(max_length=2000, examples=["Switches, WLAN, Firewalls"])]


class FormGroup(Command, frozen=True):
    """Set up an assignment group."""

    name: Name
    description: Description = ""


class ChangeGroup(Command, frozen=True):
    """Change an assignment group; what is not sent stays as it is."""

    group_id: GroupId
    name: Name | UnsetType = UNSET
    description: Description | UnsetType = UNSET


class ArchiveGroup(Command, frozen=True):
    """Take an assignment group out of use; its tickets stay with it."""

    group_id: GroupId


class RestoreGroup(Command, frozen=True):
    """Put an archived assignment group back into use."""

    group_id: GroupId


COMMANDS = (
    Entry(FormGroup, begin(Group, Group.Formed), "POST /groups", ADMINS),
    Entry(ChangeGroup, change(Group, Group.Renamed, Group.Described), "PATCH /groups/{id}", ADMINS),
    Entry(ArchiveGroup, on(Group, Group.archive), "POST /groups/{id}/archive", ADMINS),
    Entry(RestoreGroup, on(Group, Group.restore), "POST /groups/{id}/restore", ADMINS),
)
