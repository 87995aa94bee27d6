"""Twelve months at the demo provider, told through the domain; the same seed, the same story."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from uuid import UUID, uuid5

import msgspec

from commands.demo.cast import Cast
from commands.demo.catalogue import (
    CONTACTS,
    DEVICES,
    FLOORS,
    GROUPS,
    INTERNAL_NOTES,
    REPLIES,
    TROUBLES,
    Trouble,
)
from commands.demo.companies import COMPANIES, ON_HOLD
from commands.demo.crm_notes import custom_fields, talks
from domain.base import AggregateRoot
from domain.desk.statuses import Status as Waiting
from domain.desk.statuses import WaitingReason
from domain.desk.tickets import Source, Ticket
from domain.reservations import Reservation, reservation_id
from domain.values import ContactId, CustomerId, GroupId, TicketId, UserId
from eventstore import mapper
from eventstore.records import Append, Metadata, NewEvent

_NAMESPACE = UUID("8b0a2b54-5d3e-5f6c-9f0e-0d1f7a4c6e21")
MONTHS = timedelta(days=365)
HELD = timedelta(days=9)
"""For how long the customer on hold has been so when the story ends."""


class Step(msgspec.Struct, frozen=True):
    """Something that happened: when, by whom, and the events it left."""

    at: datetime
    actor: str
    events: Sequence[NewEvent]


class Story:
    """All that happened until some moment; `tickets` says how many tickets came in."""

    def __init__(self, seed: int, *, until: datetime, tickets: int, first_ticket: int) -> None:
        self._random = Random(seed)  # noqa: S311 - a story, not a secret
        self._seed = seed
        self._until = until
        self._tickets = tickets
        self._first_ticket = first_ticket
        self._begun = until - MONTHS
        self._cast = Cast(self._id, self._begun)

    @property
    def first_stream(self) -> UUID:
        """The record that the story begins with: its first event dates the whole."""
        return self._id(GROUPS[0][0])

    @property
    def last_stream(self) -> UUID:
        """The record that ends the story: once it is there, all of it is."""
        return reservation_id(*self._end)

    @property
    def _end(self) -> tuple[str, str]:
        return "demo.story", str(self._seed)

    def steps(self) -> list[Step]:
        """Return everything in the order in which it happened."""
        steps = [*self._people(), *self._notes()]
        openings = sorted(self._opening() for _ in range(self._tickets))
        for ordinal, at in enumerate(openings):
            steps += self._life(ordinal, at)
        # Stable: what happened to one record at one moment keeps its order.
        steps.sort(key=lambda step: step.at)
        end = Reservation.claim(*self._end, holder=self.first_stream, at=self._until)
        return [*steps, _step(end, self._until, "demo")]

    def append(self, ordinal: int, step: Step) -> Append:
        """Return a step as the log takes it; its command id follows from its place."""
        command_id = uuid5(_NAMESPACE, f"{self._seed} command {ordinal}")
        metadata = Metadata(command_id=command_id, actor=step.actor, correlation_id=command_id)
        return Append(
            command_id=command_id,
            request_hash=self._seed.to_bytes(8, "big", signed=True),
            metadata=msgspec.json.encode(metadata),
            events=step.events,
        )

    def _people(self) -> Iterator[Step]:
        for record in self._cast.records():
            yield self._founding(record)
        domain, reason = ON_HOLD
        customer, at = self._cast.customers[domain], self._until - HELD
        customer.put_on_hold(reason=reason, at=at)
        yield _step(customer, at, str(customer.account_manager_id))

    def _notes(self) -> Iterator[Step]:
        """Tell which custom fields there are, and who talked with the customers."""
        for field in custom_fields(self._id, self._begun):
            yield self._founding(field)
        customers = [CustomerId(self._id(company.domain)) for company in COMPANIES]
        staff = [user for user, _ in self._cast.staff]
        told = talks(customers, staff, self._id, begun=self._begun, until=self._until)
        for at, user, interaction in told:
            yield _step(interaction, at, str(user))

    def _founding(self, record: AggregateRoot) -> Step:
        claims = [
            Reservation.claim(*name, holder=record.id, at=self._begun) for name in record.names()
        ]
        steps = [_step(each, self._begun, "demo") for each in (record, *claims)]
        return Step(self._begun, "demo", [event for step in steps for event in step.events])

    def _opening(self) -> datetime:
        """Return a moment of some working day, between seven and eighteen o'clock."""
        while True:
            day = self._begun + timedelta(days=self._random.randrange(1, MONTHS.days))
            at = day.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(
                seconds=self._random.triangular(7 * 3600, 18 * 3600, 9.5 * 3600)
            )
            at = at.replace(microsecond=0)
            if at.weekday() < 5 and at < self._until:  # noqa: PLR2004 - Monday to Friday
                return at

    def _life(self, ordinal: int, at: datetime) -> Iterator[Step]:
        """Tell one ticket's life, as far as it goes until the story ends."""
        random = self._random
        trouble = random.choice(TROUBLES)
        contact = random.choice(self._cast.contacts)
        requester = contact.as_requester()
        # Whoever asks has a user of their own, whose id says who it was without naming them.
        asker = str(self._id(requester.email))
        source = _source(trouble, random)
        ticket = Ticket.open(
            TicketId(self._id(f"ticket {ordinal}")),
            ticket_number=self._first_ticket + ordinal,
            title=_filled(trouble.title, random),
            description=_filled(trouble.description, random),
            customer_id=contact.customer_id,
            requester=requester,
            contact_id=ContactId(contact.id),
            location_id=contact.location_id,
            category=trouble.category,
            tags=trouble.tags,
            source=source,
            impact=trouble.impact,
            urgency=trouble.urgency,
            at=at,
        )
        yield _step(ticket, at, asker)
        for pause, actor, act in self._plot(ticket, trouble, asker):
            at = (at + pause).replace(microsecond=0)
            if at >= self._until:
                return
            act(at)
            if (step := _step(ticket, at, actor)).events:
                yield step

    def _plot(self, ticket: Ticket, trouble: Trouble, asker: str) -> Iterator["Scene"]:
        random = self._random
        staff, group = self._anybody(trouble.group)
        if random.random() < 0.3:  # noqa: PLR2004 - three of ten begin at the first level
            first, desk = self._anybody(0)
            yield _minutes(random, 2, 40), str(first), _assign(ticket, desk, first)
        yield _minutes(random, 3, 240), str(staff), _assign(ticket, group, staff)
        yield _minutes(random, 1, 300), str(staff), lambda at: ticket.start(at=at)
        yield (
            _minutes(random, 1, 60),
            str(staff),
            _comment(ticket, trouble.answer, str(staff), staff=True),
        )
        if random.random() < 0.35:  # noqa: PLR2004 - a good third waits for somebody
            yield _minutes(random, 5, 600), str(staff), _hold(ticket, random)
            reply = random.choice(REPLIES)
            yield (
                _minutes(random, 30, 3000),
                asker,
                _comment(ticket, reply, asker, staff=False),
            )
            yield _minutes(random, 5, 400), str(staff), lambda at: ticket.start(at=at)
        if random.random() < 0.4:  # noqa: PLR2004 - two of five carry a note
            note = random.choice(INTERNAL_NOTES)
            yield (
                _minutes(random, 1, 200),
                str(staff),
                _comment(ticket, note, str(staff), staff=True, public=False),
            )
        yield _minutes(random, 10, 7000), str(staff), _resolve(ticket, trouble.resolution)
        if random.random() < 0.06:  # noqa: PLR2004 - one in seventeen comes back
            yield _minutes(random, 60, 2500), asker, _reopen(ticket)
            yield _minutes(random, 60, 4000), str(staff), _resolve(ticket, trouble.resolution)
        yield timedelta(days=3), "demo", lambda at: ticket.close(at=at)

    def _anybody(self, group: int) -> tuple[UserId, GroupId]:
        member = self._random.choice([user for user, index in self._cast.staff if index == group])
        return member, self._cast.groups[group]

    def _id(self, name: str) -> UUID:
        return uuid5(_NAMESPACE, f"{self._seed} {name}")


Act = Callable[[datetime], None]
Scene = tuple[timedelta, str, Act]
"""How long after the one before, who acts, and what they do."""


def _step(record: AggregateRoot, at: datetime, actor: str) -> Step:
    return Step(at, actor, [mapper.encode(event) for event in record.collect_events()])


def _minutes(random: Random, shortest: int, longest: int) -> timedelta:
    """Return a pause; short ones are more frequent, as in life."""
    return timedelta(minutes=random.triangular(shortest, longest, shortest))


def _assign(ticket: Ticket, group: GroupId, person: UserId) -> Act:
    return lambda at: ticket.assign(group_id=group, assignee_id=person, at=at)


def _hold(ticket: Ticket, random: Random) -> Act:
    if random.random() < 0.75:  # noqa: PLR2004 - mostly the customer is waited for
        return lambda at: ticket.put_on_hold(Waiting.WAITING_CUSTOMER, None, at=at)
    return lambda at: ticket.put_on_hold(Waiting.WAITING_THIRD_PARTY, WaitingReason.VENDOR, at=at)


def _comment(ticket: Ticket, body: str, author: str, *, staff: bool, public: bool = True) -> Act:
    return lambda at: ticket.comment(
        uuid5(ticket.id, f"comment {ticket.version}"),
        body,
        author=author,
        public=public,
        by_staff=staff,
        at=at,
    )


def _resolve(ticket: Ticket, resolution: str) -> Act:
    return lambda at: ticket.resolve(resolution=resolution, resolution_code="fixed", at=at)


def _reopen(ticket: Ticket) -> Act:
    return lambda at: ticket.reopen(reason="Der Fehler ist wieder da.", at=at)


def _filled(text: str, random: Random) -> str:
    return text.format(
        floor=random.choice(FLOORS), device=random.choice(DEVICES), person=random.choice(CONTACTS)
    )


def _source(trouble: Trouble, random: Random) -> Source:
    if "monitoring" in trouble.tags:
        return Source.MONITORING
    return random.choice((Source.EMAIL, Source.EMAIL, Source.PHONE, Source.PORTAL))
