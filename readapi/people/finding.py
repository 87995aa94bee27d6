"""Finding those of whom something is told, by what they are called and how they are reached."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import ColumnElement, Select, Uuid, and_, cast, null, select

from domain.actors import PRIVACY
from domain.people.erasures import SubjectKind
from projections.customers import contacts, customers
from projections.desk import tickets
from projections.people import users
from readapi.context import Context
from readapi.customers.contact_list import searched
from readapi.desk.tickets import number_of
from readapi.documents import Named
from readapi.entries import Entry
from readapi.fields import Row
from readapi.filters import Condition, Contains
from readapi.parameters import Query, Words
from readapi.people.concerned import RECORDS
from readapi.statements import text_of

_c, _u = contacts.VIEW.tables[0].c, users.VIEW.tables[0].c
_k, _t = customers.VIEW.tables[0].c, tickets.VIEW.tables[0].c


class FindSubjects(Query, frozen=True, kw_only=True):
    """Who is looked for."""

    text: Annotated[
        Words,
        Meta(
            description="Part of a name, an e-mail address or a phone number.",
            examples=["ada@acme.example"],
        ),
    ]
    limit: Annotated[int, Meta(ge=1, le=100, description="How many at most.")] = 20


class FoundSubject(msgspec.Struct, frozen=True, kw_only=True):
    """A record that seems to tell of the person."""

    kind: Annotated[SubjectKind, Meta(examples=["contact"])]
    id: Annotated[UUID, Meta(examples=["7e2d9c40-1f6b-4a83-b5c7-0d4e8a9f3b61"])]
    label: Annotated[str, Meta(description="A name, or a ticket's number.", examples=["Ada Zürn"])]
    number: Annotated[int | None, Meta(description="Of a ticket or a customer.", examples=[None])]
    matched: Annotated[
        dict[str, list[str]],
        Meta(
            description="What has the text in it, by field.",
            examples=[{"email": ["ada@acme.example"]}],
        ),
    ]
    customer: Annotated[Named | None, Meta(description="Whose person it is.")]
    merged_into: Annotated[
        UUID | None,
        Meta(description="What stands in its place, and would be erased.", examples=[None]),
    ]


class FoundSubjects(msgspec.Struct, frozen=True):
    """Whom the text may mean: contacts, users, customers, and tickets without a contact."""

    data: list[FoundSubject]
    more: Annotated[
        bool, Meta(description="Whether there are more; send more of the name.", examples=[False])
    ]


class _Source(msgspec.Struct, frozen=True):
    """Where one kind of subject is found."""

    kind: SubjectKind
    customer_id: ColumnElement[Any]
    matches: Callable[[str], Condition]
    said: Mapping[str, ColumnElement[Any]]
    """What is looked at: a text or a list of them, by field."""

    def statement(self, text: str, limit: int) -> Select[Any]:
        records = RECORDS[self.kind]
        table, whose = records.table, customers.VIEW.tables[0].alias("whose")
        into = table.c.merged_into if "merged_into" in table.c else cast(null(), Uuid)
        return (
            select(
                table.c.id,
                records.label.label("label"),
                records.number.label("number"),
                into.label("merged_into"),
                self.customer_id.label("customer_id"),
                whose.c.name.label("customer"),
                *(value.label(f"said {name}") for name, value in self.said.items()),
            )
            .select_from(table.outerjoin(whose, whose.c.id == self.customer_id))
            .where(self.matches(text))
            .order_by(records.label, table.c.id)
            .limit(limit)
        )


def _asked_by(text: str) -> Condition:
    # Who is a contact is found as one: their tickets fall with them.
    said = Contains(*(_t.requester[name].astext for name in ("name", "email", "phone")))
    return and_(_t.contact_id.is_(None), said(text))


SOURCES: Final = (
    _Source(
        SubjectKind.CONTACT,
        _c.customer_id,
        searched,
        {"name": _c.name, "email": _c.email_addresses, "phone": _c.phone_numbers},
    ),
    _Source(
        SubjectKind.USER,
        _u.customer_id,
        Contains(_u.name, _u.email),
        {"name": _u.name, "email": _u.email},
    ),
    _Source(
        SubjectKind.CUSTOMER,
        _k.id,
        Contains(_k.name, _k.trade_name, _k.invoice_email),
        {"name": _k.name, "trade_name": _k.trade_name, "email": _k.invoice_email},
    ),
    _Source(
        SubjectKind.TICKET,
        _t.customer_id,
        _asked_by,
        {f"requester.{name}": _t.requester[name].astext for name in ("name", "email", "phone")},
    ),
)


async def find_subjects(query: FindSubjects, ctx: Context) -> FoundSubjects:
    """Return whom a text may mean, contacts first."""
    views = ("contacts", "users", "customers", "tickets")
    told = [text_of(source.statement(query.text, query.limit + 1)) for source in SOURCES]
    found = [
        _shown(source, row, query.text)
        for source, rows in zip(SOURCES, await ctx.read(views, *told), strict=True)
        for row in rows
    ]
    return FoundSubjects(found[: query.limit], len(found) > query.limit)


def _shown(source: _Source, row: Row, text: str) -> FoundSubject:
    told = {name: _texts(row[f"said {name}"]) for name in source.said}
    matched = {name: [*_having(texts, text)] for name, texts in told.items()}
    is_ticket = source.kind is SubjectKind.TICKET
    return FoundSubject(
        kind=source.kind,
        id=row["id"],
        label=number_of(row["number"]) if is_ticket else row["label"],
        number=row["number"],
        matched={name: texts for name, texts in matched.items() if texts},
        customer=row["customer_id"] and Named(row["customer_id"], row["customer"]),
        merged_into=row["merged_into"],
    )


def _texts(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value or ""]


def _having(texts: Iterable[str], part: str) -> Iterable[str]:
    """Return the texts that have the part in them, in small letters or capitals, or its digits."""
    digits = re.sub(r"[^0-9]", "", part).lstrip("0")
    for text in texts:
        is_number = text.startswith("+") and digits
        if part.lower() in text.lower() or (is_number and digits in text):
            yield text


ENTRY: Final = Entry(
    "/privacy/subjects",
    "find subjects",
    "Return of whom something is told under a name, an e-mail address or a phone number: contacts, "
    "users, customers, and tickets of somebody who is no contact.",
    find_subjects,
    FindSubjects,
    FoundSubjects,
    PRIVACY,
)
