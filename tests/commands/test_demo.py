"""The demo story: the same seed tells the same, and all kinds of customers appear in it."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from commands.demo.companies import COMPANIES, PROSPECT
from commands.demo.story import Step, Story
from domain.customers.customers import Customer
from domain.customers.standing import Status
from domain.vat_ids import require_vat_id
from eventstore import mapper
from tests.commands.fakes import MemoryLog

UNTIL = datetime(2026, 7, 1, tzinfo=UTC)


def _told(seed: int = 1, tickets: int = 5) -> list[Step]:
    return Story(seed, until=UNTIL, tickets=tickets, first_ticket=1).steps()


def _facts(steps: list[Step]) -> list[tuple[object, ...]]:
    """Return what is told; the id of an event says nothing."""
    return [
        (step.at, step.actor, new.stream_id, new.version, new.topic, new.state)
        for step in steps
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

    assert len(customers) == len(COMPANIES) + 1
    assert lacking == []


def test_customers_stand_everywhere_but_at_the_end(customers: list[Customer]) -> None:
    standing = Counter(customer.status for customer in customers)

    assert standing == {Status.ACTIVE: 19, Status.ON_HOLD: 1, Status.PROSPECT: 1}


def test_one_customer_belongs_to_another_one(customers: list[Customer]) -> None:
    ids = {customer.id: customer for customer in customers}
    (child,) = [customer for customer in customers if customer.parent_id]

    assert child.parent_id in ids
    assert ids[child.parent_id].parent_id is None


@pytest.mark.parametrize("company", [*COMPANIES, PROSPECT], ids=lambda company: company.domain)
def test_a_made_up_vat_id_is_written_as_a_real_one(company: object) -> None:
    vat_id = getattr(company, "vat_id", "")

    assert require_vat_id("vat_id", vat_id) == vat_id
