"""What may be asked about users."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from commands.context import Command, Context
from domain.actors import Role
from domain.customers.customers import Customer
from domain.people.users import User
from domain.values import CustomerId, UserId

Name = Annotated[str, Meta(min_length=1, max_length=200, examples=["Anna Berger"])]
Email = Annotated[str, Meta(max_length=254, examples=["anna.berger@msp.example"])]


class RegisterUser(Command, frozen=True):
    """Add a person or a program that works with the platform."""

    name: Name
    email: Email
    role: Role = Role.TECHNICIAN
    customer_id: CustomerId | None = None
    """Required for the role `customer`: what they may see ends there."""


class ChangeUser(Command, frozen=True):
    """Change a user; what is not sent stays as it is."""

    user_id: UserId
    name: Name | UnsetType = UNSET
    email: Email | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    customer_id: CustomerId | UnsetType | None = UNSET


class DeactivateUser(Command, frozen=True):
    """Take a user out of use: no more tickets are given to them; their tokens end by themselves."""

    user_id: UserId


class ReactivateUser(Command, frozen=True):
    """Let a deactivated user act again."""

    user_id: UserId


async def register_user(cmd: RegisterUser, ctx: Context) -> None:
    if cmd.customer_id is not None:
        await ctx.look(Customer, cmd.customer_id)
    user = User.register(
        UserId(ctx.new_id("user")),
        name=cmd.name,
        email=cmd.email,
        role=cmd.role,
        customer_id=cmd.customer_id,
        at=ctx.now(),
    )
    ctx.add(user)
    if user.email:
        await ctx.claim("user.email", user.email, holder=user.id)


async def change_user(cmd: ChangeUser, ctx: Context) -> None:
    user = await ctx.load(User, cmd.user_id)
    if cmd.name is not UNSET:
        user.rename(cmd.name, at=ctx.now())
    if cmd.email is not UNSET:
        before = user.email
        user.change_email(cmd.email, at=ctx.now())
        if user.email != before:
            if before:
                await ctx.release("user.email", before, holder=user.id)
            await ctx.claim("user.email", user.email, holder=user.id)
    if cmd.role is not UNSET or cmd.customer_id is not UNSET:
        role = user.role if cmd.role is UNSET else cmd.role
        customer_id = user.customer_id if cmd.customer_id is UNSET else cmd.customer_id
        if customer_id is not None:
            await ctx.look(Customer, customer_id)
        user.change_role(role, customer_id, at=ctx.now())


async def deactivate_user(cmd: DeactivateUser, ctx: Context) -> None:
    (await ctx.load(User, cmd.user_id)).deactivate(at=ctx.now())


async def reactivate_user(cmd: ReactivateUser, ctx: Context) -> None:
    (await ctx.load(User, cmd.user_id)).reactivate(at=ctx.now())
