"""What may be asked about customers."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from commands.context import Command, Context
from commands.dispatch import Entry
from commands.handlers import change, on, sent
from domain.actors import ADMINS
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
    facts = sent(cmd) | {"number": cmd.number or await _free_number(ctx)}
    ctx.add(Customer.begin(ctx.new_id("customer"), Customer.Registered, ctx.now(), **facts))


async def _free_number(ctx: Context) -> int:
    # Numbers that were given by hand lie in the way of the series.
    number = await ctx.next_number("customer")
    while await ctx.is_taken("customer.number", str(number)):
        number = await ctx.next_number("customer")
    return number


COMMANDS = (
    Entry(RegisterCustomer, register_customer, "POST /customers", ADMINS),
    Entry(
        ChangeCustomer,
        change(Customer, Customer.Renamed, Customer.Moved, Customer.EmailDomainsChanged),
        "PATCH /customers/{id}",
        ADMINS,
    ),
    Entry(ArchiveCustomer, on(Customer, Customer.archive), "POST /customers/{id}/archive", ADMINS),
    Entry(RestoreCustomer, on(Customer, Customer.restore), "POST /customers/{id}/restore", ADMINS),
)
