"""Who is there when the story begins: groups and staff, customers, their places and people."""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from commands.demo.catalogue import (
    ANNEXES,
    CONTACTS,
    GROUPS,
    HOURS,
    JOBS,
    MISHEARD,
    PREFIXES,
    STAFF,
    WOMEN,
    Annex,
)
from commands.demo.companies import BELONGS_TO, COMPANIES, PROSPECTS, Company
from commands.demo.crm_notes import values_of
from domain.actors import Role
from domain.base import AggregateRoot
from domain.customers.contacts import Contact
from domain.customers.customers import Customer
from domain.customers.locations import Location
from domain.customers.particulars import Language
from domain.customers.people import ContactRole, Salutation
from domain.customers.standing import Status
from domain.desk.groups import Group
from domain.people.users import User
from domain.values import (
    Address,
    CustomerId,
    EmailAddress,
    GroupId,
    LocationId,
    PhoneNumber,
    UserId,
)

FIRST_CUSTOMER_NUMBER = 10_001


class Cast:
    """All who are there; `id_of` gives each the id that its name stands for in the story."""

    def __init__(self, id_of: Callable[[str], UUID], begun: datetime) -> None:
        self._id = id_of
        self._begun = begun
        self.groups: list[GroupId] = []
        self.staff: list[tuple[UserId, int]] = []
        """Everybody who works on tickets, with the place of their group."""
        self.customers: dict[str, Customer] = {}
        """By their domain."""
        self.contacts: list[Contact] = []
        """Those who ask."""

    def records(self) -> Iterator[AggregateRoot]:
        """Yield what begins with the story, each after what it refers to."""
        yield from self._provider()
        sites = []
        for index, company in enumerate((*COMPANIES, *PROSPECTS)):
            self.customers[company.domain] = self._customer(index, company)
            yield self.customers[company.domain]
            sites.append(self._sites(company, ANNEXES[index % len(ANNEXES)]))
            yield from sites[-1]
        for index, name in enumerate(CONTACTS):
            company = COMPANIES[index % len(COMPANIES)]
            # The first of a company is at its head office, the second one at the other place.
            site = sites[index % len(COMPANIES)][index // len(COMPANIES)]
            contact = self._contact(name, index, company, site, _mailbox(name))
            self.contacts.append(contact)
            yield contact
            yield self._user(name, contact.emails[0].address, Role.CUSTOMER, site.customer_id)
        yield self._double(sites)

    def _double(self, sites: Sequence[Sequence[Location]]) -> Contact:
        """Return a contact that is there already; it asks for nothing."""
        known, name, mailbox = MISHEARD
        index = CONTACTS.index(known)
        place, second = index % len(COMPANIES), index // len(COMPANIES)
        return self._contact(name, index, COMPANIES[place], sites[place][second], mailbox)

    def _provider(self) -> Iterator[AggregateRoot]:
        for name, description in GROUPS:
            self.groups.append(GroupId(self._id(name)))
            yield Group.begin(
                self.groups[-1], Group.Formed, self._begun, name=name, description=description
            )
        for name, group_index in STAFF:
            email = f"{_mailbox(name)}@msp.example"
            self.staff.append((UserId(self._id(email)), group_index))
            role = Role.ADMIN if name == STAFF[0][0] else Role.TECHNICIAN
            yield self._user(name, email, role, None)

    def _customer(self, index: int, company: Company) -> Customer:
        customer = company.registered(
            CustomerId(self._id(company.domain)),
            number=FIRST_CUSTOMER_NUMBER + index,
            status=Status.PROSPECT if company in PROSPECTS else Status.ACTIVE,
            at=self._begun,
        )
        customer.customize(values_of(index), at=self._begun)
        manager, _ = self.staff[index % len(self.staff)]
        customer.change(Customer.ManagerAssigned, self._begun, account_manager_id=manager)
        if company.domain in BELONGS_TO:
            customer.belong_to([self._id(BELONGS_TO[company.domain])], at=self._begun)
        return customer

    def _sites(self, company: Company, annex: Annex) -> tuple[Location, Location]:
        office = Annex("Hauptsitz", company.street, HOURS, "")
        return self._site(company, office), self._site(company, annex)

    def _site(self, company: Company, annex: Annex) -> Location:
        return Location.begin(
            self._id(f"{company.domain} {annex.name}"),
            Location.Registered,
            self._begun,
            customer_id=CustomerId(self._id(company.domain)),
            name=annex.name,
            address=_address(company, annex.street),
            opening_hours=annex.opening_hours,
            access_notes=annex.access_notes,
            coordinates=None,
        )

    def _contact(
        self, name: str, index: int, company: Company, site: Location, mailbox: str
    ) -> Contact:
        first = index < len(COMPANIES)
        roles = (
            (ContactRole.MAIN, ContactRole.BILLING)
            if first
            else (ContactRole.TECHNICAL, ContactRole.EMERGENCY)
        )
        email = f"{mailbox}@{company.domain}"
        return Contact.begin(
            self._id(f"contact {email}"),
            Contact.Added,
            self._begun,
            customer_id=site.customer_id,
            name=name,
            title="",
            salutation=Salutation.MS if name.split(maxsplit=1)[0] in WOMEN else Salutation.MR,
            job_title=JOBS[0] if first else JOBS[1 + index % (len(JOBS) - 1)],
            roles=roles,
            emails=(EmailAddress(email, "Büro"),),
            phones=(PhoneNumber(f"{PREFIXES[company.country]} 555 {index:04}", "Durchwahl"),),
            location_id=LocationId(site.id),
            language=Language.GERMAN,
            notes="",
            do_not_contact=False,
        )

    def _user(self, name: str, email: str, role: Role, customer_id: CustomerId | None) -> User:
        return User.register(
            UserId(self._id(email)),
            name=name,
            email=email,
            role=role,
            customer_id=customer_id,
            at=self._begun,
        )


def _address(company: Company, street: str) -> Address:
    return Address(street, company.postal_code, company.city, company.country)


def _mailbox(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower().replace("ß", "ss"))
    return "".join(c for c in plain.replace(" ", ".") if c.isascii())
