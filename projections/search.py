"""The texts to search in: one document per ticket and per customer.

What customers may read and what only staff may read are kept in separate columns.
"""

from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, Computed, Index, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import TSVECTOR

from domain.base import Event
from domain.customers.customers import Customer
from domain.desk.tickets import Ticket
from domain.values import Address
from eventstore.records import Recorded
from projections.view import Row, Rows, View, metadata

TEXT_LIMIT: Final = 100_000
"""Characters kept of a document's texts: a tsvector ends at 1 MB, whatever the words are."""


def _words(language: str) -> Computed:
    return Computed(
        f"setweight(to_tsvector('{language}', title), 'A')"
        f" || setweight(to_tsvector('{language}', body), 'B')",
        persisted=True,
    )


search_documents: Final = Table(
    "search_documents",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("external_number", Text),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("internal_body", Text, nullable=False),
    # How much of the body is the description, which may be replaced under the comments.
    Column("lead", Integer, nullable=False),
    Column("customer_id", Uuid, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("german", TSVECTOR, _words("german")),
    Column("english", TSVECTOR, _words("english")),
    Column(
        "internal",
        TSVECTOR,
        Computed(
            "to_tsvector('german', internal_body) || to_tsvector('english', internal_body)",
            persisted=True,
        ),
    ),
    Index("search_documents_by_word", "german", "english", "internal", postgresql_using="gin"),
    # Parts of words, for German compounds: `drucker` finds `Netzwerkdrucker`.
    Index(
        "search_documents_by_part",
        "title",
        "body",
        "internal_body",
        "number",
        "external_number",
        postgresql_using="gin",
        postgresql_ops=dict.fromkeys(
            ("title", "body", "internal_body", "number", "external_number"), "gin_trgm_ops"
        ),
    ),
    Index("search_documents_by_customer", "customer_id"),
    # A mirror asks for what has changed since it looked.
    Index("search_documents_by_position", "position"),
)


def apply(event: Event, recorded: Recorded, rows: Rows) -> None:
    """Fold one event of a ticket or a customer."""
    key = event.originator_id
    match event:
        case Ticket.Opened():
            rows.insert(search_documents, key, **_opened(event), position=recorded.position)
        case Customer.Registered():
            rows.insert(
                search_documents, key, **_registered(key, event), position=recorded.position
            )
    row = rows.get(search_documents, key)
    # A text is appended, so that an event taken in twice would be read twice.
    if row is None or row["position"] >= recorded.position:
        return
    # And what adds no word to a document is not worth indexing it again.
    if changes := _heading(event) or _text(event, row):
        rows.update(search_documents, key, **changes, position=recorded.position)


def _opened(event: Ticket.Opened) -> Row:
    return {
        "kind": "ticket",
        "number": str(event.ticket_number),
        "external_number": event.external and event.external.number,
        "title": event.title,
        "body": event.description,
        "internal_body": "",
        "lead": len(event.description),
        "customer_id": event.customer_id,
        "deleted": False,
    }


def _registered(id: UUID, event: Customer.Registered) -> Row:
    address = _address(event.address)
    return {
        "kind": "customer",
        "number": str(event.number),
        "title": event.name,
        "body": _limited(f"{address}\n{' '.join(event.email_domains)}"),
        "internal_body": "",
        "lead": len(address),
        "customer_id": id,
        "deleted": False,
    }


def _heading(event: Event) -> Row:
    match event:
        case Ticket.Retitled(title=title):
            return {"title": title}
        case Customer.Renamed(name=name):
            return {"title": name}
        # What is merged is found as the one that stands in its place.
        case Ticket.Deleted() | Customer.Merged():
            return {"deleted": True}
        case Ticket.Restored() | Customer.Unmerged():
            return {"deleted": False}
        case _:
            return {}


def _text(event: Event, row: Row) -> Row:  # noqa: PLR0911 - one answer per event
    body, lead = row["body"], row["lead"]
    match event:
        case Ticket.Described(description=text):
            return {"body": _limited(text + body[lead:]), "lead": len(text)}
        case Ticket.Commented(body=text, public=True):
            return {"body": _limited(f"{body}\n{text}")}
        case Ticket.Commented(body=text):
            return {"internal_body": _limited(f"{row['internal_body']}\n{text}")}
        case Ticket.Resolved(resolution=text) | Ticket.Closed(resolution=text) if text:
            return {"body": _limited(f"{body}\n{text}")}
        case Customer.Moved(address=address):
            text = _address(address)
            return {"body": _limited(text + body[lead:]), "lead": len(text)}
        case Customer.EmailDomainsChanged(email_domains=domains):
            return {"body": _limited(f"{body[:lead]}\n{' '.join(domains)}")}
        case _:
            return {}


def _limited(text: str) -> str:
    return text[:TEXT_LIMIT]


def _address(address: Address) -> str:
    return f"{address.street} {address.postal_code} {address.city} {address.country}"


VIEW: Final = View(
    name="search",
    tables=(search_documents,),
    topics=(Ticket.TOPIC, Customer.TOPIC),
    apply=apply,
    shape=3,
    alone=True,
)
