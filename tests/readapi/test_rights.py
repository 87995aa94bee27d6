"""A portal user sees what belongs to their customer, and nothing that is internal."""

import pytest

from readapi.app import routes
from readapi.table import TABLE
from tests.readapi import world
from tests.readapi.client import Asking, Desk

OF_BOLT = f"/tickets/{world.named('ticket 2')}"


def test_every_route_says_who_may() -> None:
    handlers = routes(None, None, None, None)  # type: ignore[arg-type] # nothing is asked

    assert [handler.opt["may"] for handler in handlers] == [entry.may for entry in TABLE]
    assert all(handler.opt["may"] for handler in handlers)


async def test_a_customer_lists_their_own_tickets_only(acme: Asking, staff: Asking) -> None:
    own = await acme.get("/tickets?limit=100")
    all_of_acme = await staff.get(f"/tickets?limit=100&customer_id={world.ACME}")

    assert own["data"] == all_of_acme["data"]
    assert own["meta"]["total"] == all_of_acme["meta"]["total"] < world.COUNT


async def test_a_filter_does_not_lead_out_of_the_own_customer(acme: Asking) -> None:
    page = await acme.get(f"/tickets?customer_id={world.BOLT}")

    assert page["data"] == []
    assert page["meta"]["total"] == 0


@pytest.mark.parametrize(
    "path",
    [
        OF_BOLT,
        f"{OF_BOLT}?as_of=2026-12-31",
        f"{OF_BOLT}?as_of_position=99",
        f"{OF_BOLT}/timeline",
        "/tickets/T-000002",
        "/tickets/INC0000014",
        "/tickets/T-000013",
        "/tickets/T-000013?as_of=2026-01-08",
        "/tickets/T-000013/timeline",
        f"/customers/{world.BOLT}",
        f"/customers/{world.BOLT}?as_of=2026-12-31",
    ],
)
async def test_what_is_not_theirs_does_not_exist_for_a_customer(acme: Asking, path: str) -> None:
    await acme.get(path, status=404)


async def test_a_customers_search_finds_nothing_internal(acme: Asking, staff: Asking) -> None:
    assert len((await staff.get("/search?q=mess"))["data"]) == 1
    assert (await acme.get("/search?q=mess"))["data"] == []
    assert (await acme.get("/tickets?search=mess"))["data"] == []


async def test_a_customers_search_stays_with_the_customer(acme: Asking) -> None:
    found = await acme.get("/search?q=printers&kind=ticket")

    assert {hit["id"] for hit in found["data"]} <= {
        str(world.LIFE),
        str(world.named("ticket 13")),
    }


@pytest.mark.parametrize(
    "path", ["/tickets", "/customers", "/search?q=printers", "/tickets?search=printers"]
)
async def test_a_portal_user_without_a_customer_sees_nothing(desk: Desk, path: str) -> None:
    answer = await desk.as_(world.OF_NOBODY).get(path)

    assert answer["data"] == []
