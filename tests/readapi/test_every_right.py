"""Who sees what of every resource: roles, the bound of a customer, and fields for staff only."""

from datetime import timedelta
from typing import Final

import msgspec
import pytest

from domain.actors import OVERSEERS, READERS, Actor
from domain.people.users import User
from readapi.documents import is_for_staff
from readapi.resources import Resource
from tests.readapi.client import Desk
from tests.readapi.every import (
    ADMIN,
    EVERY,
    OF_CUSTOMER,
    OF_NOBODY,
    OF_OTHER,
    OF_STAFF,
    OURS,
    PARTS,
    THEIRS,
    every,
    ids,
    life_of,
    theirs,
)
from tests.readapi.pretended import COLLEAGUES, CONFIDENTIAL

DELETABLE: Final = [r for r in EVERY if "deleted" in r.query.__struct_fields__]


OWN: Final = {
    "/confidential": {"category", "assignee", "priority"},
    "/contacts": {"custom", "notes"},
    "/customers": {"account_manager", "merged_into", "notes", "parent", "status", "tags"},
    "/locations": {"access_notes", "custom"},
}
"""Fields that shall never be shown to customers; all that are marked are asked about."""


def test_staff_may_read_whatever_can_be_read_but_who_was_erased() -> None:
    fewer = {
        resource.path: resource.may for resource in EVERY if not READERS.issubset(resource.may)
    }

    assert fewer == {"/erasures": OVERSEERS}


@every
@pytest.mark.parametrize("actor", OF_STAFF, ids=lambda actor: actor.role.value)
async def test_a_role_of_staff_sees_all_or_is_refused(
    api: Desk, resource: Resource, actor: Actor
) -> None:
    may = actor.role in resource.may
    record, _ = ids(resource)
    paths = [resource.path, f"{resource.path}/{record}", f"{resource.path}/{record}/timeline"]

    statuses = [await api.as_(actor).status(path) for path in paths]

    assert statuses == [200 if may else 403] * 3
    if may:
        assert (await api.as_(actor).get(resource.path))["meta"]["total"] == 2


@pytest.mark.parametrize("resource", OURS, ids=lambda resource: resource.path)
async def test_customers_people_may_not_ask_for_what_is_for_staff(
    api: Desk, resource: Resource
) -> None:
    record, _ = ids(resource)
    paths = [resource.path, *(f"{resource.path}/{record}{part}" for part in PARTS)]

    statuses = {await api.as_(OF_CUSTOMER).status(path) for path in paths}

    assert statuses == {403}


@theirs
@pytest.mark.parametrize("actor", [OF_CUSTOMER, OF_OTHER, OF_NOBODY], ids=lambda actor: actor.id)
async def test_customers_people_see_what_is_within_their_bound_and_learn_of_nothing_else(
    api: Desk, resource: Resource, actor: Actor
) -> None:
    record, twin = ids(resource)
    own = {OF_CUSTOMER: record, OF_OTHER: twin}.get(actor)
    asking = api.as_(actor)

    page = await asking.get(f"{resource.path}?limit=1")
    assert [row["id"] for row in page["data"]] == ([own] if own else [])
    assert page["meta"]["total"] == len(page["data"])
    assert page["links"]["next"] is None
    for one in (record, twin):
        statuses = [await asking.status(f"{resource.path}/{one}{part}") for part in PARTS]
        assert statuses == [200 if one == own else 404] * len(PARTS)


@theirs
async def test_a_cursor_does_not_lead_out_of_the_own_bound(api: Desk, resource: Resource) -> None:
    for order in ("asc", "desc"):
        first = await api.as_(ADMIN).get(f"{resource.path}?cursor=start&limit=1&order={order}")

        page = await api.as_(OF_CUSTOMER).get(first["links"]["next"])

        assert {row["id"] for row in page["data"]} <= {ids(resource)[0]}


async def test_who_has_a_record_now_does_not_see_it_as_it_was_with_another_customer(
    api: Desk,
) -> None:
    record, _ = ids(COLLEAGUES)
    path = f"{COLLEAGUES.path}/{record}"
    moved = next(event for event in life_of("user") if isinstance(event, User.RoleChanged))
    since = moved.timestamp.isoformat().replace("+00:00", "Z")
    before = (moved.timestamp - timedelta(microseconds=1)).isoformat().replace("+00:00", "Z")

    statuses = [
        await api.as_(actor).status(f"{path}{part}")
        for actor in (OF_OTHER, OF_CUSTOMER, ADMIN)
        for part in ("", f"?as_of={since}", f"?as_of={before}")
    ]

    assert statuses == [200, 200, 404, 404, 404, 404, 200, 200, 200]


@pytest.mark.parametrize("resource", DELETABLE, ids=lambda resource: resource.path)
async def test_deleted_records_are_for_staff(api: Desk, resource: Resource) -> None:
    for wish, total in (("false", 2), ("true", 0), ("any", 2)):
        page = await api.as_(ADMIN).get(f"{resource.path}?deleted={wish}")
        status = await api.as_(OF_CUSTOMER).status(f"{resource.path}?deleted={wish}")

        assert page["meta"]["total"] == total
        assert status == (200 if wish == "false" else 403)


@theirs
async def test_fields_for_staff_are_null_to_customers_at_any_time(
    api: Desk, resource: Resource
) -> None:
    record, _ = ids(resource)
    hidden = for_staff(resource)
    path = f"{resource.path}/{record}"

    (listed,) = (await api.as_(OF_CUSTOMER).get(resource.path))["data"]
    shown = await api.as_(OF_CUSTOMER).get(path)
    then = await api.as_(OF_CUSTOMER).get(f"{path}?as_of=2030-01-01")
    full = await api.as_(ADMIN).get(path)

    assert listed == shown == then == {**full, **dict.fromkeys(hidden)}


def for_staff(resource: Resource) -> set[str]:
    """Return the names of the fields that are marked to be hidden from customers."""
    fields = msgspec.structs.fields(resource.document)
    return {field.name for field in fields if is_for_staff(field.type)}


def test_no_mark_is_lost_that_hides_what_is_the_providers_own() -> None:
    marked = {resource.path: for_staff(resource) for resource in THEIRS}

    lost = {path: own - marked[path] for path, own in OWN.items() if not own <= marked[path]}

    assert lost == {}
    assert marked[CONFIDENTIAL.path] == OWN[CONFIDENTIAL.path]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("category=fire", "category"),
        ("priority_rank=1", "priority_rank"),
        ("about=fire", "about"),
        ("sort=category", "sort"),
        ("sort=category&order=desc&cursor=start", "sort"),
    ],
)
async def test_customers_can_not_find_out_by_asking_what_is_for_staff(
    api: Desk, query: str, field: str
) -> None:
    path = f"{CONFIDENTIAL.path}?{query}"

    problem = await api.as_(OF_CUSTOMER).get(path, status=403)
    seen = await api.as_(ADMIN).get(path)

    assert problem["type"] == "urn:psa:problem:ParameterForbidden"
    assert f"`{field}`" in problem["detail"]
    assert seen["meta"]["total"] >= 1


async def test_customers_may_ask_for_what_they_see(api: Desk) -> None:
    page = await api.as_(OF_CUSTOMER).get(f"{CONFIDENTIAL.path}?title=All%20printers%20jam")

    assert [row["id"] for row in page["data"]] == [ids(CONFIDENTIAL)[0]]


@theirs
async def test_customers_people_read_of_a_timeline_what_is_public(
    api: Desk, resource: Resource
) -> None:
    path = f"{resource.path}/{ids(resource)[0]}/timeline?limit=100"
    hidden = {c.name for field in for_staff(resource) for c in resource._parts[field].columns}
    everything = (await api.as_(ADMIN).get(path))["data"]

    page = await api.as_(OF_CUSTOMER).get(path)

    public = [
        {
            **entry,
            "provenance": None,
            "changes": {n: v for n, v in entry["changes"].items() if n not in hidden},
        }
        for entry in everything
        if entry["public"] and not (entry["changes"] and entry["changes"].keys() <= hidden)
    ]
    assert page["data"] == public
    assert page["meta"]["total"] == len(public)


async def test_an_entry_about_hidden_fields_only_is_none(api: Desk) -> None:
    path = f"/{{}}/{ids(CONFIDENTIAL)[0]}/timeline?limit=100"

    open_ones = await api.as_(OF_CUSTOMER).get(path.format("tickets"))
    fewer = await api.as_(OF_CUSTOMER).get(path.format("confidential"))

    kinds = [[entry["kind"] for entry in page["data"]] for page in (open_ones, fewer)]
    assert set(kinds[0]) - set(kinds[1]) == {"ticket.categorized"}
    assert "ticket.started" in kinds[1]
