"""What the OpenAPI document says about the command API."""

from typing import Any

import pytest

from commands.dispatch import Entry
from commands.table import TABLE
from tests.documents import DOCUMENT, operations, resolved

every_entry = pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry.route)


def operation(entry: Entry) -> dict[str, Any]:
    found: dict[str, Any] = resolved(operations(DOCUMENT)[entry.command.__name__])
    return found


@every_entry
def test_every_answer_is_documented(entry: Entry) -> None:
    responses = operation(entry)["responses"]

    accepted = "200" if entry.target else "201"
    assert set(responses) == {accepted, "400", "401", "403", "404", "409", "412", "422", "503"}


@every_entry
def test_an_acceptance_promises_its_headers(entry: Entry) -> None:
    responses = operation(entry)["responses"]
    headers = responses["200" if entry.target else "201"]["headers"]

    promised = {name for name, header in headers.items() if header.get("required")}
    assert promised == {"ETag", "X-Position"} | (set() if entry.target else {"Location"})
    assert set(headers) == promised | {"Idempotency-Replayed"}
