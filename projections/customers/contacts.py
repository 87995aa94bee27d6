"""The contacts: one row each, archived and merged ones included."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Boolean, Column, Index, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from domain.base import Event
from domain.customers.contacts import Contact
from domain.similarity import person_key
from projections.records import customized, merged, plain, record_table, record_view, standing
from projections.searched import Searched
from projections.view import Row

BESIDE: Final = ("merged_into",)

contacts: Final = record_table(
    "contacts",
    Column("customer_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("salutation", Text, nullable=False),
    Column("job_title", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("emails", JSONB, nullable=False),
    Column("phones", JSONB, nullable=False),
    # The same without their labels, to be looked up by; and all that a search looks at.
    Column("email_addresses", ARRAY(Text), nullable=False),
    Column("phone_numbers", ARRAY(Text), nullable=False),
    Column("sought", Text, nullable=False),
    # By which doubles are found: the words of the name, sorted, without case, accents, titles.
    Column("name_key", Text, nullable=False),
    Column("location_id", Uuid),
    Column("language", Text, nullable=False),
    Column("notes", Text, nullable=False),
    Column("do_not_contact", Boolean, nullable=False),
    Column("custom", JSONB, nullable=False, default={}),
    Column("status", Text, nullable=False, default="active"),
    Column("merged_into", Uuid),
    Index("contacts_by_name", "name", "id", postgresql_include=BESIDE),
    Index(
        "contacts_by_customer",
        "customer_id",
        "name",
        "id",
        postgresql_include=(*BESIDE, "created_at", "updated_at"),
    ),
    Index("contacts_left_alone", "name", "id", postgresql_where=text("do_not_contact")),
    Index("contacts_by_location", "location_id", postgresql_where=text("location_id is not null")),
    Index("contacts_by_role", "roles", postgresql_using="gin"),
    Index("contacts_by_email_address", "email_addresses", postgresql_using="gin"),
    Index("contacts_by_phone_number", "phone_numbers", postgresql_using="gin"),
    Index(
        "contacts_by_part",
        "sought",
        postgresql_using="gin",
        postgresql_ops={"sought": "gin_trgm_ops"},
    ),
    Index(
        "contacts_by_custom",
        "custom",
        postgresql_using="gin",
        postgresql_ops={"custom": "jsonb_path_ops"},
    ),
    # Doubles: by what they prefer to be reached by, and by how people of one customer are called.
    # All of a contact's numbers fit into an index, which then suffices; all addresses may not.
    Index("contacts_by_first_email", text("(email_addresses[1])")),
    Index("contacts_by_second_email", text("(email_addresses[2])")),
    Index(
        "contacts_by_first_phone",
        text("(phone_numbers[1])"),
        postgresql_include=("id", "phone_numbers", *BESIDE),
    ),
    Index(
        "contacts_by_second_phone",
        text("(phone_numbers[2])"),
        postgresql_include=("id", "phone_numbers", *BESIDE),
    ),
    Index(
        "contacts_by_first_word",
        "customer_id",
        text("split_part(name_key, ' ', 1)"),
        text("left(split_part(name_key, ' ', -1), 1)"),
        postgresql_include=("id", "name_key", *BESIDE),
    ),
    Index(
        "contacts_by_last_word",
        "customer_id",
        text("split_part(name_key, ' ', -1)"),
        postgresql_include=("id", "name_key", *BESIDE),
    ),
    # Which are the same person, whichever of them is asked for.
    Index("contacts_by_whole", text("coalesce(merged_into, id)")),
    Index("contacts_by_merge", "merged_into", postgresql_where=text("merged_into is not null")),
    beside=BESIDE,
)

PUBLIC: Final = (
    Contact.Added,
    Contact.Changed,
    Contact.RolesChanged,
    Contact.LocationChanged,
    Contact.PermissionChanged,
    Contact.Archived,
    Contact.Restored,
    Contact.Merged,
    Contact.Unmerged,
    Contact.TakenIn,
    Contact.GivenBack,
)
"""What the customer may read in a contact's timeline; notes are left out of it."""


def _also(event: Event, row: Row) -> Row:
    return standing(event, row) | customized(event, row) | merged(event, row) | _reached(event, row)


def _reached(event: Event, row: Row) -> Row:
    """Return how the contact is found, where their name, an address or a number is news."""
    if not isinstance(event, Contact.Added | Contact.Changed):
        return {}
    told = {name: plain(value) for name, value in event.facts().items()}
    known: Mapping[str, Any] = row | told
    addresses = [email["address"] for email in known["emails"]]
    numbers = [phone["number"] for phone in known["phones"]]
    return {
        "name_key": person_key(known["name"]),
        "email_addresses": addresses,
        "phone_numbers": numbers,
        "sought": "\n".join([known["name"].lower(), *addresses, *numbers]),
    }


def _heading(event: Contact.Added) -> Row:
    return {"number": "", "customer_id": event.customer_id}


# What is merged is found no more, by none of its texts: the one in its place is, by its own.
SEARCHED: Final = Searched(
    kind="contact",
    record=Contact,
    heading=_heading,
    body=("job_title", "emails", "phones"),
    internal=("notes",),
    gone=(Contact.Merged,),
    back=(Contact.Unmerged,),
)
VIEW: Final = record_view(contacts, Contact, _also, shape=3)
