"""Where a customer is; how to get in is told by the location itself."""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta
from sqlalchemy import ScalarSelect, func, select

from domain.actors import Actor
from projections.customers import locations
from readapi.customers.overview.parts import Part, Records, as_json
from readapi.customers.overview.subject import Subject
from readapi.documents import Id, Located

_LOCATIONS: Final = locations.VIEW.tables[0]
_l = _LOCATIONS.c


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A location in use."""

    id: Id
    name: Annotated[str, Meta(examples=["Plant South"])]
    address: Located
    opening_hours: Annotated[str, Meta(examples=["Mon-Fri 7-16"])]


class Locations(msgspec.Struct, frozen=True, kw_only=True):
    """The locations in use."""

    data: Annotated[list[Place], Meta(description="By name.")]
    total: Annotated[int, Meta(examples=[1])]


_RECORDS: Final = Records(Place, _LOCATIONS)


def _value(subject: Subject) -> ScalarSelect[Any]:
    where = (subject.has(_l.customer_id), _l.status == "active")
    return select(
        as_json(
            data=_RECORDS.first(where, _l.name, _l.id),
            total=select(func.count()).where(*where).scalar_subquery(),
        )
    ).scalar_subquery()


def _shown(value: Any, actor: Actor) -> Locations:
    return Locations(data=_RECORDS.shown(value["data"], actor), total=value["total"])


PART: Final = Part(views=(locations.VIEW,), value=_value, shown=_shown)
