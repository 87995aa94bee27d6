"""What changes between the two statements of a page: its keys, and the rows that have them."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
import pytest_asyncio

from projections.schema import ensure
from readapi import views
from tests.conftest import Database
from tests.given import CUSTOMER, OTHER_CUSTOMER, TWO_CUSTOMERS, opened
from tests.projections.given import append, events
from tests.readapi.client import Desk, serving
from tests.readapi.every import OF_CUSTOMER
from tests.readapi.folding import fold_all

IDS = [UUID(int=number) for number in (1, 2, 3)]
TICKETS = [
    opened(originator_id=id, ticket_number=id.int, customer_id=CUSTOMER, external=None)
    for id in IDS
]
PATH = "/tickets?sort=ticket_number&order=asc&limit=2"


@pytest_asyncio.fixture(loop_scope="session")
async def three(database: Database) -> AsyncIterator[Desk]:
    append(database.url, events(*TWO_CUSTOMERS, *TICKETS))
    ensure(database.url)
    await fold_all(database.url)
    async with serving(database) as desk:
        yield desk


@pytest.mark.parametrize(
    "change",
    [
        f"update rm.tickets set customer_id = '{OTHER_CUSTOMER}' where ticket_number = 2",
        "update rm.tickets set deleted_at = now() where ticket_number = 2",
        "delete from rm.tickets where ticket_number = 2",
    ],
    ids=["another customer's", "deleted", "gone"],
)
async def test_a_row_that_may_not_be_seen_any_more_is_left_out_and_the_next_page_follows(
    three: Desk, database: Database, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    shown = views._shown

    async def shown_later(*arguments: Any) -> Any:
        with psycopg.connect(database.url, autocommit=True) as connection:
            connection.execute(change.encode())
        return await shown(*arguments)

    monkeypatch.setattr(views, "_shown", shown_later)
    first = await three.as_(OF_CUSTOMER).get(f"{PATH}&cursor=start")
    monkeypatch.undo()

    second = await three.as_(OF_CUSTOMER).get(first["links"]["next"])

    assert [row["ticket_number"] for row in first["data"]] == [1]
    assert [row["ticket_number"] for row in second["data"]] == [3]
