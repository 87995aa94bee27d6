"""Whom to ask at a customer, main contacts first; without the notes on them."""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta
from sqlalchemy import ScalarSelect, func, select

from domain.actors import Actor
from domain.customers.people import ContactRole, Salutation
from domain.values import EmailAddress, PhoneNumber
from projections.customers import contacts
from readapi.customers.overview.parts import Part, Records, as_json
from readapi.customers.overview.subject import Subject
from readapi.documents import Id

_CONTACTS: Final = contacts.VIEW.tables[0]
_c = _CONTACTS.c


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A contact who speaks for the customer."""

    id: Id
    name: Annotated[str, Meta(examples=["Ada Zürn"])]
    title: Annotated[str, Meta(description="Academic.", examples=["Dr."])]
    salutation: Annotated[Salutation, Meta(examples=["ms"])]
    job_title: Annotated[str, Meta(examples=["Head of purchasing"])]
    roles: Annotated[
        list[ContactRole], Meta(description="What they are asked about.", examples=[["main"]])
    ]
    emails: Annotated[
        list[EmailAddress],
        Meta(
            description="The preferred one first.",
            examples=[[{"address": "ada@acme.example", "label": "work"}]],
        ),
    ]
    phones: Annotated[
        list[PhoneNumber],
        Meta(
            description="In E.164, the preferred one first.",
            examples=[[{"number": "+4930901820", "label": "desk"}]],
        ),
    ]
    do_not_contact: Annotated[
        bool,
        Meta(
            description="They want no mail and no call that they did not ask for.", examples=[False]
        ),
    ]


class Contacts(msgspec.Struct, frozen=True, kw_only=True):
    """The contacts in use."""

    data: Annotated[list[Person], Meta(description="Main contacts first, then by name.")]
    total: Annotated[int, Meta(examples=[1])]


_RECORDS: Final = Records(Person, _CONTACTS)


def _value(subject: Subject) -> ScalarSelect[Any]:
    where = (subject.has(_c.customer_id), _c.status == "active", _c.merged_into.is_(None))
    main = _c.roles.contains([ContactRole.MAIN.value])
    return select(
        as_json(
            data=_RECORDS.first(where, main.desc(), _c.name, _c.id),
            total=select(func.count()).where(*where).scalar_subquery(),
        )
    ).scalar_subquery()


def _shown(value: Any, actor: Actor) -> Contacts:
    return Contacts(data=_RECORDS.shown(value["data"], actor), total=value["total"])


PART: Final = Part(views=(contacts.VIEW,), value=_value, shown=_shown)
