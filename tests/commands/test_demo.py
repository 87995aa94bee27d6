"""The demo story: the same seed tells the same, and its people and places belong together."""

from collections import Counter
from datetime import UTC, datetime

import msgspec

from commands.demo.load import load
from commands.demo.story import Story
from domain.base import Event
from domain.customers.contacts import Contact
from domain.customers.customers import Customer
from domain.customers.locations import Location
from domain.desk.tickets import Ticket
from eventstore import mapper
from eventstore.records import Recorded
from tests.commands.imports.fakes import MemoryLog

UNTIL = datetime(2026, 1, 5, tzinfo=UTC)
TICKETS = 60


def told(log: MemoryLog) -> list[Event]:
    return [mapper.decode(one) for events in log.streams.values() for one in events]


class Log(MemoryLog):
    async def read_stream(self, stream_id: object) -> list[Recorded]:
        return self.streams[stream_id]  # type: ignore[index] # any id


async def loaded(seed: int = 7) -> Log:
    log = Log()
    await load(log, log, seed=seed, tickets=TICKETS, until=UNTIL)
    return log


def steps(seed: int) -> list[object]:
    story = Story(seed, until=UNTIL, tickets=TICKETS, first_ticket=1)
    # Of an event only its id is drawn anew.
    return [
        (one.at, one.actor, [msgspec.structs.replace(e, event_id=None) for e in one.events])
        for one in story.steps()
    ]


def test_the_same_seed_tells_the_same_story() -> None:
    assert steps(7) == steps(7)
    assert steps(7) != steps(8)


async def test_a_second_load_changes_nothing() -> None:
    log = await loaded()
    before = log.contents()

    again = await load(log, log, seed=7, tickets=TICKETS, until=UNTIL)

    assert again.events == 0
    assert log.contents() == before


async def test_every_customer_has_two_places_and_staff_knows_how_to_get_into_one() -> None:
    events = told(await loaded())
    customers = {e.originator_id for e in events if isinstance(e, Customer.Registered)}
    places = [e for e in events if isinstance(e, Location.Registered)]

    assert Counter(e.customer_id for e in places) == dict.fromkeys(customers, 2)
    assert Counter(e.customer_id for e in places if e.access_notes) == dict.fromkeys(customers, 1)


async def test_every_ticket_is_about_a_contact_and_a_place_of_its_customer() -> None:
    events = told(await loaded())
    contacts = {e.originator_id: e for e in events if isinstance(e, Contact.Added)}
    places = {e.originator_id: e for e in events if isinstance(e, Location.Registered)}
    tickets = [e for e in events if isinstance(e, Ticket.Opened)]

    assert len(tickets) == TICKETS
    for ticket in tickets:
        assert ticket.contact_id is not None
        assert ticket.location_id is not None
        contact, place = contacts[ticket.contact_id], places[ticket.location_id]
        assert contact.customer_id == place.customer_id == ticket.customer_id
        assert contact.location_id == ticket.location_id
        assert ticket.requester.email == contact.emails[0].address
