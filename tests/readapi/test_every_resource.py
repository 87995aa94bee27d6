"""What is promised of every resource, asked of each: one that is declared is tested."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec
import pytest

from readapi import parameters
from readapi.filters import Customized, Since, UpTo
from readapi.parameters import given_type
from readapi.resources import ORDERED, Resource
from tests.conftest import Database
from tests.projections.given import stored
from tests.readapi.client import Desk
from tests.readapi.every import (
    ADMIN,
    EVERY,
    PARTS,
    every,
    ids,
    life_of,
    pairs,
    table,
)
from tests.readapi.filtered import examples, filter_of, has_examples


def sorts() -> Iterator[tuple[Resource, str]]:
    yield from ((resource, sort) for resource in EVERY for sort in resource.listing.sorts)


def is_yes_or_no(resource: Resource, name: str) -> bool:
    """Tell whether the parameter has two values, each of which something fits."""
    (field,) = (f for f in msgspec.structs.fields(resource.query) if f.name == name)
    return given_type(field) is bool


def filters() -> Iterator[tuple[Resource, str]]:
    for resource in EVERY:
        names = resource.query.__struct_fields__
        asked = [name for name in names if name not in {*ORDERED, "deleted", "merged"}]
        yield from ((resource, name) for name in asked)


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
    for value, finds in examples(everything.url, resource, name):
        page = await api.as_(ADMIN).get(f"{resource.path}?{name}={quote(value)}")

        assert {row["id"] for row in page["data"]} == finds, value
        assert page["meta"]["total"] == len(finds)


@pairs("name", (one for one in filters() if not is_yes_or_no(*one)))
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
        # Of what may be several, the column has the plural: `role` is one of `roles`.
        held = str([row[name] if name in row else row[f"{name}s"] for row in rows])
        return next(choice for choice in choices if f"'{choice}'" not in held)
    match filter_of(resource, name):
        case Since():
            return "9999-12-31"
        case UpTo():
            return "0001-01-01"
        case Customized():
            return "cost_centre:99"
        case _:
            kind = msgspec.json.schema(given_type(field)).get("format")
            return str(UUID(int=99)) if kind == "uuid" else "99"


def test_every_filter_that_is_a_function_of_its_own_has_an_example() -> None:
    forgotten = [
        f"FILTERED in tests/readapi/filtered.py lacks {name!r} of {resource.path}."
        for resource, name in filters()
        if not has_examples(resource, name)
    ]

    assert not forgotten, " ".join(forgotten)


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
