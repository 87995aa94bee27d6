"""Contacts: the people whom the provider meets at its customers."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from domain.archiving import Archivable, WasArchived, WasRestored
from domain.base import Change, Created
from domain.checks import KEPT, Kept
from domain.contact_points import Emails, Phones
from domain.customers.particulars import Language
from domain.customers.people import ContactRole, Roles, Salutation
from domain.customizing import Customizable, WasCustomized
from domain.errors import Conflict, Invalid, NotFound
from domain.merging import GaveBack, Mergeable, TookIn, WasMerged, WasUnmerged
from domain.personal import Personal
from domain.rules import Name, Text
from domain.values import CustomerId, EmailAddress, LocationId, PhoneNumber, Requester


class ContactNotFound(NotFound):
    """There is no contact {id}."""


class ContactArchived(Conflict):
    """The contact {id} is archived; restore it or choose another one."""


class ContactElsewhere(Invalid):
    """The contact {id} belongs to another customer; choose one of the same customer."""

    field = "contact_id"


class MergedAcrossCustomers(Invalid):
    """The contact {into} belongs to another customer; merge contacts of one customer."""

    field = "into"


PersonName = Annotated[Name, Personal()]
Title = Annotated[str, Text(50), Personal()]
JobTitle = Annotated[str, Text(200), Personal()]
Notes = Annotated[str, Text(10_000), Personal()]


class Contact(Archivable, Mergeable, Customizable):
    """A person at a customer, who need not be a user of the platform.

    There is no birthday, on purpose: nothing that the provider does needs one, and what is not
    needed is not kept (GDPR article 5, data minimisation).
    """

    TOPIC = "contact"
    MISSING = ContactNotFound
    ARCHIVED = ContactArchived

    customer_id: CustomerId
    name: str
    title: str
    """Academic, e.g. `Dr.`; what they do is the job title."""
    salutation: Salutation
    job_title: str
    roles: tuple[ContactRole, ...]
    emails: tuple[EmailAddress, ...]
    phones: tuple[PhoneNumber, ...]
    location_id: LocationId | None
    language: Language
    notes: str
    """For staff only."""
    do_not_contact: bool
    """They do not want to be written to or called, unless they asked for it."""

    class Added(Created):
        """The contact was added."""

        TOPIC = "contact.added"
        customer_id: CustomerId
        name: PersonName
        title: Title
        salutation: Salutation
        job_title: JobTitle
        roles: Roles
        emails: Emails
        phones: Phones
        location_id: LocationId | None
        language: Language
        notes: Notes
        do_not_contact: bool

    class Changed(Change):
        """Plain master data of the contact is different; what stays is not named."""

        TOPIC = "contact.changed"
        name: PersonName | Kept = KEPT
        title: Title | Kept = KEPT
        salutation: Salutation | Kept = KEPT
        job_title: JobTitle | Kept = KEPT
        emails: Emails | Kept = KEPT
        phones: Phones | Kept = KEPT
        language: Language | Kept = KEPT
        notes: Notes | Kept = KEPT

    class RolesChanged(Change):
        """The contact is asked about other things; all of them are named."""

        TOPIC = "contact.roles_changed"
        roles: Roles

    class LocationChanged(Change):
        """The contact works at another location, or at none that is known."""

        TOPIC = "contact.location_changed"
        location_id: LocationId | None

    class PermissionChanged(Change):
        """The contact may, or may not, be written to and called."""

        TOPIC = "contact.permission_changed"
        do_not_contact: bool

    class Archived(WasArchived):
        """The contact does not speak for the customer any more."""

        TOPIC = "contact.archived"

    class Restored(WasRestored):
        """The contact speaks for the customer again."""

        TOPIC = "contact.restored"

    class Customized(WasCustomized):
        """Custom fields of the contact have other values."""

        TOPIC = "contact.customized"

    class Merged(WasMerged):
        """The contact turned out to be the same person as another one."""

        TOPIC = "contact.merged"

    class Unmerged(WasUnmerged):
        """The contact is one of its own again."""

        TOPIC = "contact.unmerged"

    class TakenIn(TookIn):
        """Another contact turned out to be this person."""

        TOPIC = "contact.taken_in"

    class GivenBack(GaveBack):
        """A contact that was merged into this one is one of its own again."""

        TOPIC = "contact.given_back"

    def merge(self, other: Self, *, at: datetime) -> None:
        """Let another contact of the same customer stand in the place of this one.

        Raises `MergedAcrossCustomers`, `ContactArchived`, and what `merge_into` does.
        """
        # Merged customers do not count as one here: when they are unmerged, each has its people.
        if other.customer_id != self.customer_id:
            raise MergedAcrossCustomers(into=other.id)
        other.require_active()
        self.merge_into(other, at=at)

    def require_of(self, customers: Collection[UUID]) -> None:
        """Raise `ContactElsewhere` unless the contact is one of these customers."""
        if self.customer_id not in customers:
            raise ContactElsewhere(id=self.id)

    def require_active(self) -> None:
        """Raise `ContactArchived` for one out of use, `MergedAway` for a merged one."""
        super().require_active()
        self.require_unmerged()

    def as_requester(self) -> Requester:
        """Return the contact as who asks: with the first address and the first number."""
        return Requester(
            name=self.name,
            email=self.emails[0].address if self.emails else "",
            phone=self.phones[0].number if self.phones else "",
        )

    def customer(self) -> UUID:
        """Return the customer whose contact it is."""
        return self.customer_id
