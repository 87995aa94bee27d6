"""What may be asked about users."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from commands.context import Command, Context
from commands.dispatch import Entry
from commands.handlers import apply_changes, on, sent
from domain.actors import ADMINS, Role
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


async def change_user(cmd: ChangeUser, ctx: Context) -> None:
    user = await ctx.load(User, cmd.user_id)
    facts = sent(cmd)
    apply_changes(user, (User.Renamed, User.EmailChanged), facts, ctx)
    if facts.keys() & {"role", "customer_id"}:
        customer_id = facts.get("customer_id", user.customer_id)
        if customer_id is not None and customer_id != user.customer_id:
            await ctx.look(Customer, customer_id)
        user.change_role(facts.get("role", user.role), customer_id, at=ctx.now())


COMMANDS = (
    Entry(RegisterUser, register_user, "POST /users", ADMINS),
    Entry(ChangeUser, change_user, "PATCH /users/{id}", ADMINS),
    Entry(DeactivateUser, on(User, User.deactivate), "POST /users/{id}/deactivate", ADMINS),
    Entry(ReactivateUser, on(User, User.reactivate), "POST /users/{id}/reactivate", ADMINS),
)
