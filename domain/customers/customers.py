"""Customers: the organisations the provider works for."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Self

from eventsourcing.domain import event

from domain.base import AggregateRoot, Created, Event
from domain.errors import Conflict, Invalid, NotFound
from domain.rules import limit_text, require_domains, require_text
from domain.values import Address, CustomerId

_COUNTRY = re.compile(r"[A-Za-z]{2}")
"""ISO 3166-1 alpha-2, in either case."""


class CustomerNotFound(NotFound):
    """There is no customer {id}."""


class CustomerArchived(Conflict):
    """The customer {id} is archived; restore it first."""


class CustomerNumberInvalid(Invalid):
    """A customer number is between 1 and 999999999, not {number}."""

    field = "number"


class CountryInvalid(Invalid):
    """`address.country` takes two letters from A to Z (ISO 3166-1), not {country!r}."""

    field = "address.country"


class Customer(AggregateRoot):
    """An organisation that the provider works for."""

    TOPIC = "customer"
    MISSING = CustomerNotFound

    class Registered(Created):
        """The customer was added."""

        TOPIC = "customer.registered"
        number: int
        name: str
        address: Address
        email_domains: tuple[str, ...]

    class Renamed(Event):
        """The customer has another name."""

        TOPIC = "customer.renamed"
        name: str

    class Moved(Event):
        """The customer has another address."""

        TOPIC = "customer.moved"
        address: Address

    class EmailDomainsChanged(Event):
        """Other e-mail domains belong to the customer."""

        TOPIC = "customer.email_domains_changed"
        email_domains: tuple[str, ...]

    class Archived(Event):
        """The provider does not work for the customer any more."""

        TOPIC = "customer.archived"

    class Restored(Event):
        """The provider works for the customer again."""

        TOPIC = "customer.restored"

    @event(Registered)
    def __init__(
        self, *, number: int, name: str, address: Address, email_domains: tuple[str, ...]
    ) -> None:
        self.number = number
        self.name = name
        self.address = address
        self.email_domains = email_domains
        self.archived = False

    @classmethod
    def register(
        cls,
        id: CustomerId,
        *,
        number: int,
        name: str,
        address: Address,
        email_domains: Iterable[str] = (),
        at: datetime,
    ) -> Self:
        """Add a customer."""
        if not 1 <= number <= 999_999_999:  # noqa: PLR2004 - nine digits, as accounting takes them
            raise CustomerNumberInvalid(number=number)
        return cls._create(
            cls.Registered,
            id=id,
            number=number,
            name=require_text("name", name, limit=200),
            address=_checked(address),
            email_domains=require_domains("email_domains", email_domains),
            timestamp=at,
        )

    def rename(self, name: str, *, at: datetime) -> None:
        """Give the customer another name."""
        name = require_text("name", name, limit=200)
        if name != self.name:
            self._renamed(name=name, timestamp=at)

    def move(self, address: Address, *, at: datetime) -> None:
        """Give the customer another address."""
        address = _checked(address)
        if address != self.address:
            self._moved(address=address, timestamp=at)

    def change_email_domains(self, email_domains: Iterable[str], *, at: datetime) -> None:
        """Say which e-mail domains belong to the customer."""
        domains = require_domains("email_domains", email_domains)
        if domains != self.email_domains:
            self._email_domains_changed(email_domains=domains, timestamp=at)

    def archive(self, *, at: datetime) -> None:
        """Stop working for the customer; raises `CustomerArchived` the second time."""
        self.require_active()
        self._archived(timestamp=at)

    def restore(self, *, at: datetime) -> None:
        """Work for an archived customer again."""
        if self.archived:
            self._restored(timestamp=at)

    def require_active(self) -> None:
        """Raise `CustomerArchived` unless the provider works for the customer."""
        if self.archived:
            raise CustomerArchived(id=self.id)

    @event(Renamed)
    def _renamed(self, *, name: str, timestamp: datetime) -> None:
        self.name = name

    @event(Moved)
    def _moved(self, *, address: Address, timestamp: datetime) -> None:
        self.address = address

    @event(EmailDomainsChanged)
    def _email_domains_changed(
        self, *, email_domains: tuple[str, ...], timestamp: datetime
    ) -> None:
        self.email_domains = email_domains

    @event(Archived)
    def _archived(self, *, timestamp: datetime) -> None:
        self.archived = True

    @event(Restored)
    def _restored(self, *, timestamp: datetime) -> None:
        self.archived = False


def _checked(address: Address) -> Address:
    if not _COUNTRY.fullmatch(address.country):
        raise CountryInvalid(country=address.country)
    return Address(
        street=limit_text("address.street", address.street, limit=200),
        postal_code=limit_text("address.postal_code", address.postal_code, limit=20),
        city=limit_text("address.city", address.city, limit=100),
        country=address.country.upper(),
    )
