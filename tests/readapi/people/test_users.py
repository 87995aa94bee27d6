"""Users as staff reads them."""

from tests.readapi import world
from tests.readapi.client import Asking


async def test_a_user_reads_exactly_as_promised(staff: Asking) -> None:
    assert await staff.get(f"/users/{world.ADA}") == {
        "id": str(world.ADA),
        "name": "Ada Zürn",
        "email": "ada@msp.example",
        "role": "customer",
        "customer": {"id": str(world.ACME), "name": "Acme AG"},
        "status": "active",
        "created_at": "2026-01-05T09:00:00Z",
        "updated_at": "2026-01-05T09:00:00Z",
        "version": 1,
    }


async def test_a_portal_user_keeps_the_name_of_their_customer_then(staff: Asking) -> None:
    at = world.moment(10).isoformat().replace("+00:00", "Z")

    before = await staff.get(f"/users/{world.ADA}?as_of={at}")

    assert before["customer"] == {"id": str(world.ACME), "name": "Acme Werke GmbH"}


async def test_an_address_is_found_in_capitals_and_as_a_whole_only(staff: Asking) -> None:
    whole = await staff.get("/users?email=TESS@msp.example")
    part = await staff.get("/users?email=msp.example")

    assert [row["name"] for row in whole["data"]] == ["Tess Lead"]
    assert part["data"] == []
