"""Whom a customer belongs to, and who belongs to it; for staff, as it tells of other customers."""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta
from sqlalchemy import ColumnElement, ScalarSelect, func, select

from domain.actors import Actor
from domain.customers.standing import Status
from projections.customers import customers
from readapi.customers.overview.parts import Part, Records, as_json
from readapi.customers.overview.subject import Subject
from readapi.documents import Id

_CUSTOMERS: Final = customers.VIEW.tables[0]
_c = _CUSTOMERS.c


class Relative(msgspec.Struct, frozen=True, kw_only=True):
    """Another customer."""

    id: Id
    number: Annotated[int, Meta(examples=[10001])]
    name: Annotated[str, Meta(examples=["Acme Holding SE"])]
    status: Annotated[Status, Meta(examples=["active"])]


class Kin(msgspec.Struct, frozen=True, kw_only=True):
    """The customers above and below; a merged one is not named, but what stands in its place."""

    parent: Annotated[Relative | None, Meta(description="The one that it belongs to.")]
    children: Annotated[list[Relative], Meta(description="By name.")]
    total_children: Annotated[int, Meta(examples=[1])]


_RECORDS: Final = Records(Relative, _CUSTOMERS)


def _value(subject: Subject) -> ScalarSelect[Any]:
    children = (subject.has(_c.parent_id), _c.merged_into.is_(None))
    return select(
        as_json(
            parent=_RECORDS.first([_c.id == _parent_of(subject)], _c.id),
            children=_RECORDS.first(children, _c.name, _c.id),
            total_children=select(func.count()).where(*children).scalar_subquery(),
        )
    ).scalar_subquery()


def _parent_of(subject: Subject) -> ColumnElement[Any]:
    own, parent = _CUSTOMERS.alias("own"), _CUSTOMERS.alias("parent")
    whole = func.coalesce(parent.c.merged_into, parent.c.id)
    above = select(whole).join_from(own, parent, parent.c.id == own.c.parent_id)
    return above.where(own.c.id == subject.id).scalar_subquery()


def _shown(value: Any, actor: Actor) -> Kin:
    parent = _RECORDS.shown(value["parent"], actor)
    children = _RECORDS.shown(value["children"], actor)
    return Kin(
        parent=parent[0] if parent else None,
        children=children,
        total_children=value["total_children"],
    )


PART: Final = Part(views=(customers.VIEW,), value=_value, shown=_shown, for_staff=True)
