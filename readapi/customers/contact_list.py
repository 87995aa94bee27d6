"""The list of contacts: what it can be narrowed to, and how people write what they look for."""

import re
from typing import Annotated, Final
from uuid import UUID

from msgspec import Meta
from sqlalchemy import false, or_

from domain.customers.people import ContactRole
from domain.errors import Refused
from domain.phones import national_phone
from projections.customers import contacts
from readapi.filters import Condition, Merged
from readapi.parameters import VALUES_LIMIT, CustomPairs, Text, Words
from readapi.queries import ByName

Roles = Annotated[
    tuple[ContactRole, ...],
    Meta(
        max_length=VALUES_LIMIT,
        description="Contacts with one of these roles; several may be sent, separated by commas "
        "or one by one.",
    ),
]


class ContactList(ByName, frozen=True, kw_only=True):
    """What the list of contacts is narrowed to; everything that is sent has to hold."""

    search: Annotated[
        Words | None,
        Meta(description="Part of the name or an e-mail address, or digits of a phone number."),
    ] = None
    customer_id: UUID | None = None
    location_id: UUID | None = None
    role: Roles = ()
    email: Annotated[Text | None, Meta(description="One whole address of theirs.")] = None
    phone: Annotated[
        Text | None,
        Meta(
            description="One whole number of theirs, in any spelling; without a country code, as "
            "it is dialled within Germany, Austria, Switzerland or Liechtenstein.",
            examples=["+49 8031 555 010", "08031 555010"],
        ),
    ] = None
    do_not_contact: bool | None = None
    custom: CustomPairs = ()
    merged: Annotated[
        Merged, Meta(description="Whether contacts are shown in whose place others stand.")
    ] = Merged.NO


_c = contacts.VIEW.tables[0].c

_COUNTRIES: Final = ("DE", "AT", "CH", "LI")
_NUMBER: Final = re.compile(r"[+0-9\s/().\u2010-\u2015-]+")
_FEW: Final = 3
"""Fewer digits than this say nothing about a number."""


def searched(words: str) -> Condition:
    """Return the condition that a name, an address or a number has these words in it."""
    said = _c.sought.contains(words.lower(), autoescape=True)
    # The zero in front, one or two, is dialled instead of what the number is kept with.
    digits = re.sub(r"[^0-9]", "", words).lstrip("0")
    if not _NUMBER.fullmatch(words) or len(digits) < _FEW:
        return said
    return or_(said, _c.sought.contains(digits, autoescape=True))


def written_to(address: str) -> Condition:
    """Return the condition that the address is one of theirs."""
    return _c.email_addresses.contains([address.strip().lower()])


def called(number: str) -> Condition:
    """Return the condition that the number, however it is written, is one of theirs."""
    spelled = {one for country in _COUNTRIES for one in _in_e164(number, country)}
    return _c.phone_numbers.overlap(sorted(spelled)) if spelled else false()


def _in_e164(number: str, country: str) -> list[str]:
    try:
        return [national_phone("phone", number, country=country)]
    except Refused:
        return []
