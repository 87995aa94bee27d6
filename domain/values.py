"""The values that several slices share: ids, addresses, people and references."""

from dataclasses import dataclass
from typing import NewType
from uuid import UUID

ContactId = NewType("ContactId", UUID)
CustomFieldId = NewType("CustomFieldId", UUID)
CustomerId = NewType("CustomerId", UUID)
GroupId = NewType("GroupId", UUID)
InteractionId = NewType("InteractionId", UUID)
LocationId = NewType("LocationId", UUID)
TicketId = NewType("TicketId", UUID)
UserId = NewType("UserId", UUID)


@dataclass(frozen=True)
class Address:
    """A postal address; all of it is empty where nothing is known."""

    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""
    """ISO 3166-1 alpha-2."""


@dataclass(frozen=True)
class EmailAddress:
    """One of somebody's e-mail addresses; `label` says what it is for."""

    address: str
    label: str = ""


@dataclass(frozen=True)
class PhoneNumber:
    """One of somebody's phone numbers, in E.164; `label` says what it is for."""

    number: str
    label: str = ""


@dataclass(frozen=True)
class Requester:
    """Who asked: a contact of the customer, who need not be a user."""

    name: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True)
class ExternalReference:
    """The same record in another system, e.g. `servicenow` `INC0000047`."""

    system: str
    number: str
