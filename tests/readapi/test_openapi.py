"""What the OpenAPI document says about the query API."""

from typing import Any

import msgspec
import pytest
from litestar import Litestar, Router

import commands.api
import commands.table
from readapi.app import routes
from readapi.entries import Entry
from readapi.table import TABLE


def document() -> dict[str, Any]:
    """Return the document of both sides, mounted as the gateway mounts them."""
    nothing: Any = None
    handlers = [
        *commands.api.routes(commands.table.TABLE, nothing, nothing),
        *routes(nothing, nothing, nothing, nothing),
    ]
    application = Litestar([Router("/api/v1", route_handlers=handlers)])
    # Through JSON, as it is served.
    decoded: dict[str, Any] = msgspec.json.decode(
        msgspec.json.encode(application.openapi_schema.to_schema())
    )
    return decoded


DOCUMENT = document()


def operation(entry: Entry) -> dict[str, Any]:
    path = entry.path.replace(":str", "").replace(":uuid", "")
    found: dict[str, Any] = DOCUMENT["paths"][f"/api/v1{path}"]["get"]
    return found


every_entry = pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry.path)


@every_entry
def test_every_parameter_is_documented(entry: Entry) -> None:
    shown = {(p["name"], p["in"]) for p in operation(entry)["parameters"]}

    fields = {(f.encode_name, "query") for f in msgspec.structs.fields(entry.query)}
    path = {("id", "path")} if "{id" in entry.path else set()
    assert shown == fields | path | {("X-Min-Position", "header"), ("X-Max-Wait-Ms", "header")}


@every_entry
def test_every_answer_is_documented(entry: Entry) -> None:
    responses = operation(entry)["responses"]

    assert set(responses) == {"200", "400", "401", "403", "404", "503"}
    assert set(responses["200"]["headers"]) == {"X-Position", "X-Stale-By", "ETag"}


@every_entry
def test_the_example_is_an_answer(entry: Entry) -> None:
    content = operation(entry)["responses"]["200"]["content"]["application/json"]
    (example,) = content["examples"].values()

    answer = msgspec.convert(example["value"], entry.content)

    assert msgspec.to_builtins(answer) == example["value"]


@every_entry
def test_no_reference_leads_nowhere(entry: Entry) -> None:
    text = msgspec.json.encode(operation(entry)).decode()

    names = [part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]]
    assert names
    assert set(names) <= set(DOCUMENT["components"]["schemas"])


def test_questions_and_commands_share_their_paths() -> None:
    assert set(DOCUMENT["paths"]["/api/v1/tickets/{id}"]) == {"get", "patch", "delete"}
    assert set(DOCUMENT["paths"]["/api/v1/tickets"]) == {"get", "post"}
