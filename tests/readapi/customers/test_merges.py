"""Two customers that turn out to be one, and turn out not to be: who sees what meanwhile."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any, Final
from uuid import UUID

import psycopg
import pytest_asyncio
from psycopg.sql import SQL, Identifier

import eventstore.log
from commands.context import Caller, Command
from commands.customers.customers import ChangeCustomer
from commands.customers.merging import MergeCustomer, UnmergeCustomer
from commands.dispatch import Dispatcher
from commands.table import TABLE
from domain.actors import Role
from domain.base import Event
from domain.values import CustomerId
from eventstore.appender import Appender
from eventstore.log import Log
from projections.schema import ensure
from projections.table import VIEWS
from readapi.search import Kind
from tests.commands.office import ADMIN, command_id
from tests.conftest import Database
from tests.given import (
    CUSTOMER,
    OTHER_CUSTOMER,
    T2,
    TWO_CUSTOMERS,
    Fact,
    contact_added,
    customer_registered,
    interaction_recorded,
    location_registered,
    opened,
    user_registered,
)
from tests.projections.given import append
from tests.readapi.client import Asking, Desk, Text, serving
from tests.readapi.every import ADMIN as STAFF
from tests.readapi.every import OF_CUSTOMER, OF_OTHER
from tests.readapi.folding import fold_all

CHILD: Final = CustomerId(UUID("c0570e00-0000-4000-8000-000000000003"))
TICKETS: Final = {
    customer: [UUID(int=ten + n) for n in range(3)]
    for ten, customer in ((10, CUSTOMER), (20, OTHER_CUSTOMER), (30, CHILD))
}
ALL: Final = sorted([*TICKETS[CUSTOMER], *TICKETS[OTHER_CUSTOMER]])
OTHER: Final = {"id": str(OTHER_CUSTOMER), "name": "Bolt KG"}
MERGE: Final = MergeCustomer(customer_id=CUSTOMER, into=OTHER_CUSTOMER)
UNMERGE: Final = UnmergeCustomer(customer_id=CUSTOMER)


def _facts() -> Iterator[Fact]:
    yield from TWO_CUSTOMERS
    yield customer_registered(originator_id=CHILD, number=10003, name="Child", email_domains=())
    for customer, ids in TICKETS.items():
        for id in ids:
            yield opened(
                originator_id=id, ticket_number=id.int, customer_id=customer, external=None
            )
        name = f"user{ids[0].int}"
        yield user_registered(
            originator_id=UUID(int=100 + ids[0].int),
            name=name,
            email=f"{name}@acme.example",
            role=Role.CUSTOMER,
            customer_id=customer,
        )
        yield interaction_recorded(
            originator_id=UUID(int=200 + ids[0].int), customer_id=customer, contact_ids=()
        )
        yield contact_added(
            originator_id=UUID(int=400 + ids[0].int), customer_id=customer, location_id=None
        )
        yield location_registered(
            originator_id=UUID(int=300 + ids[0].int), customer_id=customer, name=f"Plant of {name}"
        )


class Books:
    """Commands and questions on one database; the views have taken in whatever was told."""

    def __init__(self, url: str, desk: Desk, dispatcher: Dispatcher) -> None:
        self.url = url
        self.staff, self.portal, self.other_portal = map(desk.as_, (STAFF, OF_CUSTOMER, OF_OTHER))
        self._dispatcher = dispatcher
        self._asked = 0

    async def ask(self, command: Command) -> None:
        self._asked += 1
        await self._dispatcher.dispatch(
            command, Caller(actor=ADMIN, command_id=command_id(str(self._asked)))
        )
        await fold_all(self.url)


@pytest_asyncio.fixture(loop_scope="session")
async def books(database: Database) -> AsyncIterator[Books]:
    events: list[Event] = [fact.event() for fact in _facts()]
    append(database.url, events)
    ensure(database.url)
    await fold_all(database.url)
    texts = [
        Text(id, Kind.TICKET, str(id.int), customer, "All printers jam")
        for customer, ids in TICKETS.items()
        for id in ids
    ]
    async with AsyncExitStack() as stack:
        desk = await stack.enter_async_context(serving(database, *texts))
        pool = await stack.enter_async_context(eventstore.log.open_pool(database.url, size=1))
        appender = await stack.enter_async_context(Appender(database.url))
        yield Books(database.url, desk, Dispatcher(TABLE, Log(pool), appender, lambda: T2))


async def _ids(asking: Asking, path: str) -> list[UUID]:
    page = await asking.get(path)
    assert page["meta"]["total"] == len(page["data"])
    return sorted(UUID(row["id"]) for row in page["data"])


async def test_what_belongs_to_a_merged_customer_is_listed_with_either(books: Books) -> None:
    await books.ask(MERGE)

    for customer in (CUSTOMER, OTHER_CUSTOMER):
        assert await _ids(books.staff, f"/tickets?customer_id={customer}") == ALL
        assert len(await _ids(books.staff, f"/users?customer_id={customer}")) == 2
        assert len(await _ids(books.staff, f"/interactions?customer_id={customer}")) == 2
        assert len(await _ids(books.staff, f"/locations?customer_id={customer}")) == 2
        assert len(await _ids(books.staff, f"/contacts?customer_id={customer}")) == 2
    assert await _ids(books.staff, f"/tickets?customer_id={CHILD}") == TICKETS[CHILD]


async def test_a_list_over_both_is_read_in_any_order_by_number_and_by_cursor(
    books: Books,
) -> None:
    await books.ask(MERGE)

    for order in ("asc", "desc"):
        path = f"/tickets?customer_id={OTHER_CUSTOMER}&sort=ticket_number&order={order}&limit=1"
        by_number = await books.staff.all(path)
        by_cursor = await books.staff.all(f"{path}&cursor=start")

        wanted = [str(id) for id in (ALL if order == "asc" else ALL[::-1])]
        assert [row["id"] for row in by_number] == [row["id"] for row in by_cursor] == wanted


async def test_whatever_names_a_merged_customer_names_the_one_in_its_place(books: Books) -> None:
    await books.ask(MERGE)

    for path in ("tickets", "users", "interactions", "locations", "contacts"):
        page = await books.staff.get(f"/{path}?customer_id={CUSTOMER}")
        assert [row["customer"] for row in page["data"]] == [OTHER] * len(page["data"])
    one = await books.staff.get(f"/tickets/{TICKETS[CUSTOMER][0]}")
    assert one["customer"] == OTHER


async def test_as_of_a_moment_before_the_merge_the_customer_was_another_one(books: Books) -> None:
    await books.ask(MERGE)
    path = f"/tickets/{TICKETS[CUSTOMER][0]}"

    before = await books.staff.get(f"{path}?as_of=2026-01-05T10:59:59Z")
    after = await books.staff.get(f"{path}?as_of=2026-01-05T11:00:00Z")

    assert before["customer"] == {"id": str(CUSTOMER), "name": "Acme Werke GmbH"}
    assert after["customer"] == OTHER


async def test_the_people_of_both_see_the_records_of_both(books: Books) -> None:
    await books.ask(MERGE)

    for asking in (books.portal, books.other_portal):
        assert await _ids(asking, "/tickets") == ALL
        assert len(await _ids(asking, "/locations")) == 2
        assert len(await _ids(asking, "/contacts")) == 2
        for id in ALL:
            for part in ("", "?as_of=2026-01-05T11:00:00Z", "/timeline"):
                await asking.get(f"/tickets/{id}{part}")
        await asking.get(f"/tickets/{TICKETS[CHILD][0]}", status=404)


async def test_the_people_of_both_find_the_texts_of_both(books: Books) -> None:
    await books.ask(MERGE)

    for asking in (books.portal, books.other_portal):
        hits = (await asking.get("/search?q=printers&limit=100"))["data"]
        listed = await _ids(asking, "/tickets?search=printers")

        assert sorted(UUID(hit["id"]) for hit in hits) == listed == ALL


async def test_a_merged_customer_is_listed_only_when_it_is_asked_for(books: Books) -> None:
    await books.ask(MERGE)

    assert await _ids(books.staff, "/customers") == [OTHER_CUSTOMER, CHILD]
    assert await _ids(books.staff, "/customers?merged=true") == [CUSTOMER]
    assert await _ids(books.staff, "/customers?merged=any") == [CUSTOMER, OTHER_CUSTOMER, CHILD]
    for asking in (books.portal, books.other_portal):
        assert await _ids(asking, "/customers?merged=false") == [OTHER_CUSTOMER]


async def test_a_merged_customer_says_which_one_stands_in_its_place(books: Books) -> None:
    await books.ask(MERGE)

    customer = await books.staff.get(f"/customers/{CUSTOMER}")

    assert (customer["name"], customer["merged_into"]) == ("Acme Werke GmbH", str(OTHER_CUSTOMER))


async def test_customers_people_do_not_learn_where_they_stand_or_what_they_were_merged_with(
    books: Books,
) -> None:
    await books.ask(MERGE)

    shown = await books.portal.get(f"/customers/{CUSTOMER}")
    timeline = await books.portal.get(f"/customers/{CUSTOMER}/timeline")

    assert (shown["status"], shown["merged_into"]) == (None, None)
    assert [entry["kind"] for entry in timeline["data"]] == ["customer.registered"]
    assert "status" not in timeline["data"][0]["changes"]
    for query in ("status=active", "sort=status", "merged=true", "merged=any"):
        problem = await books.portal.get(f"/customers?{query}", status=403)
        assert problem["type"] == "urn:psa:problem:ParameterForbidden"
    assert (await books.portal.get("/contacts?merged=any"))["meta"]["total"] == 2


async def test_what_belongs_below_a_merged_customer_belongs_below_the_other_one(
    books: Books,
) -> None:
    await books.ask(ChangeCustomer(customer_id=CHILD, parent_id=CUSTOMER))
    await books.ask(MERGE)

    child = await books.staff.get(f"/customers/{CHILD}")

    assert child["parent"] == OTHER
    assert await _ids(books.staff, f"/customers?parent_id={OTHER_CUSTOMER}") == [CHILD]


async def test_customers_people_do_not_learn_what_a_customer_belongs_to(books: Books) -> None:
    await books.ask(ChangeCustomer(customer_id=CUSTOMER, parent_id=CHILD, tags=["vip"]))

    shown = await books.portal.get(f"/customers/{CUSTOMER}")
    timeline = await books.portal.get(f"/customers/{CUSTOMER}/timeline")

    assert (shown["parent"], shown["tags"], shown["notes"]) == (None, None, None)
    assert [entry["kind"] for entry in timeline["data"]] == ["customer.registered"]
    for query in (f"parent_id={CHILD}", "tag=vip", "custom=a:b", f"account_manager_id={CHILD}"):
        problem = await books.portal.get(f"/customers?{query}", status=403)
        assert problem["type"] == "urn:psa:problem:ParameterForbidden"


async def test_a_merge_that_is_taken_back_leaves_everything_as_it_was(books: Books) -> None:
    before, seen_before = _hashes(books.url), await _seen(books)

    await books.ask(MERGE)
    merged, seen_merged = _hashes(books.url), await _seen(books)
    await books.ask(UNMERGE)

    assert _hashes(books.url) == before
    assert await _seen(books) == seen_before
    # Otherwise the comparison would see nothing.
    assert merged != before
    assert seen_merged != seen_before


PATHS: Final = (
    *(f"/{kind}?limit=100" for kind in ("tickets", "customers", "contacts", "users", "locations")),
    "/search?q=printers&limit=100",
    *(f"/tickets?customer_id={customer}" for customer in TICKETS),
    *(f"/tickets/{id}" for ids in TICKETS.values() for id in ids),
)


async def _seen(books: Books) -> list[Any]:
    """Return what staff and the people of both customers see."""
    answers = [
        await asking.answer_of(path)
        for asking in (books.staff, books.portal, books.other_portal)
        for path in PATHS
    ]
    return [(answer.status_code, _timeless(answer.json())) for answer in answers]


def _timeless(content: Any) -> Any:
    """Return an answer without what tells when a customer was changed last."""
    match content:
        case {"number": int(), "merged_into": _}:
            return {k: v for k, v in content.items() if k not in ("version", "updated_at")}
        case dict():
            return {name: _timeless(value) for name, value in content.items()}
        case list():
            return [_timeless(one) for one in content]
        case _:
            return content


# As `projections.running.hashes` does it, without what a merge that was taken back leaves behind:
# the customers' own rows are newer, and their timelines tell of it.
ROWS: Final = """
    select count(*),
           coalesce(sum(hashtextextended(line, 0)::numeric), 0),
           coalesce(sum(hashtextextended(line, 1)::numeric), 0)
      from (select (case when content ->> 'id' = any (%(customers)s)
                         then content - array['version', 'position', 'updated_at']
                         else content
                     end)::text as line
              from {} as row, to_jsonb(row) as content
             where content ->> 'kind' is null or content ->> 'kind' <> all (%(told)s)
           ) as lines
"""
TOLD: Final = ["customer.merged", "customer.taken_in", "customer.unmerged", "customer.given_back"]


def _hashes(url: str) -> dict[str, Any]:
    """Return a hash over the rows of every table of every view."""
    values = {"customers": [str(CUSTOMER), str(OTHER_CUSTOMER)], "told": TOLD}
    with psycopg.connect(url) as connection:
        return {
            table.name: connection.execute(
                SQL(ROWS).format(Identifier("rm", table.name)), values
            ).fetchone()
            for view in VIEWS
            for table in view.tables
        }
