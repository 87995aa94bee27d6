"""The days of a service desk: many tickets, each led from opening to closing, side by side."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from uuid import UUID, uuid5

from domain.base import Event
from domain.desk.priorities import Level
from domain.desk.statuses import Status, WaitingReason
from domain.desk.tickets import Ticket
from domain.values import CustomerId, ExternalReference, GroupId, Requester, TicketId, UserId
from tests.given import T0

NAMESPACE = UUID("de5c0000-0000-4000-8000-000000000000")
TEXT = "Seit heute Morgen druckt der Netzwerkdrucker im dritten Stock nicht mehr. " * 3

Step = Callable[[Ticket, Random, datetime], None]


def days(events: int, *, open_tickets: int = 1_000) -> Iterator[Event]:
    """Yield so many events, the same ones at every call."""
    random = Random(4711)
    at = T0
    number = 0
    desk: list[tuple[Ticket, Iterator[Step]]] = []
    while events:
        at += timedelta(seconds=20)
        if len(desk) < open_tickets:
            number += 1
            ticket = _opened(number, random, at)
            desk.append((ticket, iter(STEPS)))
        else:
            place = random.randrange(len(desk))
            ticket, steps = desk[place]
            step = next(steps, None)
            if step is None:
                desk[place] = desk[-1]
                desk.pop()
                continue
            step(ticket, random, at)
        for event in ticket.collect_events():
            assert isinstance(event, Event)
            yield event
            events -= 1
            if not events:
                return


def _opened(number: int, random: Random, at: datetime) -> Ticket:
    return Ticket.open(
        TicketId(uuid5(NAMESPACE, f"ticket {number}")),
        ticket_number=number,
        title=f"Drucker {number} druckt nicht",
        description=TEXT,
        customer_id=CustomerId(_one_of(random, "customer", 200)),
        requester=Requester("Ada Zürn", "ada@acme.example", "+49 30 901820"),
        category=random.choice(["hardware", "software", "network", "account"]),
        tags=random.sample(["drucker", "vor-ort", "vip", "floor-3"], 2),
        impact=random.choice(list(Level)),
        urgency=random.choice(list(Level)),
        external=ExternalReference("servicenow", f"DESK{number:07}"),
        at=at,
    )


def _one_of(random: Random, kind: str, how_many: int) -> UUID:
    return uuid5(NAMESPACE, f"{kind} {random.randrange(how_many)}")


def _assign(ticket: Ticket, random: Random, at: datetime) -> None:
    ticket.assign(
        group_id=GroupId(_one_of(random, "group", 8)),
        assignee_id=UserId(_one_of(random, "user", 40)),
        at=at,
    )


def _comment(ticket: Ticket, random: Random, at: datetime) -> None:
    ticket.comment(
        uuid5(ticket.id, str(ticket.version)),
        TEXT,
        author="tess",
        public=random.random() < 0.7,
        by_staff=True,
        at=at,
    )


def _wait(ticket: Ticket, random: Random, at: datetime) -> None:
    ticket.put_on_hold(Status.WAITING_THIRD_PARTY, WaitingReason.VENDOR, at=at)


def _start(ticket: Ticket, random: Random, at: datetime) -> None:
    ticket.start(at=at)


def _resolve(ticket: Ticket, random: Random, at: datetime) -> None:
    ticket.resolve(resolution="Die Walze wurde getauscht.", resolution_code="fixed", at=at)


def _close(ticket: Ticket, random: Random, at: datetime) -> None:
    ticket.close(at=at)


STEPS: Sequence[Step] = (_assign, _start, _comment, _comment, _wait, _start, _resolve, _close)
