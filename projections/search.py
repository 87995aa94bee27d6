"""The texts to search in: one document per record, and one row per text in it.

A text that is added is indexed alone, however long the document is. What customers may read and
what only staff may read are different rows.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    Index,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

from domain.base import Created, Event
from eventstore.records import Recorded
from projections.searched import PLACES, TITLE, Piece, Searched
from projections.slices import SLICES
from projections.view import Row, Rows, View, metadata

SEARCHED: Final[tuple[Searched, ...]] = tuple(
    module.SEARCHED for module in SLICES if hasattr(module, "SEARCHED")
)
"""What is searched; each kind of record says by what it is found."""

TEXT_LIMIT: Final = 100_000
"""Characters kept of a text: a tsvector ends at 1 MB, whatever the words are."""


def _words(language: str) -> Computed:
    vector = f"to_tsvector('{language}', text)"
    return Computed(
        f"case when place = 0 then setweight({vector}, 'A') else setweight({vector}, 'B') end",
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
    # By field, the row of its text, which the next text of the field replaces.
    Column("fields", JSONB, nullable=False),
    Column("customer_id", Uuid, nullable=False),
    Column("deleted", Boolean, nullable=False),
    # Moves with each text. No index over long columns is here: every index would be written again.
    Column("position", BigInteger, nullable=False),
    Index(
        "search_documents_by_number",
        "number",
        "external_number",
        postgresql_using="gin",
        postgresql_ops=dict.fromkeys(("number", "external_number"), "gin_trgm_ops"),
    ),
    Index("search_documents_by_customer", "customer_id"),
    # A mirror asks for what has changed since it looked.
    Index("search_documents_by_position", "position"),
)

search_texts: Final = Table(
    "search_texts",
    metadata,
    # The position of the event, and the place: one event may set several fields.
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("document_id", Uuid, nullable=False),
    # 0 is the title; then come the fields, and then, in their order, what joined them.
    Column("place", SmallInteger, nullable=False),
    Column("internal", Boolean, nullable=False),
    Column("text", Text, nullable=False),
    Column("german", TSVECTOR, _words("german")),
    Column("english", TSVECTOR, _words("english")),
    Index("search_texts_by_word", "german", "english", postgresql_using="gin"),
    # Parts of words, for German compounds: `drucker` finds `Netzwerkdrucker`.
    Index(
        "search_texts_by_part",
        "text",
        postgresql_using="gin",
        postgresql_ops={"text": "gin_trgm_ops"},
    ),
    Index("search_texts_by_document", "document_id"),
)

Texts = Sequence[tuple[int, Piece]]
"""Texts that an event brings, and the keys of their rows."""

_BY_TOPIC: Final = {searched.record.TOPIC: searched for searched in SEARCHED}


def apply(event: Event, recorded: Recorded, rows: Rows) -> None:
    """Fold one event of a record that is searched."""
    searched = _BY_TOPIC[event.TOPIC.partition(".")[0]]
    key = event.originator_id
    row = rows.get(search_documents, key)
    # Whoever takes an event in twice must not bring back what has been replaced.
    if row is None and isinstance(event, Created):
        rows.insert(search_documents, key, **_begun(searched, event))
        row = rows.get(search_documents, key)
    if row is None or row["position"] >= recorded.position:
        return
    texts = [(recorded.position * PLACES + text.place, text) for text in searched.texts(event)]
    changes = _standing(searched, event) | _fields(row, texts, rows)
    # What adds no word to a document is no change for who mirrors it.
    if texts or changes:
        _write(key, texts, rows)
        rows.update(search_documents, key, **changes, position=recorded.position)


def _begun(searched: Searched, event: Created) -> Row:
    row = {"kind": searched.kind, "title": "", "fields": {}, "deleted": False, "position": 0}
    return row | searched.heading(event)


def _standing(searched: Searched, event: Event) -> Row:
    if isinstance(event, searched.gone):
        return {"deleted": True}
    if isinstance(event, searched.back):
        return {"deleted": False}
    return {}


def _fields(row: Row, texts: Texts, rows: Rows) -> Row:
    """Remove the texts that are replaced, and return what that changes in the document."""
    changes: Row = {}
    fields = dict(row["fields"])
    for key, new in texts:
        if new.field is None:
            continue
        if (former := fields.pop(new.field, None)) is not None:
            rows.delete(search_texts, former)
        if new.text:
            fields[new.field] = key
        if new.place == TITLE:
            changes["title"] = new.text
        changes["fields"] = fields
    return changes


def _write(document: UUID, texts: Texts, rows: Rows) -> None:
    for key, new in texts:
        if new.text:
            rows.insert(
                search_texts,
                key,
                document_id=document,
                place=new.place,
                internal=new.internal,
                text=new.text[:TEXT_LIMIT],
            )


VIEW: Final = View(
    name="search",
    tables=(search_documents, search_texts),
    topics=tuple(_BY_TOPIC),
    apply=apply,
    shape=5,
    alone=True,
)
