"""What may be asked about contacts."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from commands.context import Command, Context
from commands.customers.belonging import location_of
from commands.dispatch import Entry
from commands.handlers import apply_changes, news, on, sent
from domain.actors import STAFF
from domain.contact_points import POINT_LIMIT
from domain.customers.contacts import Contact
from domain.customers.customers import Customer
from domain.customers.particulars import Language
from domain.customers.people import ContactRole, Salutation
from domain.merging import NotMerged
from domain.values import ContactId, CustomerId, EmailAddress, LocationId, PhoneNumber

Name = Annotated[str, Meta(min_length=1, max_length=200, examples=["Sabine Huber"])]
Title = Annotated[str, Meta(max_length=50, description="Academic.", examples=["Dr."])]
JobTitle = Annotated[str, Meta(max_length=200, examples=["Leiterin Einkauf"])]
Roles = Annotated[list[ContactRole], Meta(max_length=10, examples=[["main", "billing"]])]
Emails = Annotated[
    list[EmailAddress],
    Meta(
        max_length=POINT_LIMIT,
        description="The first one is preferred.",
        examples=[[{"address": "sabine.huber@baeckerei-huber.example", "label": "work"}]],
    ),
]
Phones = Annotated[
    list[PhoneNumber],
    Meta(
        max_length=POINT_LIMIT,
        description="With the country code, in any spelling; the first one is preferred.",
        examples=[[{"number": "+49 8031 555 010", "label": "desk"}]],
    ),
]
Notes = Annotated[
    str,
    Meta(
        max_length=10_000,
        description="Customers' people never see them.",
        examples=["Ruft lieber an, als dass sie schreibt."],
    ),
]


class AddContact(Command, frozen=True):
    """Add a person at a customer; without a language, the customer's is taken."""

    customer_id: CustomerId
    name: Name
    title: Title = ""
    salutation: Salutation = Salutation.NONE
    job_title: JobTitle = ""
    roles: Roles = []
    emails: Emails = []
    phones: Phones = []
    location_id: LocationId | None = None
    language: Language | None = None
    notes: Notes = ""
    do_not_contact: bool = False


class ChangeContact(Command, frozen=True):
    """Change a contact; what is not sent stays as it is, `location_id: null` ends it."""

    contact_id: ContactId
    name: Name | UnsetType = UNSET
    title: Title | UnsetType = UNSET
    salutation: Salutation | UnsetType = UNSET
    job_title: JobTitle | UnsetType = UNSET
    roles: Roles | UnsetType = UNSET
    emails: Emails | UnsetType = UNSET
    phones: Phones | UnsetType = UNSET
    location_id: LocationId | UnsetType | None = UNSET
    language: Language | UnsetType = UNSET
    notes: Notes | UnsetType = UNSET
    do_not_contact: bool | UnsetType = UNSET


class ArchiveContact(Command, frozen=True):
    """Take a contact out of use; what refers to it stays."""

    contact_id: ContactId


class RestoreContact(Command, frozen=True):
    """Put an archived contact back into use."""

    contact_id: ContactId


class MergeContact(Command, frozen=True):
    """Let another contact of the customer stand in the place of this one: they are one person."""

    contact_id: ContactId
    into: ContactId


class UnmergeContact(Command, frozen=True):
    """Let a merged contact be one of its own again."""

    contact_id: ContactId


async def add_contact(cmd: AddContact, ctx: Context) -> None:
    customer = await ctx.look(Customer, cmd.customer_id)
    customer.require_active()
    if cmd.location_id is not None:
        await location_of(customer.id, cmd.location_id, ctx)
    facts = sent(cmd) | {"language": cmd.language or customer.language}
    ctx.add(Contact.begin(ctx.new_id("contact"), Contact.Added, ctx.now(), **facts))


async def change_contact(cmd: ChangeContact, ctx: Context) -> None:
    contact = await ctx.load(Contact, cmd.contact_id)
    facts = sent(cmd, leaving_out="contact_id")
    location_id = news(contact, facts).get("location_id")
    if location_id is not None:
        await location_of(contact.customer_id, location_id, ctx)
    apply_changes(contact, CHANGES, facts, ctx)


async def merge_contact(cmd: MergeContact, ctx: Context) -> None:
    contact = await ctx.load(Contact, cmd.contact_id)
    contact.merge(await ctx.look(Contact, cmd.into), at=ctx.now())


async def unmerge_contact(cmd: UnmergeContact, ctx: Context) -> None:
    contact = await ctx.load(Contact, cmd.contact_id)
    if contact.merged_into is None:
        raise NotMerged(id=contact.id)
    contact.unmerge_from(await ctx.look(Contact, contact.merged_into), at=ctx.now())


CHANGES = (
    Contact.Changed,
    Contact.RolesChanged,
    Contact.LocationChanged,
    Contact.PermissionChanged,
)

COMMANDS = (
    Entry(AddContact, add_contact, "POST /contacts", STAFF),
    Entry(ChangeContact, change_contact, "PATCH /contacts/{id}", STAFF),
    Entry(ArchiveContact, on(Contact, Contact.archive), "POST /contacts/{id}/archive", STAFF),
    Entry(RestoreContact, on(Contact, Contact.restore), "POST /contacts/{id}/restore", STAFF),
    Entry(MergeContact, merge_contact, "POST /contacts/{id}/merge", STAFF),
    Entry(UnmergeContact, unmerge_contact, "POST /contacts/{id}/unmerge", STAFF),
)
