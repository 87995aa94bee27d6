"""Every kind of record that can be read can be audited, by the names that it can be read by."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from domain.errors import NotFound
from infra.cli import app
from infra.embedded import Urls
from projections.schema import ensure
from readapi.resources import Resource
from readapi.table import RESOURCES
from tests.conftest import own_database
from tests.projections.given import append
from tests.readapi.every import all_events, life_of, twin_of
from tests.readapi.folding import fold_all

every = pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.kind)


@pytest.fixture(scope="module")
def audited(urls: Urls) -> Iterator[dict[str, str]]:
    """The environment of a platform with two records of every kind."""
    with own_database(urls, "audit") as database:
        append(database.url, all_events())
        ensure(database.url)
        asyncio.run(fold_all(database.url))
        yield {
            "PSA_POSTGRES_URL": database.url,
            "PSA_KEYS_URL": urls.keys,
            "PSA_NATS_URL": urls.nats,
            "PSA_REDIS_URL": urls.redis,
        }


def audit(env: dict[str, str], *arguments: str) -> Any:
    """Return what `psa audit` printed as JSON; raises what it was refused with."""
    told = CliRunner().invoke(app, ["audit", *arguments], env=env, catch_exceptions=False)
    assert told.exit_code == 0, told.output
    return json.loads(told.stdout)


@every
def test_a_history_tells_every_event_of_a_record(
    audited: dict[str, str], resource: Resource
) -> None:
    events = life_of(resource.kind)

    history = audit(audited, "show", resource.kind, str(events[0].originator_id), "--json")

    assert [entry["event"] for entry in history] == [event.TOPIC for event in events]


def test_a_long_history_is_shown_in_parts(audited: dict[str, str]) -> None:
    record = str(life_of("ticket")[0].originator_id)
    whole = audit(audited, "show", "ticket", record, "--json")

    first = audit(audited, "show", "ticket", record, "--limit", "2", "--json")
    rest = audit(audited, "show", "ticket", record, "--after", "2", "--json")
    behind = audit(audited, "show", "ticket", record, "--after", str(len(whole)), "--json")

    assert (first, rest, behind) == (whole[:2], whole[2:], [])


@every
def test_a_record_is_replayed_as_of_a_position(audited: dict[str, str], resource: Resource) -> None:
    record = str(life_of(resource.kind)[0].originator_id)
    history = audit(audited, "show", resource.kind, record, "--json")

    for entry in history[:2]:
        then = audit(audited, "replay", resource.kind, record, "--position", str(entry["position"]))

        assert then["version"] == entry["version"]
    assert audit(audited, "replay", resource.kind, record)["version"] == len(history)


@pytest.mark.parametrize(
    ("kind", "name"),
    [("ticket", "T-004711"), ("ticket", "servicenow:INC0000047"), ("customer", "10001")],
)
def test_a_record_is_audited_by_its_number(audited: dict[str, str], kind: str, name: str) -> None:
    by_number = audit(audited, "show", kind, name, "--json")

    by_id = audit(audited, "show", kind, str(life_of(kind)[0].originator_id), "--json")

    assert by_number == by_id


@every
def test_a_record_of_another_kind_has_no_history_of_this_kind(
    audited: dict[str, str], resource: Resource
) -> None:
    other = next(one.kind for one in RESOURCES if one.kind != resource.kind)
    stranger = str(twin_of(other).originator_id)

    for name in (stranger, "nobody"):
        with pytest.raises(NotFound) as refused:
            audit(audited, "show", resource.kind, name, "--json")

        assert refused.type is resource.missing
