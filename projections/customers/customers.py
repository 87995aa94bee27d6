"""The customers: one row each, former and merged ones included."""

from typing import Final

from sqlalchemy import Column, Index, Integer, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from domain.base import Event
from domain.customers.customers import Customer
from domain.customers.particulars import Currency, Language
from domain.customers.standing import Status
from domain.similarity import company_key
from projections.records import customized, merged, parts_index, record_table, record_view
from projections.searched import Searched
from projections.view import Row

BESIDE: Final = ("merged_into",)

customers: Final = record_table(
    "customers",
    Column("number", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("trade_name", Text, nullable=False, default=""),
    Column("register_entry", JSONB, nullable=False, default={"court": "", "number": ""}),
    Column("address", JSONB, nullable=False),
    Column("email_domains", ARRAY(Text), nullable=False),
    Column("status", Text, nullable=False),
    Column("language", Text, nullable=False, default=Language.GERMAN.value),
    Column("notes", Text, nullable=False, default=""),
    Column("vat_id", Text, nullable=False, default=""),
    Column("currency", Text, nullable=False, default=Currency.EUR.value),
    Column("payment_days", Integer, nullable=False, default=14),
    Column("invoice_email", Text, nullable=False, default=""),
    Column("tags", ARRAY(Text), nullable=False, default=[]),
    Column("account_manager_id", Uuid),
    Column("parent_id", Uuid),
    Column("custom", JSONB, nullable=False, default={}),
    Column("merged_into", Uuid),
    # By which doubles are found: the names without case, accents, legal form.
    Column("name_key", Text, nullable=False),
    Column("trade_name_key", Text, nullable=False, default=""),
    Index("customers_by_number", "number", "id", postgresql_include=BESIDE),
    Index("customers_by_name", "name", "id", postgresql_include=BESIDE),
    Index("customers_by_status", "status", "id", postgresql_include=(*BESIDE, "name")),
    Index("customers_by_email_domain", "email_domains", postgresql_using="gin"),
    Index("customers_by_tag", "tags", postgresql_using="gin"),
    Index(
        "customers_by_custom",
        "custom",
        postgresql_using="gin",
        postgresql_ops={"custom": "jsonb_path_ops"},
    ),
    Index(
        "customers_by_manager",
        "account_manager_id",
        "name",
        "id",
        postgresql_where=text("account_manager_id is not null"),
    ),
    Index(
        "customers_by_parent",
        "parent_id",
        "name",
        "id",
        postgresql_where=text("parent_id is not null"),
    ),
    Index("customers_by_vat_id", "vat_id", postgresql_where=text("vat_id <> ''")),
    # Parts of what a customer is called, and names that are alike.
    parts_index(
        "customers_by_part",
        "name",
        "trade_name",
        "(number::varchar)",
        "vat_id",
        "(address->>'city')",
        "name_key",
    ),
    Index("customers_by_name_key", "name_key"),
    Index("customers_by_trade_name_key", "trade_name_key"),
    Index("customers_by_invoice_domain", text("split_part(invoice_email, '@', 2)")),
    # Which are the same: one that stands for itself, and those that are merged into it.
    Index("customers_by_whole", text("coalesce(merged_into, id)")),
    # The same for whoever asks in every list: empty where nothing was merged.
    Index(
        "customers_by_merge",
        "merged_into",
        postgresql_where=text("merged_into is not null"),
    ),
    Index(
        "customers_by_country",
        text("(address->>'country')"),
        "name",
        "id",
        postgresql_include=BESIDE,
    ),
    beside=BESIDE,
)

PUBLIC: Final = (
    Customer.Registered,
    Customer.Renamed,
    Customer.Moved,
    Customer.EmailDomainsChanged,
    Customer.Changed,
    Customer.BillingChanged,
)
"""What a customer's people may read in its timeline: their own master data, without the notes.

Billing is among it: it is printed on each invoice that they get. Where the customer stands with
the provider and why, tags, who looks after it and custom fields are the provider's own, and what
it belongs to or was merged with tells of other customers.
"""


def _also(event: Event, row: Row) -> Row:
    match event:
        case Customer.Registered(name=name) | Customer.Renamed(name=name):
            return {"name_key": company_key(name)}
        case Customer.Changed(trade_name=str(trade_name)):
            return {"trade_name_key": company_key(trade_name)}
        case Customer.Won() | Customer.Resumed() | Customer.Restored():
            return {"status": Status.ACTIVE.value}
        case Customer.PutOnHold():
            return {"status": Status.ON_HOLD.value}
        case Customer.Archived():
            return {"status": Status.FORMER.value}
        case _:
            return customized(event, row) | merged(event, row)


def _heading(event: Customer.Registered) -> Row:
    return {"number": str(event.number), "customer_id": event.originator_id}


# What is merged is found no more, by none of its texts: the one in its place is, by its own.
SEARCHED: Final = Searched(
    kind="customer",
    record=Customer,
    heading=_heading,
    body=("trade_name", "address", "email_domains", "vat_id"),
    gone=(Customer.Merged,),
    back=(Customer.Unmerged,),
)
VIEW: Final = record_view(customers, Customer, _also, shape=4)
