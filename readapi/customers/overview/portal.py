"""Who of a customer may use the portal; for staff, as the users are."""

from typing import Annotated, Any, Final

from msgspec import Meta
from sqlalchemy import ScalarSelect, func, select

from domain.actors import Role
from projections.people import users
from readapi.customers.overview.parts import Part
from readapi.customers.overview.subject import Subject
from readapi.documents import FOR_STAFF

_u = users.VIEW.tables[0].c

PortalUsers = Annotated[
    int | None,
    FOR_STAFF,
    Meta(
        description="How many users of the portal the customer has, without deactivated ones.",
        examples=[3],
    ),
]


def _value(subject: Subject) -> ScalarSelect[Any]:
    where = (_u.role == Role.CUSTOMER.value, _u.status == "active")
    counted = select(func.count()).where(subject.has(_u.customer_id), *where)
    return select(func.to_json(counted.scalar_subquery())).scalar_subquery()


PART: Final = Part(views=(users.VIEW,), value=_value, shown=lambda value, _: value, for_staff=True)
