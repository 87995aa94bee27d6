"""What the OpenAPI document says, and that it says it once."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, cast

import httpx
import msgspec
import pytest
from litestar.openapi.spec import OpenAPI
from msgspec import Meta

from infra import openapi
from tests.documents import APPLICATION, DOCUMENT, as_json, followed, operations, resolved

BYTES = 2_500
"""How long the document may be for each operation; it had 4,489 before anything was shared."""
OPERATIONS = 37
"""How many there are at least: a document that lost its routes must not pass."""
SHARED = ("headers", "parameters", "responses")


def references(node: Any) -> Iterator[str]:
    match node:
        case {"$ref": str(path)}:
            yield path
        case dict():
            for value in node.values():
                yield from references(value)
        case list():
            for value in node:
                yield from references(value)


def said(node: Any) -> Any:
    """Return a part of a document without what is false where nothing is said."""
    match node:
        case dict():
            unsaid = ("required", "deprecated", "allowEmptyValue", "allowReserved")
            return {
                key: said(value)
                for key, value in node.items()
                if not (key in unsaid and value is False)
            }
        case list():
            return [said(value) for value in node]
        case _:
            return node


def inline(kind: str) -> Iterator[Any]:
    """Yield everything of a kind that stands in the document itself, the components included."""
    yield from DOCUMENT["components"][kind].values()
    responses = [*DOCUMENT["components"]["responses"].values()]
    for operation in operations(DOCUMENT).values():
        responses += operation["responses"].values()
        if kind != "headers":
            stand = operation.get(kind, [])
            yield from stand.values() if isinstance(stand, dict) else stand
    if kind == "headers":
        for response in responses:
            yield from response.get("headers", {}).values()


async def get(path: str) -> httpx.Response:
    transport = httpx.ASGITransport(cast("Any", APPLICATION))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get(path)


def test_every_reference_leads_somewhere() -> None:
    paths = set(references(DOCUMENT))

    kinds = {path.split("/")[2] for path in paths}
    assert kinds == {"schemas", *SHARED}
    assert all(followed(path) for path in paths)


@pytest.mark.parametrize("kind", SHARED)
def test_nothing_that_can_be_shared_stands_twice(kind: str) -> None:
    counts = Counter(msgspec.json.encode(found) for found in inline(kind) if "$ref" not in found)

    twice = [text for text, count in counts.items() if count > 1]

    assert counts
    assert not twice


def test_an_operation_costs_little() -> None:
    size = len(msgspec.json.encode(DOCUMENT))
    count = len(operations(DOCUMENT))

    assert count >= OPERATIONS
    assert size / count < BYTES


@pytest.mark.parametrize("part", ["operationId", "summary", "description", "tags"])
def test_every_operation_says_what_it_is(part: str) -> None:
    silent = [name for name, operation in operations(DOCUMENT).items() if not operation.get(part)]

    assert silent == []


def test_no_two_operations_have_one_id() -> None:
    assert len(operations(DOCUMENT)) == sum(len(item) for item in DOCUMENT["paths"].values())


def test_what_is_shared_means_what_it_did() -> None:
    # The framework's own rendering, which shares nothing.
    plain = as_json(OpenAPI.to_schema(APPLICATION.openapi_schema))

    assert resolved(DOCUMENT["paths"]) == said(plain["paths"])


def test_no_type_has_the_default_of_a_field() -> None:
    schemas = DOCUMENT["components"]["schemas"]

    assert [name for name, schema in schemas.items() if "default" in schema] == []
    assert "default" not in schemas["UserDocument"]["properties"]["role"]


@pytest.mark.parametrize(
    ("body", "field", "default"),
    [
        ("RegisterUserBody", "role", "technician"),
        ("OpenTicketBody", "impact", "medium"),
        ("OpenTicketBody", "category", ""),
    ],
)
def test_a_command_tells_the_defaults_of_its_fields(body: str, field: str, default: str) -> None:
    shown = DOCUMENT["components"]["schemas"][body]["properties"][field]

    assert shown["default"] == default


async def test_the_documents_served_are_this_one() -> None:
    answer, page = await get("/docs/openapi.json"), await get("/docs/")

    assert answer.json() == DOCUMENT
    assert answer.text in page.text


@pytest.mark.parametrize("tag", sorted({o["tags"][0] for o in operations(DOCUMENT).values()}))
async def test_a_part_of_the_document_stands_for_itself(tag: str) -> None:
    answer = await get(f"/docs/{tag.lower()}/openapi.json")

    part = answer.json()
    whole = operations(DOCUMENT).items()
    assert operations(part) == {name: o for name, o in whole if o["tags"] == [tag]}
    named = set(references(part))
    held = {
        f"#/components/{kind}/{name}"
        for kind in part["components"]
        for name in part["components"][kind]
    }
    assert held - {"#/components/securitySchemes/token"} == named
    assert all(followed(path, part) == followed(path) for path in named)


async def test_a_part_that_there_is_not_is_a_404() -> None:
    answer = await get("/docs/spaceships/openapi.json")

    assert answer.status_code == 404


def test_every_process_says_the_same() -> None:
    program = "import json; from tests.documents import DOCUMENT; print(json.dumps(DOCUMENT))"
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }

    assert len(said) == 1


def test_a_field_adds_to_what_its_type_says_of_itself() -> None:
    rank = Annotated[int, Meta(description="1 comes first.", examples=[1])]
    guest = msgspec.defstruct("Guest", [("rank", Annotated[rank, Meta(examples=[3])])])

    (field,) = msgspec.structs.fields(guest)

    assert openapi._own(field) == {"description": "1 comes first.", "examples": [3]}
