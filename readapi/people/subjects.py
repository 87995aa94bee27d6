"""Those of whom something is told, as a path names them: `/privacy/subjects/contact/{id}/…`."""

from collections.abc import Callable
from typing import Any, Final

from domain.actors import PRIVACY
from domain.people.erasures import SubjectKind
from readapi.context import Context
from readapi.customers import contacts, customers, interactions, locations
from readapi.desk import tickets
from readapi.entries import Entry
from readapi.fields import Row
from readapi.parameters import Query
from readapi.people import users
from readapi.people.concerned import RECORDS, Circle, Concerned, circle_of
from readapi.records import find
from readapi.resources import Resource

RESOURCES: Final[dict[SubjectKind, Resource]] = {
    SubjectKind.CONTACT: contacts.RESOURCE,
    SubjectKind.USER: users.RESOURCE,
    SubjectKind.CUSTOMER: customers.RESOURCE,
    SubjectKind.LOCATION: locations.RESOURCE,
    SubjectKind.TICKET: tickets.RESOURCE,
    SubjectKind.INTERACTION: interactions.RESOURCE,
}
"""How the records of each kind are read."""
_OUT_OF_USE: Final = frozenset({"archived", "deactivated", "former"})


class Subject:
    """One of whom something is told, and all that tells of them."""

    def __init__(self, row: Row, shown: Concerned, circle: Circle) -> None:
        """Take the record, as its view and as people know it, and what else is concerned."""
        self.shown = shown
        self.circle = circle
        self.is_used = row.get("status") not in _OUT_OF_USE
        """Whether an erasure would have to put the record out of use."""


async def subject_of(kind: SubjectKind, ctx: Context) -> Subject:
    """Return the subject that the path names; of a merged record, what stands in its place.

    Raises the `missing` of its kind.
    """
    resource, records = RESOURCES[kind], RECORDS[kind]
    row = await find(resource, ctx)
    id = row.get("merged_into") or row["id"]
    told = records.page(records.table.c.id == id, None, 1)
    (rows,) = await ctx.read((records.view.name,), told)
    if not rows:
        raise resource.missing(id=id)
    return Subject(row, records.shown(rows[0]), await circle_of(ctx, kind, id))


def entries(
    suffix: str,
    *,
    name: str,
    promise: str,
    answer: Callable[[SubjectKind], Any],
    query: type[Query],
    content: Any,
) -> tuple[Entry, ...]:
    """Return a line of the table for each kind of subject; `answer` makes what answers it."""
    return tuple(
        Entry(
            f"/privacy/subjects/{kind}/{{id:{'str' if resource.named_by else 'uuid'}}}/{suffix}",
            f"{name} {kind}",
            promise,
            answer(kind),
            query,
            content,
            PRIVACY,
            resource.named_by.description if resource.named_by else "The id.",
        )
        for kind, resource in RESOURCES.items()
    )
