"""`POST /commands`: many commands, each answered for itself, in order."""

from typing import Any

import pytest

from commands.api.routes import BATCH_LIMIT
from tests.commands.http import Api, problem
from tests.commands.office import ADMIN, AUDITOR, PORTAL, TECHNICIAN

pytestmark = pytest.mark.asyncio(loop_scope="session")

ONE = "c0aa0000-0000-4000-8000-000000000001"


def _comment(ticket: str, body: Any = "Hello", **more: Any) -> dict[str, Any]:
    data = {"ticket_id": ticket.rpartition("/")[2], "body": body}
    return {"type": "CommentTicket", "data": data, **more}


async def _run(api: Api, *commands: Any, by: Any = ADMIN) -> list[dict[str, Any]]:
    answer = await api.as_(by).post("/commands", list(commands))
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()
    assert len(results) == len(commands)
    return results


async def test_each_command_is_answered_for_itself_in_order(api: Api) -> None:
    ticket = await api.ticket()

    results = await _run(
        api,
        _comment(ticket, "One"),
        _comment(ticket, " "),
        {"type": "FlyToTheMoon", "data": {}},
        _comment(ticket, "Two"),
    )

    assert [r["status"] for r in results] == ["accepted", "refused", "refused", "accepted"]
    assert [r["accepted"]["version"] for r in (results[0], results[3])] == [2, 3]
    assert [r["problem"]["status"] for r in results[1:3]] == [422, 422]
    assert results[2]["problem"]["errors"][0]["field"] == "type"


async def test_a_command_sees_what_the_one_before_it_did(api: Api) -> None:
    ticket = await api.ticket()
    ticket_id = ticket.rpartition("/")[2]

    results = await _run(
        api,
        {"type": "ResolveTicket", "data": {"ticket_id": ticket_id, "resolution": "Done"}},
        {"type": "CloseTicket", "data": {"ticket_id": ticket_id}},
        {"type": "CloseTicket", "data": {"ticket_id": ticket_id}},
    )

    assert [r["status"] for r in results] == ["accepted", "accepted", "refused"]
    assert results[2]["problem"]["status"] == 409


async def test_a_repeated_command_id_is_one_command(api: Api) -> None:
    ticket = await api.ticket()

    results = await _run(api, *[_comment(ticket, command_id=ONE)] * 2)

    assert results[0] == results[1]
    assert results[0]["accepted"]["version"] == 2


async def test_a_command_id_of_another_command_is_refused(api: Api) -> None:
    ticket = await api.ticket()
    known = "c0aa0000-0000-4000-8000-000000000002"

    results = await _run(
        api, *[_comment(ticket, body, command_id=known) for body in ("One", "Two")]
    )

    assert results[1]["problem"]["type"] == "urn:psa:problem:CommandIdReused"


async def test_another_caller_may_draw_the_same_command_id(api: Api) -> None:
    ticket = await api.ticket()
    known = "c0aa0000-0000-4000-8000-000000000003"

    versions = [
        (await _run(api, _comment(ticket, command_id=known), by=actor))[0]["accepted"]["version"]
        for actor in (ADMIN, TECHNICIAN)
    ]

    assert versions == [2, 3]


async def test_a_command_on_another_version_is_refused(api: Api) -> None:
    ticket = await api.ticket()

    results = await _run(
        api, _comment(ticket, expected_version=7), _comment(ticket, expected_version=1)
    )

    assert results[0]["problem"]["status"] == 412
    assert results[1]["accepted"]["version"] == 2


async def test_a_role_is_asked_for_each_command(api: Api) -> None:
    customer = PORTAL.customer_id
    results = await _run(
        api,
        {"type": "FormGroup", "data": {"name": "By a portal user"}},
        {"type": "OpenTicket", "data": {"customer_id": str(customer), "title": "Printer"}},
        by=PORTAL,
    )

    assert [r["problem"]["status"] for r in results] == [403, 404]


async def test_an_auditor_is_refused_every_command(api: Api) -> None:
    (result,) = await _run(api, _comment(await api.ticket()), by=AUDITOR)

    assert result["problem"]["status"] == 403


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ({}, "ticket_id"),
        ({"ticket_id": "seven", "body": "Hello"}, "ticket_id"),
        ({"ticket_id": ONE, "body": 7}, "body"),
        ({"ticket_id": ONE, "body": ""}, "body"),
        ({"ticket_id": ONE, "body": "x" * 50_001}, "body"),
        ({"ticket_id": ONE, "body": "Hello", "colour": "red"}, "colour"),
        ({"ticket_id": ONE, "body": "a\0b"}, "body"),
    ],
    ids=["missing", "no id", "type", "short", "long", "foreign", "nul"],
)
async def test_a_command_that_does_not_fit_is_refused_by_the_field(
    api: Api, data: Any, word: str
) -> None:
    (result,) = await _run(api, {"type": "CommentTicket", "data": data})

    assert result["problem"]["status"] == 422
    assert word in result["problem"]["detail"]
    assert [error["field"] for error in result["problem"]["errors"]] == [word]


async def test_a_field_that_a_value_does_not_have_is_refused(api: Api) -> None:
    data = {"name": "Acme", "address": {"town": "Bern", "country": "CH"}}

    (result,) = await _run(api, {"type": "RegisterCustomer", "data": data})

    assert result["problem"]["status"] == 422
    assert [error["field"] for error in result["problem"]["errors"]] == ["address.town"]


@pytest.mark.parametrize(
    "commands",
    [
        [],
        [{}],
        {},
        [{"type": "StartTicket"}],
        [{"type": 7, "data": {}}],
        [{"type": "StartTicket", "data": []}],
        [{"type": "StartTicket", "data": {}, "colour": "red"}],
        [{"type": "StartTicket", "data": {}, "command_id": "seven"}],
        [{"type": "StartTicket", "data": {}, "expected_version": 0}],
        [{"type": "StartTicket", "data": {}}] * (BATCH_LIMIT + 1),
    ],
    ids=[
        "none",
        "empty",
        "no list",
        "no data",
        "type",
        "data",
        "foreign",
        "command id",
        "version",
        "too many",
    ],
)
async def test_a_list_that_does_not_fit_is_a_400(api: Api, commands: Any) -> None:
    problem(await api.as_(ADMIN).post("/commands", commands), 400)


async def test_a_list_may_be_as_long_as_it_is_said(api: Api) -> None:
    results = await _run(api, *[{"type": "Nothing", "data": {}}] * BATCH_LIMIT)

    assert len(results) == BATCH_LIMIT


async def test_a_list_needs_a_token(api: Api) -> None:
    problem(await api.anybody().post("/commands", []), 401)
