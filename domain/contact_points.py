"""How somebody is reached: several e-mail addresses and phone numbers, the first one preferred."""

from typing import Annotated, Final

from domain.errors import Invalid
from domain.nested import Each
from domain.values import EmailAddress, PhoneNumber

POINT_LIMIT: Final = 10


class TooManyContactPoints(Invalid):
    """`{name}` takes {limit} entries at most."""


class ContactPointRepeated(Invalid):
    """`{name}` names {value!r} twice."""


def _once(field: str) -> Each:
    return Each(POINT_LIMIT, field, TooManyContactPoints, ContactPointRepeated)


Emails = Annotated[tuple[EmailAddress, ...], _once("address")]
Phones = Annotated[tuple[PhoneNumber, ...], _once("number")]
