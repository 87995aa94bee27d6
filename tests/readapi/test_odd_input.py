"""Whatever is sent to whatever parameter, the answer is one of those that are documented."""

import re
from uuid import UUID

import msgspec
import pytest

from domain.actors import Actor
from readapi.entries import Entry
from readapi.table import TABLE
from tests.readapi import world
from tests.readapi.client import Desk
from tests.readapi.every import ADMIN

ODD = (
    "",
    "%00",
    "a%00b",
    "%FF%FE",
    "%C3%28",
    "%ED%A0%80",
    "%F0%9F%96%A8",
    "%E2%80%AE",
    "null",
    "true",
    "-1",
    "0",
    "1e400",
    "9" * 400,
    "NaN",
    "%25",
    "%27%3B%20drop%20table%20rm.tickets%3B--",
    "%28%7B%5B%22%5C",
    "0001-01-01",
    "0001-01-01T00:00:00%2B14:00",
    "9999-12-31",
    "9999-12-31T23:59:59-14:00",
    "2026-02-30",
    ",,",
    "a,b",
    ":",
    "x" * 5_000,
)
RECORDS = {
    "tickets": world.LIFE,
    "customers": world.ACME,
    "users": world.TESS,
    "groups": world.NETWORK,
}
"""A record of the world for each path that names one; any other path is asked for one of none."""


def kind_in(entry: Entry) -> str:
    """Return what records the path of a subject names: `/privacy/subjects/ticket/…`."""
    found = re.fullmatch(r"/privacy/subjects/(\w+)/.*", entry.path)
    return f"{found[1]}s" if found else ""


@pytest.mark.parametrize("actor", [world.STAFF, world.OF_ACME], ids=lambda a: a.role.value)
@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry.path)
async def test_odd_input_is_answered_or_refused(desk: Desk, entry: Entry, actor: Actor) -> None:
    # What only administrators may ask for is asked by one.
    asking = desk.as_(ADMIN if actor is world.STAFF and actor.role not in entry.may else actor)
    record = str(RECORDS.get(entry.path.split("/")[1], RECORDS.get(kind_in(entry), UUID(int=0))))
    path = re.sub(r"{id:\w+}", lambda _: record, entry.path)
    names = [field.encode_name for field in msgspec.structs.fields(entry.query)]

    for name in [*names, "%00", "id"]:
        for value in ODD:
            status = await asking.status(f"{path}?{name}={value}")

            assert status in {200, 400, 403, 404}, f"{path}?{name}={value}"


@pytest.mark.parametrize("query", ["?", "?&&", "?=", "?page", "?page=1;limit=2", "?%", "?%zz=1"])
async def test_an_odd_query_string_is_answered_or_refused(desk: Desk, query: str) -> None:
    assert await desk.as_(world.STAFF).status(f"/tickets{query}") in {200, 400}
