"""What was last spoken with a customer; for staff, as the interactions are."""

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta
from sqlalchemy import ScalarSelect, select

from domain.actors import Actor
from domain.customers.interactions import Direction, InteractionKind
from projections.customers import interactions
from readapi.customers.overview.parts import Part, Records
from readapi.customers.overview.subject import Subject
from readapi.documents import Id

_INTERACTIONS: Final = interactions.VIEW.tables[0]
_i = _INTERACTIONS.c


class LastInteraction(msgspec.Struct, frozen=True, kw_only=True):
    """A call, a meeting, an e-mail, a note or a visit that counts."""

    id: Id
    kind: Annotated[InteractionKind, Meta(examples=["call"])]
    direction: Annotated[
        Direction, Meta(description="Who began: the customer is `inbound`.", examples=["inbound"])
    ]
    happened_at: Annotated[datetime, Meta(examples=["2026-01-05T09:00:00Z"])]
    minutes: Annotated[
        int | None, Meta(description="How long it took; null where unknown.", examples=[15])
    ]
    subject: Annotated[str, Meta(examples=["Renewal of the contract"])]


_RECORDS: Final = Records(LastInteraction, _INTERACTIONS)


def _value(subject: Subject) -> ScalarSelect[Any]:
    where = (subject.has(_i.customer_id), _i.status == "active")
    return select(_RECORDS.first(where, _i.happened_at.desc(), _i.id.desc())).scalar_subquery()


def _shown(value: Any, actor: Actor) -> list[LastInteraction]:
    shown: list[LastInteraction] = _RECORDS.shown(value, actor)
    return shown


PART: Final = Part(views=(interactions.VIEW,), value=_value, shown=_shown, for_staff=True)
