"""The timeline of all that happens around a customer."""

from collections.abc import AsyncIterator

import pytest_asyncio

from projections.schema import ensure
from tests.conftest import Database
from tests.given import (
    CONTACT,
    CUSTOMER,
    OTHER_CUSTOMER,
    TWO_CUSTOMERS,
    contact_added,
    customer_changed,
    customer_merged,
    interaction_recorded,
    opened,
    resolved,
)
from tests.projections.given import append, events
from tests.readapi.client import Desk, serving
from tests.readapi.every import ADMIN, OF_CUSTOMER
from tests.readapi.folding import fold_all

PATH = f"/customers/{CUSTOMER}/activity"
AROUND = (contact_added, interaction_recorded, opened, resolved, customer_changed)


@pytest_asyncio.fixture(loop_scope="session")
async def around(database: Database) -> AsyncIterator[Desk]:
    append(database.url, events(*TWO_CUSTOMERS, *AROUND))
    ensure(database.url)
    await fold_all(database.url)
    async with serving(database) as desk:
        yield desk


async def test_talks_tickets_people_and_changes_are_in_one_timeline(around: Desk) -> None:
    page = await around.as_(ADMIN).get(f"{PATH}?limit=4")

    assert [entry["kind"] for entry in page["data"]] == [
        "customer.changed",
        "ticket.opened",
        "interaction.recorded",
        "contact.added",
    ]
    assert page["meta"]["total"] == 5
    assert page["data"][3]["record"] == {"kind": "contact", "id": str(CONTACT)}
    assert page["data"][2]["changes"]["subject"] == "Renewal of the contract"


async def test_it_can_be_narrowed_to_kinds_of_records(around: Desk) -> None:
    page = await around.as_(ADMIN).get(f"{PATH}?record=interaction&record=ticket&order=asc")

    assert [entry["kind"] for entry in page["data"]] == ["interaction.recorded", "ticket.opened"]


async def test_it_shows_what_belongs_to_merged_customers(around: Desk, database: Database) -> None:
    append(database.url, [customer_merged(into=OTHER_CUSTOMER).event(3)])
    await fold_all(database.url)

    page = await around.as_(ADMIN).get(f"/customers/{OTHER_CUSTOMER}/activity")

    assert "interaction.recorded" in [entry["kind"] for entry in page["data"]]


async def test_only_staff_reads_it(around: Desk) -> None:
    assert await around.as_(OF_CUSTOMER).status(PATH) == 403


async def test_a_customer_that_is_none_has_none(around: Desk) -> None:
    assert await around.as_(ADMIN).status("/customers/99999/activity") == 404
