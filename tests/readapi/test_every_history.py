"""What was, of every resource: each earlier state, and what happened in between."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from readapi.resources import Resource
from tests.readapi.client import Desk
from tests.readapi.every import (
    ADMIN,
    every,
    ids,
    life_of,
)


@every
async def test_a_record_is_shown_as_of_each_time_and_each_position(
    api: Desk, resource: Resource
) -> None:
    record, _ = ids(resource)
    path = f"{resource.path}/{record}"
    recorded = await api.log.read_stream(UUID(record))

    for version, (event, at) in enumerate(zip(life_of(resource.kind), recorded, strict=True), 1):
        moment = event.timestamp.isoformat().replace("+00:00", "Z")
        by_time = await api.as_(ADMIN).get(f"{path}?as_of={moment}")
        by_position = await api.as_(ADMIN).get(f"{path}?as_of_position={at.position}")

        assert by_time["version"] == by_position["version"] == version
        assert by_time["updated_at"] == by_position["updated_at"] == moment
        assert fields_of(resource, by_time) == fields_of(resource, by_position)


def fields_of(resource: Resource, document: dict[str, Any]) -> dict[str, Any]:
    """Return a document without its references: a position may know less of their names."""
    names = {reference.field for reference in resource.references}
    return {name: value for name, value in document.items() if name not in names}


@every
async def test_at_the_head_the_log_tells_what_the_view_shows(api: Desk, resource: Resource) -> None:
    head = await api.log.head()

    for one in ids(resource):
        path = f"{resource.path}/{one}"
        now = await api.as_(ADMIN).answer(path)
        by_time = await api.as_(ADMIN).answer(f"{path}?as_of=9999-12-31")
        by_position = await api.as_(ADMIN).answer(f"{path}?as_of_position={head}")

        assert now.content == by_time.content == by_position.content
        assert now.headers["x-position"] == str(head) == by_position.headers["x-position"]


@every
async def test_a_record_was_not_there_before_it_began(api: Desk, resource: Resource) -> None:
    record, _ = ids(resource)
    first = life_of(resource.kind)[0]
    before = (first.timestamp - timedelta(microseconds=1)).isoformat().replace("+00:00", "Z")

    for query in (f"as_of={before}", "as_of_position=0"):
        problem = await api.as_(ADMIN).get(f"{resource.path}/{record}?{query}", status=404)

        assert problem["type"] == f"urn:psa:problem:{resource.missing.__name__}"


@every
async def test_a_timeline_tells_all_that_happened(api: Desk, resource: Resource) -> None:
    record, twin = ids(resource)
    events = life_of(resource.kind)

    page = await api.as_(ADMIN).get(f"{resource.path}/{record}/timeline?limit=100")
    backwards = await api.as_(ADMIN).all(
        f"{resource.path}/{record}/timeline?limit=3&order=desc&cursor=start"
    )
    of_twin = await api.as_(ADMIN).get(f"{resource.path}/{twin}/timeline")

    assert [entry["kind"] for entry in page["data"]] == [event.TOPIC for event in events]
    assert [e["provenance"]["version"] for e in page["data"]] == list(range(1, len(events) + 1))
    assert backwards == page["data"][::-1]
    assert [entry["kind"] for entry in of_twin["data"]] == [events[0].TOPIC]
