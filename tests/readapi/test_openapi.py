"""What the OpenAPI document says about the query API."""

from typing import Any

import msgspec
import pytest

from readapi.entries import Entry
from readapi.table import TABLE
from tests.documents import DOCUMENT, resolved


def operation(entry: Entry) -> dict[str, Any]:
    path = entry.path.replace(":str", "").replace(":uuid", "")
    found: dict[str, Any] = resolved(DOCUMENT["paths"][f"/api/v1{path}"]["get"])
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

    assert set(responses) == {"200", "400", "401", "403", "404", "410", "503"}
    assert set(responses["200"]["headers"]) == {"X-Position", "X-Stale-By", "ETag"}
    assert set(responses["404"]["headers"]) == {"X-Position", "X-Stale-By"}
    assert not any("headers" in responses[status] for status in ("400", "401", "403", "503"))


@every_entry
def test_the_example_is_an_answer(entry: Entry) -> None:
    content = operation(entry)["responses"]["200"]["content"]["application/json"]
    (example,) = content["examples"].values()

    answer = msgspec.convert(example["value"], entry.content)

    assert msgspec.to_builtins(answer) == example["value"]


def test_questions_and_commands_share_their_paths() -> None:
    assert set(DOCUMENT["paths"]["/api/v1/tickets/{id}"]) == {"get", "patch", "delete"}
    assert set(DOCUMENT["paths"]["/api/v1/tickets"]) == {"get", "post"}
