"""Assignment groups as staff reads them."""

from tests.readapi import world
from tests.readapi.client import Asking


async def test_a_group_reads_exactly_as_promised(staff: Asking) -> None:
    assert await staff.get(f"/groups/{world.FIRST_LEVEL}") == {
        "id": str(world.FIRST_LEVEL),
        "name": "First level",
        "description": "Takes calls.",
        "status": "active",
        "created_at": "2026-01-05T09:00:00Z",
        "updated_at": "2026-01-05T09:00:00Z",
        "version": 1,
    }
