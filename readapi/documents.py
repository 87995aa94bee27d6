"""What documents have in common: fields of every record, named records, fields for staff only."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal, get_args, get_origin
from uuid import UUID

import msgspec
from msgspec import Meta

from domain.values import Address

Id = Annotated[UUID, Meta(examples=["9b0f6e0e-4b67-4ff0-8f4a-9d3d7c1f2a10"])]
CreatedAt = Annotated[datetime, Meta(examples=["2026-01-05T09:00:00Z"])]
UpdatedAt = Annotated[datetime, Meta(examples=["2026-01-05T09:12:00Z"])]
Version = Annotated[
    int, Meta(description="Send it as `If-Match` to decide on what you saw.", examples=[2])
]
Status = Literal["active", "archived"]
"""Whether a record that can be archived is in use."""
Located = Annotated[
    Address,
    Meta(
        examples=[
            {
                "street": "Hauptstraße 1",
                "postal_code": "10115",
                "city": "Berlin",
                "country": "DE",
            }
        ]
    ),
]


class Named(msgspec.Struct, frozen=True):
    """A record, and what it is called."""

    id: Annotated[UUID, Meta(examples=["1d1f3a52-7c58-4f8c-9e57-0c5a2b7f4e21"])]
    name: Annotated[
        str | None,
        Meta(description="Null until that record's view shows it.", examples=["Acme Werke GmbH"]),
    ]


class ForStaff:
    """Marks a field, `Annotated[str | None, FOR_STAFF]`, that customers' people never see.

    To them a document's field is null, as of any time; a filter or an order by it is refused, and
    their timelines do not mention it.
    """


FOR_STAFF: Final = ForStaff()


def is_for_staff(kind: Any) -> bool:
    """Tell whether the type of a field is marked with `FOR_STAFF`."""
    return get_origin(kind) is Annotated and FOR_STAFF in get_args(kind)


Custom = Annotated[
    dict[str, Any] | None,
    FOR_STAFF,
    Meta(
        description="Values of custom fields, by key; null to customers' people.",
        examples=[{"cost_centre": "4711"}],
    ),
]
"""The custom fields of a record, made by `fields.customs`."""
