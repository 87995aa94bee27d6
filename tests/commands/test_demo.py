"""The demo story: the same seed tells the same, and all kinds of customers appear in it."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from commands.demo.companies import COMPANIES, PROSPECTS
from commands.demo.story import Step, Story
from domain.actors import Role
from domain.base import Event
from domain.customers.contacts import Contact
from domain.customers.customers import Customer
from domain.customers.locations import Location
from domain.customers.standing import Status
from domain.desk.tickets import Ticket
from domain.people.users import User
from domain.vat_ids import require_vat_id
from eventstore import mapper
from eventstore.personal.parts import plain
from eventstore.records import Recorded
from tests.commands.fakes import MemoryLog

UNTIL = datetime(2026, 7, 1, tzinfo=UTC)


def _told(seed: int = 1, tickets: int = 5) -> list[Step]:
    return Story(seed, until=UNTIL, tickets=tickets, first_ticket=1).steps()


def _facts(steps: list[Step]) -> list[tuple[object, ...]]:
    """Return what is told; the id of an event says nothing."""
    return [
        (step.at, step.actor, new.stream_id, new.version, new.topic, plain(new))
        for step in steps
        for new in step.events
    ]


def _events(tickets: int) -> list[Event]:
    return [
        mapper.decode(
            Recorded(
                position=1,
                stream_id=new.stream_id,
                version=new.version,
                event_id=new.event_id,
                topic=new.topic,
                class_version=new.class_version,
                state=plain(new),
                metadata=b"{}",
                recorded_at=UNTIL,
            )
        )
        for step in _told(tickets=tickets)
        for new in step.events
    ]


@pytest.fixture
async def customers() -> list[Customer]:
    """The customers as they stand when the story ends, taken from a log that took it in."""
    story = Story(1, until=UNTIL, tickets=5, first_ticket=1)
    log = MemoryLog()
    for ordinal, step in enumerate(story.steps()):
        await log.append(story.append(ordinal, step))
    begun = [one.stream_id for one in log.recorded if one.topic == Customer.Registered.TOPIC]
    found = [mapper.rebuild(Customer, await log.read_stream(stream)) for stream in begun]
    return [customer for customer in found if customer is not None]


def test_the_same_seed_tells_the_same_story() -> None:
    assert _facts(_told()) == _facts(_told())


def test_another_seed_tells_another_story() -> None:
    assert _facts(_told()) != _facts(_told(seed=2))


def test_what_happens_never_goes_back_in_time() -> None:
    times = [step.at for step in _told(tickets=50)]

    assert times == sorted(times)


def test_every_customer_is_described(customers: list[Customer]) -> None:
    lacking = [
        customer.name
        for customer in customers
        if not all(
            (
                customer.trade_name,
                customer.vat_id,
                customer.tags,
                customer.invoice_email,
                customer.account_manager_id,
            )
        )
    ]

    assert len(customers) == len(COMPANIES) + len(PROSPECTS)
    assert lacking == []


def test_customers_stand_everywhere_but_at_the_end(customers: list[Customer]) -> None:
    standing = Counter(customer.status for customer in customers)

    assert standing == {Status.ACTIVE: 19, Status.ON_HOLD: 1, Status.PROSPECT: 2}


def test_one_customer_belongs_to_another_one(customers: list[Customer]) -> None:
    ids = {customer.id: customer for customer in customers}
    (child,) = [customer for customer in customers if customer.parent_id]

    assert child.parent_id in ids
    assert ids[child.parent_id].parent_id is None


@pytest.mark.parametrize("company", [*COMPANIES, *PROSPECTS], ids=lambda company: company.domain)
def test_a_made_up_vat_id_is_written_as_a_real_one(company: object) -> None:
    vat_id = getattr(company, "vat_id", "")

    assert require_vat_id("vat_id", vat_id) == vat_id


def test_every_customer_has_two_places_and_staff_knows_how_to_get_into_one() -> None:
    events = _events(50)
    customers = {e.originator_id for e in events if isinstance(e, Customer.Registered)}
    places = [e for e in events if isinstance(e, Location.Registered)]

    assert Counter(e.customer_id for e in places) == dict.fromkeys(customers, 2)
    assert Counter(e.customer_id for e in places if e.access_notes) == dict.fromkeys(customers, 1)


def test_who_acts_and_who_writes_is_told_by_the_id_of_a_user() -> None:
    events = _events(50)
    roles = {str(e.originator_id): e.role for e in events if isinstance(e, User.Registered)}

    actors = {step.actor for step in _told(tickets=50)} - {"demo"}
    authors = {e.author for e in events if isinstance(e, Ticket.Commented)}

    # What stands beside an event can not be erased: no name, no e-mail address.
    assert actors | authors <= roles.keys()
    for group in (actors, authors):
        assert {roles[one] for one in group} >= {Role.TECHNICIAN, Role.CUSTOMER}


def test_every_ticket_is_about_a_contact_and_a_place_of_its_customer() -> None:
    events = _events(50)
    contacts = {e.originator_id: e for e in events if isinstance(e, Contact.Added)}
    places = {e.originator_id: e for e in events if isinstance(e, Location.Registered)}
    tickets = [e for e in events if isinstance(e, Ticket.Opened)]

    assert len(tickets) == 50
    for ticket in tickets:
        assert ticket.contact_id is not None
        assert ticket.location_id is not None
        contact, place = contacts[ticket.contact_id], places[ticket.location_id]
        assert contact.customer_id == place.customer_id == ticket.customer_id
        assert contact.location_id == ticket.location_id
        assert ticket.requester.email == contact.emails[0].address
