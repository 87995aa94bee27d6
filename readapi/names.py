"""What several documents have in common: records that are named, and instants in UTC."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta


class Named(msgspec.Struct, frozen=True):
    """A record, and what it is called."""

    id: UUID
    name: Annotated[
        str | None,
        Meta(description="Null until that record's view shows it.", examples=["Acme Werke GmbH"]),
    ]


def named(id: UUID | None, name: str | None) -> Named | None:
    """Return the record with its name, or None where there is none."""
    return None if id is None else Named(id, name)


def instant(at: datetime | None) -> datetime | None:
    """Return the same instant in UTC: the log keeps the offset it was told, a view does not."""
    return None if at is None else at.astimezone(UTC)
