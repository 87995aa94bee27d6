"""What somebody takes along: complete, in parts, readable by programs."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
import pytest

from domain.people.erasures import SubjectKind
from domain.personal import Retention
from eventstore.mapper import payload_of
from eventstore.personal.marked import marked
from tests.given import CUSTOMER
from tests.readapi.client import Asking, Desk
from tests.readapi.every import ADMIN, life_of
from tests.readapi.people.circle import (
    ADA,
    ALONE,
    DOUBLE,
    MISTAKEN,
    OPEN,
    PASSED_ON,
    SOLVED,
    TOGETHER,
)


def path(kind: SubjectKind, id: UUID) -> str:
    return f"/privacy/subjects/{kind}/{id}/export"


async def parts(asking: Asking, path: str) -> list[Any]:
    """Return all parts of an export, found by following `next`."""
    found: list[Any] = []
    following: str | None = path
    while following:
        found.append(await asking.get(following))
        following = found[-1]["next"]
    return found


def told(event: Any) -> Mapping[str, Any]:
    """Return the personal fields of an event, as JSON says them."""
    payload = msgspec.json.decode(payload_of(event))
    return {name: payload[name] for name in marked().get(event.TOPIC, {}) if name in payload}


@pytest.mark.parametrize("kind", SubjectKind, ids=str)
async def test_an_export_has_every_personal_field_of_every_event(
    api: Desk, kind: SubjectKind
) -> None:
    life = life_of(kind)
    id = life[0].originator_id

    (whole,) = await parts(api.as_(ADMIN), path(kind, id))

    (record,) = [one for one in whole["records"] if one["concerned"]["id"] == str(id)]
    history = record["history"]
    assert [entry["kind"] for entry in history] == [event.TOPIC for event in life]
    for entry, event in zip(history, life, strict=True):
        marks = marked().get(event.TOPIC, {})
        assert {name: entry["changes"][name] for name in entry["personal"]} == told(event)
        assert entry["personal"] == {name: marks[name] for name in told(event)}
    assert {event.TOPIC for event in life if told(event)} == {
        topic for topic in marked() if topic.partition(".")[0] == kind
    }


@pytest.mark.parametrize("kind", SubjectKind, ids=str)
async def test_a_record_is_exported_as_it_stands(api: Desk, kind: SubjectKind) -> None:
    id = life_of(kind)[0].originator_id

    (whole,) = await parts(api.as_(ADMIN), path(kind, id))

    (record,) = [one for one in whole["records"] if one["concerned"]["id"] == str(id)]
    assert record["document"] == await api.as_(ADMIN).get(f"/{kind}s/{id}")


async def test_an_export_has_all_records_that_tell_of_somebody(admin: Asking) -> None:
    (whole,) = await parts(admin, path(SubjectKind.CONTACT, ADA))

    found = {record["concerned"]["id"] for record in whole["records"]}
    assert found == {str(id) for id in (ADA, DOUBLE, ALONE, TOGETHER, OPEN, SOLVED)}
    assert whole["total"] == 6
    assert whole["subject"]["label"] == "Ada Zürn"


async def test_an_export_ends_with_what_was_told_in_records_that_name_others_by_now(
    admin: Asking,
) -> None:
    few = await parts(admin, f"{path(SubjectKind.CONTACT, ADA)}?limit=4")

    told = {one["id"]: [entry["kind"] for entry in one["history"]] for one in few[-1]["earlier"]}
    assert told == {
        str(PASSED_ON): ["ticket.contact_changed", "ticket.retitled"],
        str(MISTAKEN): ["interaction.recorded"],
    }
    assert "Ada's printer jams" in str(few[-1]["earlier"])
    assert [part["earlier"] for part in few[:-1]] == [[]]


async def test_what_names_nobody_else_is_no_earlier_record(admin: Asking) -> None:
    (customer,) = await parts(admin, path(SubjectKind.CUSTOMER, CUSTOMER))

    assert customer["earlier"] == []


async def test_an_export_says_who_keeps_it_what_for_how_long_and_who_gets_it(
    admin: Asking,
) -> None:
    (whole,) = await parts(admin, path(SubjectKind.CONTACT, ADA))

    assert whole["controller"].endswith(".")
    assert set(whole["purposes"]) == {"contact", "interaction", "ticket"}
    assert set(whole["retention"]) == {*Retention}
    assert whole["recipients"] == []


async def test_an_export_in_parts_is_the_whole_one(admin: Asking) -> None:
    (whole,) = await parts(admin, path(SubjectKind.CUSTOMER, CUSTOMER))

    few = await parts(admin, f"{path(SubjectKind.CUSTOMER, CUSTOMER)}?limit=3")
    begun = await admin.get(f"{path(SubjectKind.CUSTOMER, CUSTOMER)}?limit=3&cursor=start")

    assert [record for part in few for record in part["records"]] == whole["records"]
    assert {part["total"] for part in few} == {len(whole["records"])}
    assert [len(part["records"]) for part in few[:-1]] == [3] * (len(few) - 1)
    assert begun["records"] == few[0]["records"]


async def test_a_cursor_of_another_list_is_refused_by_its_name(admin: Asking) -> None:
    page = await admin.get("/tickets?limit=1&sort=created_at&cursor=start")
    foreign = page["links"]["next"].partition("cursor=")[2]
    customer = await admin.get(f"{path(SubjectKind.CUSTOMER, CUSTOMER)}?limit=1")
    kindred = customer["next"].partition("cursor=")[2]

    for cursor in (foreign, kindred, "nonsense"):
        problem = await admin.get(f"{path(SubjectKind.CONTACT, ADA)}?cursor={cursor}", status=400)

        assert [error["field"] for error in problem["errors"]] == ["cursor"]
