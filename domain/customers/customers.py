"""Customers: the organisations the provider works for."""

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from domain.addresses import PostalAddress
from domain.archiving import Archivable, WasArchived, WasRestored
from domain.base import Change, Created
from domain.errors import Conflict, Invalid, NotFound
from domain.rules import Line, require_domains
from domain.values import Address

NUMBER_LIMIT = 999_999_999
"""Nine digits, as accounting takes them."""


class CustomerNotFound(NotFound):
    """There is no customer {id}."""


class CustomerArchived(Conflict):
    """The customer {id} is archived; restore it first."""


class CustomerNumberInvalid(Invalid):
    """A customer number is between 1 and 999999999, not {number}."""

    field = "number"


def _nine_digits(_: str, number: int) -> int:
    if not 1 <= number <= NUMBER_LIMIT:
        raise CustomerNumberInvalid(number=number)
    return number


Name = Annotated[str, Line(200)]
EmailDomains = Annotated[tuple[str, ...], require_domains]


class Customer(Archivable):
    """An organisation that the provider works for."""

    TOPIC = "customer"
    MISSING = CustomerNotFound
    ARCHIVED = CustomerArchived

    number: int
    name: str
    address: Address
    email_domains: tuple[str, ...]

    class Registered(Created):
        """The customer was added."""

        TOPIC = "customer.registered"
        number: Annotated[int, _nine_digits]
        name: Name
        address: PostalAddress
        email_domains: EmailDomains

    class Renamed(Change):
        """The customer has another name."""

        TOPIC = "customer.renamed"
        name: Name

    class Moved(Change):
        """The customer has another address."""

        TOPIC = "customer.moved"
        address: PostalAddress

    class EmailDomainsChanged(Change):
        """Other e-mail domains belong to the customer."""

        TOPIC = "customer.email_domains_changed"
        email_domains: EmailDomains

    class Archived(WasArchived):
        """The provider does not work for the customer any more."""

        TOPIC = "customer.archived"

    class Restored(WasRestored):
        """The provider works for the customer again."""

        TOPIC = "customer.restored"

    def names(self) -> Iterable[tuple[str, str]]:
        """Return the customer's number and e-mail domains: no two customers share one."""
        yield "customer.number", str(self.number)
        for domain in self.email_domains:
            yield "customer.email_domain", domain

    def customer(self) -> UUID:
        """Return the customer itself: its people may know of it."""
        return self.id
