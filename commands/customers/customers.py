"""What may be asked about customers."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from commands.context import Command, Context
from commands.dispatch import Entry
from commands.handlers import apply_changes, news, on, sent
from commands.people.staff import look_up_staff
from domain.actors import ADMINS, STAFF
from domain.customers.customers import Customer
from domain.customers.particulars import Currency, Language, RegisterEntry
from domain.customers.standing import Status
from domain.values import Address, CustomerId, UserId

Name = Annotated[str, Meta(min_length=1, max_length=200, examples=["Bäckerei Huber GmbH"])]
Domains = Annotated[list[str], Meta(max_length=50, examples=[["baeckerei-huber.de"]])]
TradeName = Annotated[str, Meta(max_length=200, examples=["Huber Brot"])]
Notes = Annotated[str, Meta(max_length=10_000, examples=["Ruft lieber an, als zu schreiben."])]
VatId = Annotated[str, Meta(max_length=30, examples=["DE136695976"])]
Days = Annotated[int, Meta(ge=0, le=365, description="Days.", examples=[14])]
Email = Annotated[str, Meta(max_length=254, examples=["rechnung@baeckerei-huber.de"])]
Tags = Annotated[list[str], Meta(max_length=20, examples=[["handwerk", "wartung"]])]

TREE = "customer.tree"
"""What all commands share that decide which customer belongs to which."""


class RegisterCustomer(Command, frozen=True):
    """Add a customer, or a prospect; without a number it gets the next free one."""

    name: Name
    number: Annotated[int, Meta(ge=1, le=999_999_999, examples=[10042])] | None = None
    address: Address = Address()
    email_domains: Domains = []
    status: Literal["prospect", "active"] = "active"


class ChangeCustomer(Command, frozen=True):
    """Change a customer's master data; what is not sent stays as it is.

    `account_manager_id: null` and `parent_id: null` end what was.
    """

    customer_id: CustomerId
    name: Name | UnsetType = UNSET
    address: Address | UnsetType = UNSET
    email_domains: Domains | UnsetType = UNSET
    trade_name: TradeName | UnsetType = UNSET
    register_entry: RegisterEntry | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    notes: Notes | UnsetType = UNSET
    vat_id: VatId | UnsetType = UNSET
    currency: Currency | UnsetType = UNSET
    payment_days: Days | UnsetType = UNSET
    invoice_email: Email | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    account_manager_id: UserId | UnsetType | None = UNSET
    parent_id: CustomerId | UnsetType | None = UNSET


class WinCustomer(Command, frozen=True):
    """Make a customer of a prospect."""

    customer_id: CustomerId


class HoldCustomer(Command, frozen=True):
    """Hold the work for a customer; staff can read why."""

    customer_id: CustomerId
    reason: Annotated[
        str, Meta(min_length=1, max_length=2000, examples=["Zwei Rechnungen sind offen."])
    ]


class ResumeCustomer(Command, frozen=True):
    """Go on working for a customer on hold."""

    customer_id: CustomerId


class ArchiveCustomer(Command, frozen=True):
    """Stop working for a customer; its records stay."""

    customer_id: CustomerId


class RestoreCustomer(Command, frozen=True):
    """Work for a former customer again: it is active then, whatever it was before."""

    customer_id: CustomerId


async def register_customer(cmd: RegisterCustomer, ctx: Context) -> None:
    facts = sent(cmd) | {"number": cmd.number or await _free_number(ctx)}
    facts["status"] = Status(cmd.status)
    ctx.add(Customer.begin(ctx.new_id("customer"), Customer.Registered, ctx.now(), **facts))


async def _free_number(ctx: Context) -> int:
    # Numbers that were given by hand lie in the way of the series.
    number = await ctx.next_number("customer")
    while await ctx.is_taken("customer.number", str(number)):
        number = await ctx.next_number("customer")
    return number


async def change_customer(cmd: ChangeCustomer, ctx: Context) -> None:
    customer = await ctx.load(Customer, cmd.customer_id)
    facts = sent(cmd, leaving_out="customer_id")
    await look_up_staff(ctx, news(customer, facts), "account_manager_id")
    apply_changes(customer, PLAIN, facts, ctx)
    if "parent_id" in facts:
        await _move_below(customer, facts["parent_id"], ctx)


async def _move_below(customer: Customer, parent_id: CustomerId | None, ctx: Context) -> None:
    if parent_id == customer.parent_id:
        return
    if parent_id is not None:
        # Each of two commands may close one half of a circle: neither sees it alone.
        await ctx.alone(TREE)
        (await ctx.look(Customer, parent_id)).require_active()
    customer.belong_to(await lineage_of(parent_id, ctx), at=ctx.now())


async def lineage_of(id: UUID | None, ctx: Context) -> list[UUID]:
    """Return the customer, what it belongs to, and so on; of a merged one, what it stands for."""
    lineage: list[UUID] = []
    while id is not None and id not in lineage:
        lineage.append(id)
        customer = await ctx.look(Customer, id)
        id = customer.merged_into or customer.parent_id
    return lineage


PLAIN = (
    Customer.Renamed,
    Customer.Moved,
    Customer.EmailDomainsChanged,
    Customer.Changed,
    Customer.BillingChanged,
    Customer.Tagged,
    Customer.ManagerAssigned,
)
"""What is changed without further ado."""

COMMANDS = (
    Entry(RegisterCustomer, register_customer, "POST /customers", ADMINS),
    Entry(ChangeCustomer, change_customer, "PATCH /customers/{id}", STAFF),
    Entry(WinCustomer, on(Customer, Customer.win), "POST /customers/{id}/win", ADMINS),
    Entry(HoldCustomer, on(Customer, Customer.put_on_hold), "POST /customers/{id}/hold", ADMINS),
    Entry(ResumeCustomer, on(Customer, Customer.resume), "POST /customers/{id}/resume", ADMINS),
    Entry(ArchiveCustomer, on(Customer, Customer.archive), "POST /customers/{id}/archive", ADMINS),
    Entry(RestoreCustomer, on(Customer, Customer.restore), "POST /customers/{id}/restore", ADMINS),
)
