"""A ticket's timeline, for those who work on it and for those who asked."""

from typing import Any

import pytest

from tests.readapi import world
from tests.readapi.client import Asking

PATH = f"/tickets/{world.LIFE}/timeline"
EVENTS: list[Any] = list(world.life().collect_events())


async def test_the_timeline_tells_everything_from_the_beginning(staff: Asking) -> None:
    page = await staff.get(f"{PATH}?limit=100")

    assert [entry["kind"] for entry in page["data"]] == [event.TOPIC for event in EVENTS]
    assert page["meta"]["total"] == len(EVENTS)


async def test_the_timeline_begins_with_the_newest_on_demand(staff: Asking) -> None:
    oldest_first = await staff.get(f"{PATH}?limit=100")

    newest_first = await staff.get(f"{PATH}?limit=100&order=desc")

    assert newest_first["data"] == oldest_first["data"][::-1]


async def test_an_entry_says_who_did_what_when_and_by_which_fact(staff: Asking) -> None:
    page = await staff.get(f"{PATH}?limit=2")
    entry = page["data"][1]

    provenance = entry.pop("provenance")
    assert entry == {
        "kind": "ticket.retitled",
        "occurred_at": "2026-01-06T01:50:00Z",
        "actor": {"id": str(world.TESS), "name": "Tess Lead"},
        "public": True,
        "changes": {"title": "All printers jam"},
    }
    assert provenance["version"] == 2
    assert set(provenance) == {
        "position",
        "as_of_position",
        "version",
        "recorded_at",
        "command_id",
        "correlation_id",
        "causation_id",
        "source",
    }


async def test_a_customer_reads_what_is_public_and_nothing_of_its_provenance(
    acme: Asking, staff: Asking
) -> None:
    everything = await staff.get(f"{PATH}?limit=100")

    page = await acme.get(f"{PATH}?limit=100")

    public = [{**e, "provenance": None} for e in everything["data"] if e["public"]]
    assert page["data"] == public
    assert page["meta"]["total"] == len(public) < len(EVENTS)
    assert "mess" not in str(page)


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("begin", ["", "cursor=start&"])
async def test_following_next_shows_every_entry_once(staff: Asking, begin: str, order: str) -> None:
    whole = await staff.get(f"{PATH}?limit=100&order={order}")

    walked = await staff.all(f"{PATH}?{begin}limit=3&order={order}")

    assert walked == whole["data"]


@pytest.mark.parametrize("name", ["T-000001", "1", "INC0000047"])
async def test_the_timeline_is_found_by_the_tickets_number(staff: Asking, name: str) -> None:
    page = await staff.get(f"/tickets/{name}/timeline")

    assert page["meta"]["total"] == len(EVENTS)


async def test_an_unknown_ticket_has_no_timeline(staff: Asking) -> None:
    await staff.get("/tickets/T-999999/timeline", status=404)
