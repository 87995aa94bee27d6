"""The records that tickets refer to: the import's customer, its contacts, groups and people.

Each is created with the first row that names it. A group that bears the name already, however it
came to be, is the one that is meant.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from commands.imports import identity
from commands.imports.log import Appender, Log, attempts, is_raced
from commands.imports.names import Streams, claims, holder
from commands.imports.provenance import Provenance, recorded
from commands.imports.source import Place, Row
from domain.actors import Role
from domain.base import AggregateRoot, Event
from domain.customers.contacts import Contact
from domain.customers.customers import Customer
from domain.customers.particulars import Language
from domain.customers.people import Salutation
from domain.desk.groups import Group
from domain.errors import Refused
from domain.people.users import User
from domain.reservations import reservation_id
from domain.values import Address, ContactId, CustomerId, GroupId, TicketId, UserId
from eventstore.records import Append


class Master(NamedTuple):
    """A record that rows name."""

    id: UUID
    """The one it gets, unless another record bears the name already."""
    kind: type[AggregateRoot]
    name: str


class Masters:
    """Knows the customer, the groups and the people, and sees to it that they exist."""

    def __init__(self, provenance: Provenance, customer: str, log: Log, appender: Appender) -> None:
        self._provenance = provenance
        self._customer = customer
        self._customer_id = identity.customer_id(provenance.system, customer)
        self._log = log
        self._appender = appender
        self._known: dict[UUID, UUID | Refused] = {}
        self.events = 0
        """How many were appended to create them."""
        self.contacts = 0
        """How many contacts were added."""

    async def ensure(self, rows: Iterable[Row]) -> None:
        """Create what the rows name and what is not there; a refused name is remembered."""
        wanted: dict[UUID, tuple[Master, Row]] = {}
        for row in rows:
            for master in self._named_by(row):
                wanted.setdefault(master.id, (master, row))
        for _ in attempts("customer, contacts, groups and users"):
            missing = [it for key, it in wanted.items() if key not in self._known]
            if not missing:
                return
            await self._create(missing)

    def place(self, ticket_id: TicketId, ticket_number: int, row: Row) -> Place:
        """Return where the row belongs; raises what refused a name in it."""
        ids = {master.kind: self._id(master) for master in self._named_by(row)}
        group_id, user_id, contact_id = ids.get(Group), ids.get(User), ids.get(Contact)
        return Place(
            ticket_id=ticket_id,
            ticket_number=ticket_number,
            customer_id=CustomerId(ids[Customer]),
            group_id=GroupId(group_id) if group_id else None,
            assignee_id=UserId(user_id) if user_id else None,
            contact_id=ContactId(contact_id) if contact_id else None,
        )

    def _named_by(self, row: Row) -> Iterator[Master]:
        system = self._provenance.system
        yield Master(self._customer_id, Customer, self._customer)
        if row.group:
            yield Master(identity.group_id(system, row.group), Group, row.group)
        if row.person:
            yield Master(identity.user_id(system, row.person), User, row.person)
        if row.caller:
            contact_id = identity.contact_id(system, self._customer_id, row.caller)
            yield Master(contact_id, Contact, row.caller)

    def _id(self, master: Master) -> UUID:
        known = self._known[master.id]
        if isinstance(known, Refused):
            raise known.with_traceback(None)  # raised once per row: it must not grow
        return known

    async def _create(self, missing: list[tuple[Master, Row]]) -> None:
        ids = [stream for master, _ in missing for stream in (master.id, _name_id(master))]
        streams = await self._log.read_streams(ids)
        appends: dict[UUID, Append] = {}
        for master, row in missing:
            bearer = _bearer(master, streams)
            if bearer is not None:
                self._known[master.id] = bearer
                continue
            try:
                events = await self._events(master, row.at, streams)
            except Refused as refusal:
                self._known[master.id] = refusal
            else:
                command = identity.creation(master.id)
                appends[master.id] = self._provenance.append(command, row, events)
        contacts = {master.id for master, _ in missing if master.kind is Contact}
        outcomes = await self._appender.append_many([*appends.values()])
        for (created, append), outcome in zip(appends.items(), outcomes, strict=True):
            if not is_raced(outcome):
                self._known[created] = created
                self.events += len(append.events)
                self.contacts += created in contacts

    async def _events(self, master: Master, at: datetime, streams: Streams) -> list[Event]:
        record: AggregateRoot
        if master.kind is Customer:
            record, streams = await self._register(master, at)
        elif master.kind is Group:
            record = Group.begin(master.id, Group.Formed, at, name=master.name, description="")
        elif master.kind is Contact:
            record = _contact(master, self._customer_id, at)
        else:
            record = _technician(master, at)
        records = [record, *claims(record, streams, at=at)]
        return [event for each in records for event in recorded(each)]

    async def _register(self, master: Master, at: datetime) -> tuple[Customer, Streams]:
        while True:
            number = await self._log.next_numbers("customer", 1)
            key = str(number)
            streams = await self._log.read_streams([reservation_id("customer.number", key)])
            # Somebody may have chosen this very number by hand.
            if holder("customer.number", key, streams) is None:
                break
        customer = Customer.begin(
            master.id,
            Customer.Registered,
            at,
            number=number,
            name=master.name,
            address=Address(),
            email_domains=(),
        )
        return customer, streams


def _contact(master: Master, customer_id: CustomerId, at: datetime) -> Contact:
    return Contact.begin(
        master.id,
        Contact.Added,
        at,
        customer_id=customer_id,
        name=master.name,
        title="",
        salutation=Salutation.NONE,
        job_title="",
        roles=(),
        emails=(),
        phones=(),
        location_id=None,
        language=Language.GERMAN,
        notes="",
        do_not_contact=False,
    )


def _technician(master: Master, at: datetime) -> User:
    return User.register(
        UserId(master.id),
        name=master.name,
        email="",
        role=Role.TECHNICIAN,
        customer_id=None,
        at=at,
    )


def _name_id(master: Master) -> UUID:
    """Return the reservation of a group's name; others share theirs with nobody."""
    is_group = master.kind is Group
    return reservation_id("group.name", master.name.strip()) if is_group else master.id


def _bearer(master: Master, streams: Streams) -> UUID | None:
    """Return the record that is there already."""
    if streams[master.id]:
        return master.id
    if master.kind is not Group:
        return None
    return holder("group.name", master.name.strip(), streams)
