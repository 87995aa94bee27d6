"""How somebody is reached: several e-mail addresses and phone numbers, the first one preferred."""

from collections.abc import Iterable
from typing import Annotated

from domain.errors import Invalid
from domain.phones import require_phone
from domain.rules import limit_text, require_email
from domain.values import EmailAddress, PhoneNumber

POINT_LIMIT = 10


class TooManyContactPoints(Invalid):
    """`{name}` takes {limit} entries at most."""


class ContactPointRepeated(Invalid):
    """`{name}` names {value!r} twice."""


def checked_emails(name: str, emails: Iterable[EmailAddress]) -> tuple[EmailAddress, ...]:
    """Return the addresses in lower case, in their order.

    Raises `EmailInvalid`, `TooManyContactPoints` and `ContactPointRepeated`.
    """
    checked = tuple(
        EmailAddress(
            require_email(f"{name}[{place}].address", email.address),
            limit_text(f"{name}[{place}].label", email.label, limit=50),
        )
        for place, email in enumerate(emails)
    )
    _require_few(name, [email.address for email in checked])
    return checked


def checked_phones(name: str, phones: Iterable[PhoneNumber]) -> tuple[PhoneNumber, ...]:
    """Return the numbers in E.164, in their order.

    Raises what `require_phone` refuses, `TooManyContactPoints` and `ContactPointRepeated`.
    """
    checked = tuple(
        PhoneNumber(
            require_phone(f"{name}[{place}].number", phone.number),
            limit_text(f"{name}[{place}].label", phone.label, limit=50),
        )
        for place, phone in enumerate(phones)
    )
    _require_few(name, [phone.number for phone in checked])
    return checked


def _require_few(name: str, values: list[str]) -> None:
    if len(values) > POINT_LIMIT:
        raise TooManyContactPoints(name=name, limit=POINT_LIMIT)
    for place, value in enumerate(values):
        if value in values[:place]:
            raise ContactPointRepeated(name=name, value=value)


Emails = Annotated[tuple[EmailAddress, ...], checked_emails]
Phones = Annotated[tuple[PhoneNumber, ...], checked_phones]
