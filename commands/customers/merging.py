"""What may be asked about customers that turn out to be the same."""

from typing import Annotated

from msgspec import Meta

from commands.context import Command, Context
from commands.customers.customers import TREE, lineage_of
from commands.dispatch import Entry
from domain.actors import ADMINS
from domain.customers.customers import Customer
from domain.merging import NotMerged
from domain.values import CustomerId


class MergeCustomer(Command, frozen=True):
    """Let another customer stand in the place of this one: all that is this one's is shown there.

    Nothing is copied, so that it can be taken back.
    """

    customer_id: CustomerId
    into: Annotated[CustomerId, Meta(description="The customer that stays.")]


class UnmergeCustomer(Command, frozen=True):
    """Take a merge back: the customer is one of its own again, with all that was its own."""

    customer_id: CustomerId


async def merge_customer(cmd: MergeCustomer, ctx: Context) -> None:
    customer = await ctx.load(Customer, cmd.customer_id)
    # What belongs to either belongs to the other from now on: a circle may come of it.
    await ctx.alone(TREE)
    into = await ctx.look(Customer, cmd.into)
    customer.merge(into, await lineage_of(cmd.into, ctx), at=ctx.now())


async def unmerge_customer(cmd: UnmergeCustomer, ctx: Context) -> None:
    customer = await ctx.load(Customer, cmd.customer_id)
    if customer.merged_into is None:
        raise NotMerged(id=customer.id)
    await ctx.alone(TREE)
    into = await ctx.look(Customer, customer.merged_into)
    customer.unmerge(into, await lineage_of(customer.parent_id, ctx), at=ctx.now())


COMMANDS = (
    Entry(MergeCustomer, merge_customer, "POST /customers/{id}/merge", ADMINS),
    Entry(UnmergeCustomer, unmerge_customer, "POST /customers/{id}/unmerge", ADMINS),
)
