"""The list of tickets: every filter, every order."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.readapi import world
from tests.readapi.client import Asking

Document = dict[str, Any]

FILTERS: dict[str, Callable[[Document], bool]] = {
    "status=new": lambda t: t["status"] == "new",
    "status=new&status=closed": lambda t: t["status"] in {"new", "closed"},
    "status=resolved,closed": lambda t: t["status"] in {"resolved", "closed"},
    "priority=critical,high": lambda t: t["priority"] in {"critical", "high"},
    "source=email": lambda t: t["source"] == "email",
    f"customer_id={world.BOLT}": lambda t: t["customer"]["id"] == str(world.BOLT),
    f"assigned_to={world.NOAH}": lambda t: (t["assignee"] or {}).get("id") == str(world.NOAH),
    f"group_id={world.NETWORK}": lambda t: (t["group"] or {}).get("id") == str(world.NETWORK),
    "category=network": lambda t: t["category"] == "network",
    "category=": lambda t: t["category"] == "",
    "tag=vpn": lambda t: "vpn" in t["tags"],
    "tag=vpn&tag=VIP": lambda t: {"vpn", "vip"} <= set(t["tags"]),
    "external=INC0000007": lambda t: (t["external"] or {}).get("number") == "INC0000007",
    "external=jira:INC0000014": lambda t: (
        (t["external"] or {}).get("system") == "jira" and t["external"]["number"] == "INC0000014"
    ),
    "created_from=2026-01-06T19:20:00Z": lambda t: t["created_at"] >= "2026-01-06T19:20:00Z",
    "created_to=2026-01-06T20:20:00%2B01:00": lambda t: t["created_at"] <= "2026-01-06T19:20:00Z",
    "created_to=2026-01-06T20:20:00+01:00": lambda t: t["created_at"] <= "2026-01-06T19:20:00Z",
    "created_from=2026-01-07": lambda t: t["created_at"] >= "2026-01-07",
    "created_to=2026-01-06": lambda t: t["created_at"] < "2026-01-07",
    "updated_from=2026-01-11T15:00:00": lambda t: t["updated_at"] >= "2026-01-11T15:00:00Z",
    "updated_to=2026-01-10": lambda t: t["updated_at"] < "2026-01-11",
    f"status=new&customer_id={world.ACME}&category=software": lambda t: (
        t["status"] == "new"
        and t["customer"]["id"] == str(world.ACME)
        and t["category"] == "software"
    ),
}


@pytest.mark.parametrize("filters", FILTERS)
async def test_a_filter_shows_the_tickets_it_says_and_no_others(
    staff: Asking, filters: str
) -> None:
    everything = await staff.get("/tickets?limit=100")

    page = await staff.get(f"/tickets?limit=100&{filters}")

    wanted = [t["number"] for t in everything["data"] if FILTERS[filters](t)]
    assert [ticket["number"] for ticket in page["data"]] == wanted
    assert 0 < len(wanted) < len(everything["data"])
    assert page["meta"]["total"] == len(wanted)


async def test_deleted_tickets_are_shown_on_demand_only(staff: Asking) -> None:
    present = await staff.get("/tickets?limit=100")
    deleted = await staff.get("/tickets?limit=100&deleted=true")
    both = await staff.get("/tickets?limit=100&deleted=any")

    assert [t["number"] for t in deleted["data"]] == ["T-000039", "T-000026", "T-000013"]
    assert all(t["deleted_at"] is None for t in present["data"])
    assert both["meta"]["total"] == present["meta"]["total"] + 3 == world.COUNT


async def test_a_search_narrows_the_list(staff: Asking) -> None:
    page = await staff.get("/tickets?search=printers&sort=ticket_number&order=asc")

    assert [ticket["number"] for ticket in page["data"]] == ["T-000001", "T-000002"]


async def test_a_search_that_finds_nothing_shows_nothing(staff: Asking) -> None:
    page = await staff.get("/tickets?search=unicorn")

    assert page["data"] == []
    assert page["meta"] == {"page": 1, "limit": 20, "total": 0, "total_pages": 0}
    assert page["links"] == {
        "self": "/api/v1/tickets?search=unicorn",
        "next": None,
        "prev": None,
    }


WEIGHT = ["low", "medium", "high", "critical"]
SORTS: dict[str, Callable[[Document], Any]] = {
    "created_at": lambda t: t["created_at"],
    "updated_at": lambda t: t["updated_at"],
    "priority": lambda t: WEIGHT.index(t["priority"]),
    "ticket_number": lambda t: t["ticket_number"],
    "status": lambda t: t["status"],
}


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("sort", SORTS)
async def test_tickets_come_in_the_order_that_was_asked_for(
    staff: Asking, sort: str, order: str
) -> None:
    page = await staff.get(f"/tickets?limit=100&sort={sort}&order={order}")

    keys = [SORTS[sort](ticket) for ticket in page["data"]]
    assert keys == sorted(keys, reverse=order == "desc")


async def test_the_newest_ticket_comes_first_unless_another_order_is_asked_for(
    staff: Asking,
) -> None:
    plain = await staff.get("/tickets")
    explicit = await staff.get("/tickets?sort=created_at&order=desc")

    assert plain["data"] == explicit["data"]
