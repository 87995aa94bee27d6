"""What is promised of every resource, asked of each: one that is declared is tested."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio
from sqlalchemy import Table

from domain.actors import READERS, Actor, Role
from infra.embedded import Urls
from projections.schema import ensure
from readapi import parameters
from readapi.entries import entries_of
from readapi.parameters import given_type
from readapi.resources import ORDERED, Resource
from readapi.search import Kind
from readapi.table import TABLE
from tests.conftest import Database, own_database
from tests.given import CUSTOMER
from tests.projections.given import append, stored
from tests.readapi.client import Desk, Text, serving
from tests.readapi.every import (
    CONFIDENTIAL,
    EVERY,
    OF_CUSTOMER,
    OF_NOBODY,
    OF_OTHER,
    OF_STAFF,
    all_events,
    life_of,
    twin_of,
)
from tests.readapi.folding import fold_all

ADMIN: Final = OF_STAFF[0]

RECORD, TWIN, BOTH = "the record", "its twin", "both"

FILTERED: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "/tickets": {
        "assigned_to": ("05e40000-0000-4000-8000-000000000001", RECORD),
        "tag": ("FIRE", RECORD),
        "external": ("Other servicenow:Other INC0000047", TWIN),
        "created_from": ("2026-01-06", TWIN),
        "created_to": ("2026-01-05", RECORD),
        "updated_from": ("2026-01-06", TWIN),
        "updated_to": ("2026-01-05", RECORD),
        "search": ("something", RECORD),
    },
    "/customers": {
        "search": ("other acme", TWIN),
        "name": ("acme a", RECORD),
        "email": ("ada@acme.ch", RECORD),
        "status": ("active", BOTH),
        "vat_id": ("de 136.695.976", RECORD),
        "country": ("ch", RECORD),
        "tag": ("GOLD", RECORD),
        "custom": ("cost_centre:4711", RECORD),
        "created_from": ("2026-01-06", TWIN),
        "created_to": ("2026-01-05", RECORD),
        "updated_from": ("2026-01-06", TWIN),
        "updated_to": ("2026-01-05", RECORD),
    },
    "/groups": {"search": ("other takes", TWIN), "name": ("service D", RECORD)},
    "/users": {
        "search": ("Other ada@", TWIN),
        "name": ("ada li", RECORD),
        "email": ("Ada.Li@acme.example", RECORD),
    },
    "/confidential": {"about": ("fire", RECORD)},
}
"""For each filter that is more than equality: a value, and which of the two it finds."""

FOR_STAFF: Final = {
    "/confidential": {"category", "assignee", "priority"},
    "/customers": {"account_manager", "custom", "notes", "parent", "tags"},
}
"""The fields of each document that customers do not see."""

HIDDEN: Final = {
    "/confidential": {"category", "assignee_id", "priority", "priority_rank"},
    "/customers": {"account_manager_id", "custom", "notes", "parent_id", "tags"},
}
"""What of the events' fields they do not see."""

PARTS: Final = ("", "?as_of=2030-01-01", "?as_of_position=9999", "/timeline")
"""How one record is asked for."""

THEIRS: Final = [resource for resource in EVERY if Role.CUSTOMER in resource.may]
OURS: Final = [resource for resource in EVERY if resource not in THEIRS]
DELETABLE: Final = [r for r in EVERY if "deleted" in r.query.__struct_fields__]

theirs = pytest.mark.parametrize("resource", THEIRS, ids=lambda resource: resource.path)
every = pytest.mark.parametrize("resource", EVERY, ids=lambda resource: resource.path)


def pairs(names: str, found: Iterator[tuple[Resource, Any]]) -> pytest.MarkDecorator:
    """Ask each resource about each of its own."""
    listed = list(found)
    ids = [f"{resource.path}-{one}" for resource, one in listed]
    return pytest.mark.parametrize(f"resource, {names}", listed, ids=ids)


def sorts() -> Iterator[tuple[Resource, str]]:
    yield from ((resource, sort) for resource in EVERY for sort in resource.listing.sorts)


def filters() -> Iterator[tuple[Resource, str]]:
    for resource in EVERY:
        names = resource.query.__struct_fields__
        asked = [name for name in names if name not in {*ORDERED, "deleted", "merged"}]
        yield from ((resource, name) for name in asked)


def table(resource: Resource) -> Table:
    return resource.view.tables[0]


def ids(resource: Resource) -> tuple[str, str]:
    """Return the ids of the record and of its twin."""
    return str(life_of(resource.kind)[0].originator_id), str(twin_of(resource.kind).originator_id)


@pytest.fixture(scope="module")
def everything(urls: Urls) -> Iterator[Database]:
    """A database with two records of every kind in its log and its views."""
    with own_database(urls, "resources") as database:
        append(database.url, all_events())
        ensure(database.url)
        yield database


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def api(everything: Database) -> AsyncIterator[Desk]:
    """The query API over them, and over the resource that only tests know."""
    await fold_all(everything.url)
    texts = [
        Text(life_of(kind)[0].originator_id, kind, "1", CUSTOMER, "something") for kind in Kind
    ]
    async with serving(everything, *texts, table=(*TABLE, *entries_of(CONFIDENTIAL))) as desk:
        yield desk


@every
async def test_a_list_shows_every_record_as_the_record_itself_does(
    api: Desk, resource: Resource
) -> None:
    page = await api.as_(ADMIN).get(resource.path)

    assert {row["id"] for row in page["data"]} == set(ids(resource))
    assert page["meta"] == {"page": 1, "limit": 20, "total": 2, "total_pages": 1}
    for row in page["data"]:
        assert list(row) == list(resource.document.__struct_fields__)
        assert row == await api.as_(ADMIN).get(f"{resource.path}/{row['id']}")


@every
async def test_a_record_says_its_version(api: Desk, resource: Resource) -> None:
    record, _ = ids(resource)

    answer = await api.as_(ADMIN).answer(f"{resource.path}/{record}")

    assert answer.headers["etag"] == f'"{len(life_of(resource.kind))}"'
    assert answer.json()["version"] == len(life_of(resource.kind))


@every
async def test_a_record_shows_what_its_row_holds(
    api: Desk, everything: Database, resource: Resource
) -> None:
    rows = {str(row["id"]): row for row in stored(everything.url, table(resource))}

    for one in ids(resource):
        shown = await api.as_(ADMIN).get(f"{resource.path}/{one}")

        parts = resource._parts.items()
        plain = [name for name, part in parts if [c.name for c in part.columns] == [name]]
        held = msgspec.json.decode(msgspec.json.encode({n: rows[one][n] for n in plain}))
        assert plain
        assert {name: shown[name] for name in plain} == held


@every
async def test_a_reference_shows_the_name_that_the_other_record_has(
    api: Desk, everything: Database, resource: Resource
) -> None:
    rows = {str(row["id"]): row for row in stored(everything.url, table(resource))}

    for one in ids(resource):
        shown = await api.as_(ADMIN).get(f"{resource.path}/{one}")

        for reference in resource.references:
            others = {row["id"]: row for row in stored(everything.url, reference.view.tables[0])}
            named = rows[one][reference.by]
            other = others.get(named)
            wanted = named and {"id": str(named), "name": other and other[reference.called]}
            assert shown[reference.field] == wanted, reference.field


@pairs("sort", sorts())
async def test_a_list_is_sorted_both_ways_and_read_by_number_and_by_cursor(
    api: Desk, everything: Database, resource: Resource, sort: str
) -> None:
    column = resource.listing.sorts[sort]
    rows = sorted(
        stored(everything.url, table(resource)),
        key=lambda row: (row[column.column.name], row["id"]),
        reverse=column.falling,
    )
    rising = [str(row["id"]) for row in rows]

    for order, wanted in (("asc", rising), ("desc", rising[::-1])):
        path = f"{resource.path}?sort={sort}&order={order}"
        whole = await api.as_(ADMIN).get(path)
        by_number = await api.as_(ADMIN).all(f"{path}&limit=1")
        by_cursor = await api.as_(ADMIN).all(f"{path}&limit=1&cursor=start")

        assert [row["id"] for row in whole["data"]] == wanted
        assert whole["data"] == by_number == by_cursor


@pairs("name", filters())
async def test_a_filter_lets_pass_what_it_says(
    api: Desk, everything: Database, resource: Resource, name: str
) -> None:
    record, twin = ids(resource)
    given = FILTERED[resource.path].get(name)
    if given is None:
        rows = {str(row["id"]): row for row in stored(everything.url, table(resource))}
        value = rows[record][name]
        wanted = {one for one, row in rows.items() if row[name] == value}
    else:
        value = given[0]
        wanted = {RECORD: {record}, TWIN: {twin}, BOTH: {record, twin}}[given[1]]

    page = await api.as_(ADMIN).get(f"{resource.path}?{name}={quote(str(value))}")

    assert value is not None
    assert {row["id"] for row in page["data"]} == wanted
    assert page["meta"]["total"] == len(wanted)


@pairs("name", filters())
async def test_a_filter_that_nothing_fits_lets_nothing_pass(
    api: Desk, everything: Database, resource: Resource, name: str
) -> None:
    rows = stored(everything.url, table(resource))

    page = await api.as_(ADMIN).get(f"{resource.path}?{name}={unfitting(resource, name, rows)}")

    assert page["data"] == []
    assert page["meta"]["total"] == 0


def unfitting(resource: Resource, name: str, rows: list[Any]) -> str:
    """Return a value of the parameter that no row has."""
    (field,) = (f for f in msgspec.structs.fields(resource.query) if f.name == name)
    if choices := parameters._allowed(given_type(field)):
        return next(choice for choice in choices if choice not in {row[name] for row in rows})
    shape = msgspec.json.schema(given_type(field))
    match shape:
        case {"format": "uuid"}:
            return str(UUID(int=99))
        case {"format": "date-time"}:
            return "9999-12-31" if name.endswith("_from") else "0001-01-01"
        case _:
            return "cost_centre:99" if name == "custom" else "99"


@every
@pytest.mark.parametrize("part", ["", "/{id}", "/{id}/timeline"])
async def test_an_unknown_parameter_is_refused_by_name(
    api: Desk, resource: Resource, part: str
) -> None:
    path = f"{resource.path}{part.replace('{id}', ids(resource)[0])}"

    problem = await api.as_(ADMIN).get(f"{path}?colour=red", status=400)

    assert [error["field"] for error in problem["errors"]] == ["colour"]


@every
@pytest.mark.parametrize("part", ["", "?as_of=2030-01-01", "/timeline"])
@pytest.mark.parametrize("name", ["00000000-0000-4000-8000-000000000099", "nobody", "%00"])
async def test_what_does_not_exist_is_not_found(
    api: Desk, resource: Resource, name: str, part: str
) -> None:
    answer = await api.as_(ADMIN).answer_of(f"{resource.path}/{name}{part}")

    assert answer.status_code == 404
    if resource.named_by or name.startswith("0"):
        assert answer.json()["type"] == f"urn:psa:problem:{resource.missing.__name__}"


@every
async def test_a_record_of_another_kind_is_not_found(api: Desk, resource: Resource) -> None:
    kinds = {other.kind: ids(other)[0] for other in EVERY}
    others = [one for kind, one in kinds.items() if kind != resource.kind]

    assert others
    for one in others:
        for part in PARTS:
            await api.as_(ADMIN).get(f"{resource.path}/{one}{part}", status=404)


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
    """Return the names of the fields that customers do not see, as the tests know them."""
    return FOR_STAFF.get(resource.path, set())


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


@pytest.mark.parametrize("resource", DELETABLE, ids=lambda resource: resource.path)
async def test_deleted_records_are_for_staff(api: Desk, resource: Resource) -> None:
    for wish, total in (("false", 2), ("true", 0), ("any", 2)):
        page = await api.as_(ADMIN).get(f"{resource.path}?deleted={wish}")
        status = await api.as_(OF_CUSTOMER).status(f"{resource.path}?deleted={wish}")

        assert page["meta"]["total"] == total
        assert status == (200 if wish == "false" else 403)


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


@theirs
async def test_customers_people_read_of_a_timeline_what_is_public(
    api: Desk, resource: Resource
) -> None:
    path = f"{resource.path}/{ids(resource)[0]}/timeline?limit=100"
    hidden = HIDDEN.get(resource.path, set())
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


def test_every_filter_that_is_more_than_equality_has_an_example() -> None:
    forgotten = [
        f"FILTERED lacks {name!r} of {resource.path}."
        for resource, name in filters()
        if name not in FILTERED[resource.path] and name not in table(resource).c
    ]

    assert not forgotten, " ".join(forgotten)


def test_staff_may_read_whatever_can_be_read() -> None:
    assert all(READERS.issubset(resource.may) for resource in EVERY)
