"""Customers: the organisations the provider works for."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from domain.addresses import PostalAddress
from domain.archiving import Archivable, WasArchived, WasRestored
from domain.base import Change, Created, Event
from domain.checks import KEPT, Kept
from domain.customers.kin import Kin
from domain.customers.particulars import (
    Currency,
    Language,
    RegisterEntry,
    nine_digits,
    up_to_a_year,
)
from domain.customers.standing import Status, first_status, require_status
from domain.customizing import Customizable, WasCustomized
from domain.errors import Conflict, NotFound
from domain.nested import by_fields
from domain.personal import Impersonal, Personal, Retention
from domain.rules import Line, Name, Text, optional_email, require_domains
from domain.tags import Tags
from domain.values import Address, UserId
from domain.vat_ids import optional_vat_id


class CustomerNotFound(NotFound):
    """There is no customer {id}."""


class CustomerArchived(Conflict):
    """The customer {id} is a former one; restore it first."""


EmailDomains = Annotated[
    tuple[str, ...], require_domains, Impersonal("A company's domain, shared by its people.")
]
ON_INVOICES = Personal(keep=Retention.BOOKS)
"""Tells of a person where the customer is a sole trader, and stands on invoices."""
LegalName = Annotated[Name, ON_INVOICES]
Seat = Annotated[PostalAddress, ON_INVOICES]


class Customer(Archivable, Kin, Customizable):
    """An organisation that the provider works for, or would like to."""

    TOPIC = "customer"
    MISSING = CustomerNotFound
    ARCHIVED = CustomerArchived

    number: int
    name: str
    """The legal name."""
    address: Address
    email_domains: tuple[str, ...]
    status: Status
    trade_name: str = ""
    register_entry: RegisterEntry = RegisterEntry()
    language: Language = Language.GERMAN
    notes: str = ""
    vat_id: str = ""
    currency: Currency = Currency.EUR
    payment_days: int = 14
    invoice_email: str = ""
    tags: tuple[str, ...] = ()
    account_manager_id: UserId | None = None

    class Registered(Created):
        """The customer was added."""

        TOPIC = "customer.registered"
        number: Annotated[int, nine_digits]
        name: LegalName
        address: Seat
        email_domains: EmailDomains
        status: Annotated[Status, first_status] = Status.ACTIVE

    class Renamed(Change):
        """The customer has another legal name."""

        TOPIC = "customer.renamed"
        name: LegalName

    class Moved(Change):
        """The customer has another address."""

        TOPIC = "customer.moved"
        address: Seat

    class EmailDomainsChanged(Change):
        """Other e-mail domains belong to the customer."""

        TOPIC = "customer.email_domains_changed"
        email_domains: EmailDomains

    class Changed(Change):
        """Plain master data of the customer is different; what stays is not named."""

        TOPIC = "customer.changed"
        trade_name: Annotated[str, Text(200), ON_INVOICES] | Kept = KEPT
        register_entry: Annotated[RegisterEntry, by_fields, ON_INVOICES] | Kept = KEPT
        language: Language | Kept = KEPT
        notes: Annotated[str, Text(10_000), Personal()] | Kept = KEPT

    class BillingChanged(Change):
        """What invoices need of the customer is different; what stays is not named."""

        TOPIC = "customer.billing_changed"
        vat_id: Annotated[str, optional_vat_id, ON_INVOICES] | Kept = KEPT
        currency: Currency | Kept = KEPT
        payment_days: Annotated[int, up_to_a_year] | Kept = KEPT
        invoice_email: Annotated[str, optional_email, ON_INVOICES] | Kept = KEPT

    class Tagged(Change):
        """The customer has other tags; all of them are named."""

        TOPIC = "customer.tagged"
        tags: Tags

    class ManagerAssigned(Change):
        """Somebody else, or nobody, looks after the customer."""

        TOPIC = "customer.manager_assigned"
        account_manager_id: UserId | None

    class Won(Event):
        """The prospect became a customer."""

        TOPIC = "customer.won"

        def apply(self, customer: Any) -> None:
            customer.status = Status.ACTIVE

    class PutOnHold(Event):
        """The provider holds its work for the customer."""

        TOPIC = "customer.put_on_hold"
        reason: Annotated[str, Line(2000), Personal()]

        def apply(self, customer: Any) -> None:
            customer.status = Status.ON_HOLD

    class Resumed(Event):
        """The provider goes on working for the customer."""

        TOPIC = "customer.resumed"

        def apply(self, customer: Any) -> None:
            customer.status = Status.ACTIVE

    class Archived(WasArchived):
        """The provider does not work for the customer any more."""

        TOPIC = "customer.archived"

        def apply(self, customer: Any) -> None:
            super().apply(customer)
            customer.status = Status.FORMER

    class Restored(WasRestored):
        """The provider works for the customer again."""

        TOPIC = "customer.restored"

        def apply(self, customer: Any) -> None:
            super().apply(customer)
            customer.status = Status.ACTIVE

    class Customized(WasCustomized):
        """Custom fields of the customer have other values."""

        TOPIC = "customer.customized"

    def win(self, *, at: datetime) -> None:
        """Make a customer of a prospect; raises `StandingForbids` and `MergedAway`."""
        self.require_unmerged()
        require_status(self.status, Status.PROSPECT, "won")
        self.record(self.Won, at)

    def put_on_hold(self, *, reason: str, at: datetime) -> None:
        """Hold the work for an active customer; raises `StandingForbids` and `MergedAway`."""
        self.require_unmerged()
        require_status(self.status, Status.ACTIVE, "put on hold")
        self.record(self.PutOnHold, at, reason=reason)

    def resume(self, *, at: datetime) -> None:
        """Go on working for a customer on hold; raises `StandingForbids` and `MergedAway`."""
        self.require_unmerged()
        require_status(self.status, Status.ON_HOLD, "resumed")
        self.record(self.Resumed, at)

    def require_active(self) -> None:
        """Raise `CustomerArchived` for a former customer, `MergedAway` for a merged one."""
        super().require_active()
        self.require_unmerged()

    def names(self) -> Iterable[tuple[str, str]]:
        """Return the customer's number and e-mail domains: no two customers share one."""
        yield "customer.number", str(self.number)
        for domain in self.email_domains:
            yield "customer.email_domain", domain

    def customer(self) -> UUID:
        """Return the customer itself: its people may know of it."""
        return self.id
