"""Full-text search: what the read side asks of a search engine."""

from collections.abc import Collection
from enum import StrEnum
from typing import Annotated, Protocol
from uuid import UUID

import msgspec
from msgspec import Meta


class Kind(StrEnum):
    """What can be searched."""

    TICKET = "ticket"
    CUSTOMER = "customer"
    CONTACT = "contact"


class Hit(msgspec.Struct, frozen=True):
    """One record that matches a query."""

    id: Annotated[UUID, Meta(examples=["9b0f6e0e-4b67-4ff0-8f4a-9d3d7c1f2a10"])]
    kind: Kind
    number: Annotated[
        str,
        Meta(
            description="What people call it: `T-000123`, or a customer's number; contacts have "
            "none.",
            examples=["T-000123"],
        ),
    ]
    title: Annotated[str, Meta(examples=["The printer on floor 3 jams"])]
    snippet: Annotated[
        str,
        Meta(
            description="Plain text around the match, with `<mark>` and `</mark>` about the words; "
            "else escaped.",
            examples=["The <mark>printer</mark> on floor 3 jams"],
        ),
    ]
    score: Annotated[
        float,
        Meta(description="Higher is better; comparable within one answer only.", examples=[0.61]),
    ]


class Search(Protocol):
    """A search engine over the documents that the projections feed."""

    async def find(
        self,
        query: str,
        *,
        kinds: Collection[Kind],
        customer_ids: Collection[UUID] | None,
        include_internal: bool,
        limit: int,
    ) -> list[Hit]:
        """Return the best matches, best first.

        `kinds` empty means every kind. With `customer_ids`, only what
        belongs to one of them is found.
        Unless `include_internal`, internal comments are neither matched nor shown. Deleted
        tickets are not found. Any text is a legal query; one without a word finds nothing.
        """
        ...

    async def ids(
        self,
        query: str,
        *,
        kind: Kind,
        customer_ids: Collection[UUID] | None,
        include_internal: bool,
        limit: int = 10_000,
    ) -> list[UUID]:
        """Return the ids of the best matches of one kind, best first; rights as in `find`.

        Deleted tickets are among them: the list that asks for the ids decides about those.
        """
        ...
