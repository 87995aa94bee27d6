"""What may be asked about customers."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from commands.context import Command, Context
from domain.customers.customers import Customer
from domain.values import Address, CustomerId

Name = Annotated[str, Meta(min_length=1, max_length=200, examples=["Bäckerei Huber GmbH"])]
Domains = Annotated[list[str], Meta(max_length=50, examples=[["baeckerei-huber.de"]])]


class RegisterCustomer(Command, frozen=True):
    """Add a customer; without a number it gets the next free one."""

    name: Name
    number: Annotated[int, Meta(ge=1, le=999_999_999, examples=[10042])] | None = None
    address: Address = Address()
    email_domains: Domains = []


class ChangeCustomer(Command, frozen=True):
    """Change a customer's master data; what is not sent stays as it is."""

    customer_id: CustomerId
    name: Name | UnsetType = UNSET
    address: Address | UnsetType = UNSET
    email_domains: Domains | UnsetType = UNSET


class ArchiveCustomer(Command, frozen=True):
    """Stop working for a customer; its records stay."""

    customer_id: CustomerId


class RestoreCustomer(Command, frozen=True):
    """Work for an archived customer again."""

    customer_id: CustomerId


async def register_customer(cmd: RegisterCustomer, ctx: Context) -> None:
    customer = Customer.register(
        CustomerId(ctx.new_id("customer")),
        number=cmd.number or await _free_number(ctx),
        name=cmd.name,
        address=cmd.address,
        email_domains=cmd.email_domains,
        at=ctx.now(),
    )
    ctx.add(customer)
    await ctx.claim("customer.number", str(customer.number), holder=customer.id)
    for domain in customer.email_domains:
        await ctx.claim("customer.email_domain", domain, holder=customer.id)


async def change_customer(cmd: ChangeCustomer, ctx: Context) -> None:
    customer = await ctx.load(Customer, cmd.customer_id)
    if cmd.name is not UNSET:
        customer.rename(cmd.name, at=ctx.now())
    if cmd.address is not UNSET:
        customer.move(cmd.address, at=ctx.now())
    if cmd.email_domains is not UNSET:
        before = customer.email_domains
        customer.change_email_domains(cmd.email_domains, at=ctx.now())
        for domain in set(before) - set(customer.email_domains):
            await ctx.release("customer.email_domain", domain, holder=customer.id)
        for domain in set(customer.email_domains) - set(before):
            await ctx.claim("customer.email_domain", domain, holder=customer.id)


async def archive_customer(cmd: ArchiveCustomer, ctx: Context) -> None:
    (await ctx.load(Customer, cmd.customer_id)).archive(at=ctx.now())


async def restore_customer(cmd: RestoreCustomer, ctx: Context) -> None:
    (await ctx.load(Customer, cmd.customer_id)).restore(at=ctx.now())


async def _free_number(ctx: Context) -> int:
    # Numbers that were given by hand lie in the way of the series.
    number = await ctx.next_number("customer")
    while await ctx.is_taken("customer.number", str(number)):
        number = await ctx.next_number("customer")
    return number
