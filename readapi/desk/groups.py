"""Assignment groups as staff reads them."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from domain.actors import READERS
from domain.desk.groups import GroupNotFound
from projections.desk import groups
from readapi.documents import CreatedAt, Id, Status, UpdatedAt, Version
from readapi.filters import Contains
from readapi.parameters import Text, Words
from readapi.queries import ByName
from readapi.resources import Resource


class GroupDocument(msgspec.Struct, frozen=True, kw_only=True):
    """An assignment group, as it stands or stood."""

    id: Id
    name: Annotated[str, Meta(examples=["First level"])]
    description: Annotated[str, Meta(examples=["Takes every call first."])]
    status: Annotated[Status, Meta(description="Whether the group takes tickets.")]
    created_at: CreatedAt
    updated_at: UpdatedAt
    version: Version


class GroupList(ByName, frozen=True, kw_only=True):
    """What the list of groups is narrowed to; everything that is sent has to hold."""

    search: Annotated[Words | None, Meta(description="Part of the name or description.")] = None
    name: Annotated[Text | None, Meta(description="Part of the name.")] = None


_g = groups.VIEW.tables[0].c

RESOURCE: Final = Resource(
    kind="group",
    path="/groups",
    view=groups.VIEW,
    document=GroupDocument,
    query=GroupList,
    missing=GroupNotFound,
    may=READERS,
    bound=None,
    filters={"search": Contains(_g.name, _g.description), "name": Contains(_g.name)},
)
