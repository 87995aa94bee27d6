"""The values that several slices name: ids, addresses, people and references.

A rule beside a field is asked where the value stands in an event with a rule that reaches into it,
`by_fields` or `Each`.
"""

from dataclasses import dataclass
from typing import Annotated, NewType
from uuid import UUID

from domain.phones import require_phone
from domain.rules import Line, Text, optional_email, require_email

ContactId = NewType("ContactId", UUID)
CustomerId = NewType("CustomerId", UUID)
GroupId = NewType("GroupId", UUID)
LocationId = NewType("LocationId", UUID)
TicketId = NewType("TicketId", UUID)
UserId = NewType("UserId", UUID)


@dataclass(frozen=True)
class Address:
    """A postal address; all of it is empty where nothing is known."""

    street: Annotated[str, Text(200)] = ""
    postal_code: Annotated[str, Text(20)] = ""
    city: Annotated[str, Text(100)] = ""
    country: str = ""
    """ISO 3166-1 alpha-2; no rule stands here, since the postal code depends on it: events use
    `PostalAddress` or `Site`, which ask about both."""


@dataclass(frozen=True)
class EmailAddress:
    """One of somebody's e-mail addresses; `label` says what it is for."""

    address: Annotated[str, require_email]
    label: Annotated[str, Text(50)] = ""


@dataclass(frozen=True)
class PhoneNumber:
    """One of somebody's phone numbers, in E.164; `label` says what it is for."""

    number: Annotated[str, require_phone]
    label: Annotated[str, Text(50)] = ""


@dataclass(frozen=True)
class Requester:
    """Who asked: a contact of the customer, who need not be a user."""

    name: Annotated[str, Text(200)] = ""
    email: Annotated[str, optional_email] = ""
    phone: Annotated[str, Text(50)] = ""
    """As they wrote it, not in E.164: mails and imports bring anything."""


@dataclass(frozen=True)
class ExternalReference:
    """The same record in another system, e.g. `servicenow` `INC0000047`."""

    system: Annotated[str, Line(50)]
    number: Annotated[str, Line(100)]
