"""How somebody is reached: several e-mail addresses and phone numbers, the first one preferred."""

from typing import Annotated, Final

from domain.nested import Each
from domain.personal import Personal
from domain.values import EmailAddress, PhoneNumber

POINT_LIMIT: Final = 10

Emails = Annotated[tuple[EmailAddress, ...], Each(POINT_LIMIT, once="address"), Personal()]
Phones = Annotated[tuple[PhoneNumber, ...], Each(POINT_LIMIT, once="number"), Personal()]
