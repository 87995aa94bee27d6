"""What may be asked about assignment groups."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from commands.context import Command, Context
from domain.desk.groups import Group
from domain.reservations import reservation_id
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


async def form_group(cmd: FormGroup, ctx: Context) -> None:
    group = Group.form(
        GroupId(ctx.new_id("group")), name=cmd.name, description=cmd.description, at=ctx.now()
    )
    ctx.add(group)
    await ctx.claim("group.name", group.name, holder=group.id)


async def change_group(cmd: ChangeGroup, ctx: Context) -> None:
    group = await ctx.load(Group, cmd.group_id)
    if cmd.name is not UNSET:
        before = group.name
        group.rename(cmd.name, at=ctx.now())
        # What counts as the same name is the reservation's to say: ß and ss are two.
        if reservation_id("group.name", group.name) != reservation_id("group.name", before):
            await ctx.release("group.name", before, holder=group.id)
            await ctx.claim("group.name", group.name, holder=group.id)
    if cmd.description is not UNSET:
        group.describe(cmd.description, at=ctx.now())


async def archive_group(cmd: ArchiveGroup, ctx: Context) -> None:
    (await ctx.load(Group, cmd.group_id)).archive(at=ctx.now())


async def restore_group(cmd: RestoreGroup, ctx: Context) -> None:
    (await ctx.load(Group, cmd.group_id)).restore(at=ctx.now())
