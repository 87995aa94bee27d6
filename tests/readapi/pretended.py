"""Resources that only tests know: they have what the real ones may come to have."""

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from domain.actors import EVERYONE
from domain.desk.tickets import TicketNotFound
from domain.people.users import UserNotFound
from projections.desk import tickets
from projections.people import users
from readapi.documents import FOR_STAFF, CreatedAt, Id, Named, UpdatedAt, Version
from readapi.fields import Composed, Reference
from readapi.filters import Contains, Deleted
from readapi.pages import Order, Paged
from readapi.parameters import Text, Words
from readapi.resources import Resource


class ConfidentialDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket of which customers see less."""

    id: Id
    title: Annotated[str, Meta(examples=["The printer jams"])]
    category: Annotated[str | None, FOR_STAFF, Meta(examples=["hardware"])]
    assignee: Annotated[Named | None, FOR_STAFF]
    owner: Annotated[Named | None, Meta(description="The assignee once more, under a mail.")]
    itself: Named
    priority: Annotated[dict[str, Any] | None, FOR_STAFF, Meta(examples=[{"is": "high"}])]
    created_at: CreatedAt
    updated_at: UpdatedAt
    version: Version


class ConfidentialList(Paged, frozen=True, kw_only=True):
    """What the list is narrowed to."""

    category: Text | None = None
    about: Annotated[Words | None, Meta(description="Part of the title or the category.")] = None
    title: Text | None = None
    priority_rank: int | None = None
    deleted: Deleted = Deleted.NO
    sort: Literal["title", "category", "created_at"] = "title"
    order: Order = Order.ASC


_t = tickets.VIEW.tables[0].c

CONFIDENTIAL: Final = Resource(
    kind="ticket",
    path="/confidential",
    view=tickets.VIEW,
    document=ConfidentialDocument,
    query=ConfidentialList,
    missing=TicketNotFound,
    may=EVERYONE,
    bound=_t.customer_id,
    deleted=_t.deleted_at,
    references=(
        Reference("assignee", users.VIEW),
        Reference("owner", users.VIEW, column="assignee_id", called="email"),
        Reference("itself", tickets.VIEW, column="id", called="title"),
    ),
    composed=(
        Composed(
            "priority", (_t.priority, _t.priority_rank), lambda name, rank: {"is": name, "no": rank}
        ),
    ),
    filters={"about": Contains(_t.title, _t.category)},
)
"""Has fields for staff only, and references of all kinds."""


class ColleagueDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A user whom their customer may see."""

    id: Id
    name: Annotated[str, Meta(examples=["Ada Zürn"])]
    version: Version


class ColleagueList(Paged, frozen=True, kw_only=True):
    """All of them."""

    sort: Literal["name"] = "name"
    order: Order = Order.ASC


COLLEAGUES: Final = Resource(
    kind="user",
    path="/colleagues",
    view=users.VIEW,
    document=ColleagueDocument,
    query=ColleagueList,
    missing=UserNotFound,
    may=EVERYONE,
    bound=users.VIEW.tables[0].c.customer_id,
)
"""The record begins within the bound of `CUSTOMER`, and ends within that of the other one."""
