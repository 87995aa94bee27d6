"""Full-text search: what the read side asks of a search engine."""

from collections.abc import Collection
from enum import StrEnum
from typing import Protocol
from uuid import UUID

import msgspec


class Kind(StrEnum):
    """What can be searched."""

    TICKET = "ticket"
    CUSTOMER = "customer"


class Hit(msgspec.Struct, frozen=True):
    """One record that matches a query."""

    id: UUID
    kind: Kind
    number: str
    """What people call it: `T-000123`, or a customer's number."""
    title: str
    snippet: str
    """Plain text around the match, with `<mark>` and `</mark>` about the words; else escaped."""
    score: float
    """Higher is better; comparable within one answer only."""


class Search(Protocol):
    """A search engine over the documents that the projections feed."""

    async def find(
        self,
        query: str,
        *,
        kinds: Collection[Kind],
        customer_id: UUID | None,
        include_internal: bool,
        limit: int,
    ) -> list[Hit]:
        """Return the best matches, best first.

        `kinds` empty means every kind. With a `customer_id`, only what belongs to it is found.
        Unless `include_internal`, internal comments are neither matched nor shown. Deleted
        tickets are not found. Any text is a legal query; one without a word finds nothing.
        """
        ...

    async def ids(
        self,
        query: str,
        *,
        kind: Kind,
        customer_id: UUID | None,
        include_internal: bool,
        limit: int = 10_000,
    ) -> list[UUID]:
        """Return the ids of the best matches of one kind, best first; rights as in `find`.

        Deleted tickets are among them: the list that asks for the ids decides about those.
        """
        ...
