"""Customers: the organisations the provider works for."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from domain.addresses import PostalAddress
from domain.archiving import Archivable, WasArchived, WasRestored
from domain.base import Change, Created, Event
from domain.checks import KEPT, Kept
from domain.customers.particulars import (
    Currency,
    Language,
    RegisterEntry,
    checked_entry,
    nine_digits,
    up_to_a_year,
)
from domain.customers.standing import Status, first_status, require_status
from domain.customizing import Customizable, WasCustomized
from domain.errors import Conflict, Invalid, NotFound
from domain.merging import GaveBack, Mergeable, TookIn, WasMerged, WasUnmerged
from domain.rules import Line, Text, optional_email, require_domains
from domain.tags import Tags
from domain.values import Address, CustomerId, UserId
from domain.vat_ids import optional_vat_id


class CustomerNotFound(NotFound):
    """There is no customer {id}."""


class CustomerArchived(Conflict):
    """The customer {id} is a former one; restore it first."""


class CircleForbids(Conflict):
    """The customer {id} would come to belong to itself, by way of {parent}: change that first."""


class ParentIsDescendant(Invalid):
    """The customer {parent} belongs to {id} already: as its parent it would close a circle."""

    field = "parent_id"


Name = Annotated[str, Line(200)]
EmailDomains = Annotated[tuple[str, ...], require_domains]


class Customer(Archivable, Mergeable, Customizable):
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
    parent_id: CustomerId | None = None

    class Registered(Created):
        """The customer was added."""

        TOPIC = "customer.registered"
        number: Annotated[int, nine_digits]
        name: Name
        address: PostalAddress
        email_domains: EmailDomains
        status: Annotated[Status, first_status] = Status.ACTIVE

    class Renamed(Change):
        """The customer has another legal name."""

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

    class Changed(Change):
        """Plain master data of the customer is different; what stays is not named."""

        TOPIC = "customer.changed"
        trade_name: Annotated[str, Text(200)] | Kept = KEPT
        register_entry: Annotated[RegisterEntry, checked_entry] | Kept = KEPT
        language: Language | Kept = KEPT
        notes: Annotated[str, Text(10_000)] | Kept = KEPT

    class BillingChanged(Change):
        """What invoices need of the customer is different; what stays is not named."""

        TOPIC = "customer.billing_changed"
        vat_id: Annotated[str, optional_vat_id] | Kept = KEPT
        currency: Currency | Kept = KEPT
        payment_days: Annotated[int, up_to_a_year] | Kept = KEPT
        invoice_email: Annotated[str, optional_email] | Kept = KEPT

    class Tagged(Change):
        """The customer has other tags; all of them are named."""

        TOPIC = "customer.tagged"
        tags: Tags

    class ManagerAssigned(Change):
        """Somebody else, or nobody, looks after the customer."""

        TOPIC = "customer.manager_assigned"
        account_manager_id: UserId | None

    class ParentChanged(Change):
        """The customer belongs to another one, or to none."""

        TOPIC = "customer.parent_changed"
        parent_id: CustomerId | None

    class Won(Event):
        """The prospect became a customer."""

        TOPIC = "customer.won"

        def apply(self, customer: Any) -> None:
            customer.status = Status.ACTIVE

    class PutOnHold(Event):
        """The provider holds its work for the customer."""

        TOPIC = "customer.put_on_hold"
        reason: Annotated[str, Line(2000)]

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

    class Merged(WasMerged):
        """The customer turned out to be the same as another one."""

        TOPIC = "customer.merged"

    class Unmerged(WasUnmerged):
        """The customer is one of its own again."""

        TOPIC = "customer.unmerged"

    class TakenIn(TookIn):
        """Another customer turned out to be this one."""

        TOPIC = "customer.taken_in"

    class GivenBack(GaveBack):
        """A customer that was merged into this one is one of its own again."""

        TOPIC = "customer.given_back"

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

    def belong_to(self, lineage: Sequence[UUID], *, at: datetime) -> None:
        """Let the customer belong to the first of a lineage, or to none where it is empty.

        The lineage is the new parent, its parent and so on. Raises `ParentIsDescendant`.
        """
        parent = CustomerId(lineage[0]) if lineage else None
        if self.id in lineage:
            raise ParentIsDescendant(parent=parent, id=self.id)
        self.change(self.ParentChanged, at, parent_id=parent)

    def merge(self, other: Self, lineage: Sequence[UUID], *, at: datetime) -> None:
        """Let another customer stand in the place of this one.

        The lineage is the other customer, what it belongs to, and so on. Raises `CircleForbids`
        where this one is among them, and what `merge_into` raises.
        """
        other.require_unmerged()
        if self.id != other.id and self.id in lineage:
            raise CircleForbids(id=other.id, parent=self.id)
        self.merge_into(other, at=at)

    def unmerge(self, other: Self, lineage: Sequence[UUID], *, at: datetime) -> None:
        """Let the customer be one of its own again, below the first of the lineage.

        Raises `CircleForbids` where it is among its own lineage by now, and `NotMerged`.
        """
        if self.id in lineage:
            raise CircleForbids(id=self.id, parent=self.parent_id)
        self.unmerge_from(other, at=at)

    def require_changeable(self) -> None:
        """Raise `MergedAway` for a merged customer: what is true of it belongs to the other."""
        self.require_unmerged()

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
