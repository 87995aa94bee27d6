"""Erasures as administrators and auditors read them."""

from tests.given import CUSTOMER
from tests.readapi.client import Desk
from tests.readapi.people.circle import BO, called
from tests.readapi.world import AUDITOR


async def test_an_erasure_reads_exactly_as_promised(office: Desk) -> None:
    assert await office.as_(AUDITOR).get(f"/erasures/{called('erasure')}") == {
        "id": str(called("erasure")),
        "subject_id": str(BO),
        "subject_kind": "contact",
        "basis": "request",
        "status": "carried_out",
        "ordered_at": "2026-01-05T09:00:00Z",
        "carried_out_at": "2026-01-05T09:00:00Z",
        "subject_count": 2,
        "keys_destroyed": 2,
        "kept": [{"subject_id": str(CUSTOMER), "retention": "books", "until": "2034-12-31"}],
        "plain_events": 3,
        "created_at": "2026-01-05T09:00:00Z",
        "updated_at": "2026-01-05T09:00:00Z",
        "version": 2,
    }


async def test_an_auditor_sees_how_far_an_erasure_is(office: Desk) -> None:
    page = await office.as_(AUDITOR).get("/erasures?status=carried_out&basis=request")

    assert [row["subject_id"] for row in page["data"]] == [str(BO)]
