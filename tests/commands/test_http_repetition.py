"""`Idempotency-Key`: a repeated request is harmless, and gets the answer it got first."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from commands.api.runner import command_id
from domain.actors import Actor
from eventstore.log import Log, open_pool
from tests.commands.http import Api, Asking, problem
from tests.commands.office import ADMIN, TECHNICIAN

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _version(api: Api, ticket: str) -> int:
    async with open_pool(api.urls.postgres, size=1) as pool:
        return await Log(pool).stream_version(UUID(ticket.rpartition("/")[2]))


async def _age(api: Api, actor: Actor, key: str) -> None:
    """Make the kept answer older than a day, as its owner can."""
    async with await psycopg.AsyncConnection.connect(api.urls.postgres_owner) as owner:
        changed = await owner.execute(
            "update es.answers set recorded_at = recorded_at - interval '25 hours'"
            " where command_id = %s",
            (command_id(actor, key),),
        )
        assert changed.rowcount == 1


async def _comment(
    asking: Asking, ticket: str, key: str, body: str = "Hello", **headers: str
) -> httpx.Response:
    sent: dict[str, Any] = {"idempotency_key": key, **headers}
    return await asking.post(f"{ticket}/comments", {"body": body}, **sent)


async def test_a_repeated_request_gets_the_same_answer_byte_for_byte(api: Api) -> None:
    ticket, staff = await api.ticket(), api.as_(TECHNICIAN)
    first = await _comment(staff, ticket, "accepted once")

    second = await _comment(staff, ticket, "accepted once")

    assert (second.status_code, second.content) == (first.status_code, first.content)
    for header in ("etag", "x-position", "content-type"):
        assert second.headers[header] == first.headers[header]
    assert second.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert await _version(api, ticket) == 2


async def test_a_repeated_creation_names_the_record_it_made(api: Api) -> None:
    admin = api.as_(ADMIN)
    answers = [
        await admin.post("/customers", {"name": "Once"}, idempotency_key="created once")
        for _ in range(2)
    ]

    assert answers[0].status_code == answers[1].status_code == 201
    assert answers[0].content == answers[1].content
    assert answers[0].headers["location"] == answers[1].headers["location"]


async def test_a_repeated_request_is_refused_as_it_was_although_it_could_be_done_now(
    api: Api,
) -> None:
    ticket, staff = await api.ticket(), api.as_(TECHNICIAN)
    first = await staff.post(f"{ticket}/reopen", idempotency_key="refused once")
    await staff.accepted(f"{ticket}/resolve", {"resolution": "Done"})

    second = await staff.post(f"{ticket}/reopen", idempotency_key="refused once")

    problem(first, 409)
    assert (second.status_code, second.content) == (409, first.content)
    assert second.headers["content-type"] == first.headers["content-type"]
    assert await _version(api, ticket) == 2


async def test_another_body_under_the_same_key_is_a_422(api: Api) -> None:
    ticket, staff = await api.ticket(), api.as_(TECHNICIAN)
    await _comment(staff, ticket, "one body")

    answer = await _comment(staff, ticket, "one body", body="Another")

    assert problem(answer, 422)["type"] == "urn:psa:problem:CommandIdReused"
    assert await _version(api, ticket) == 2


async def test_another_record_under_the_same_key_is_a_422(api: Api) -> None:
    one, other, staff = await api.ticket(), await api.ticket(), api.as_(TECHNICIAN)
    await _comment(staff, one, "one record")

    problem(await _comment(staff, other, "one record"), 422)

    assert await _version(api, other) == 1


async def test_another_seen_version_under_the_same_key_is_a_422(api: Api) -> None:
    ticket, staff = await api.ticket(), api.as_(TECHNICIAN)
    await _comment(staff, ticket, "one version", if_match='"1"')

    problem(await _comment(staff, ticket, "one version", if_match='"2"'), 422)


async def test_another_caller_may_draw_the_same_key(api: Api) -> None:
    ticket = await api.ticket()
    first = await _comment(api.as_(TECHNICIAN), ticket, "two callers")

    second = await _comment(api.as_(ADMIN), ticket, "two callers")

    assert (first.json()["version"], second.json()["version"]) == (2, 3)


async def test_another_caller_hears_nothing_of_the_first_ones_answer(api: Api) -> None:
    ticket = await api.ticket()
    await _comment(api.as_(TECHNICIAN), ticket, "not yours")

    answer = await _comment(api.as_(ADMIN), ticket, "not yours", body="Another")

    assert answer.status_code == 200


async def test_after_a_day_the_answer_is_forgotten_but_nothing_is_doubled(api: Api) -> None:
    ticket, staff = await api.ticket(), api.as_(TECHNICIAN)
    first = await _comment(staff, ticket, "a day ago")
    await _age(api, TECHNICIAN, "a day ago")

    second = await _comment(staff, ticket, "a day ago")

    assert second.content == first.content
    assert "idempotency-replayed" not in second.headers
    assert await _version(api, ticket) == 2


async def test_after_a_day_another_body_is_still_a_422(api: Api) -> None:
    ticket, staff = await api.ticket(), api.as_(TECHNICIAN)
    await _comment(staff, ticket, "another a day ago")
    await _age(api, TECHNICIAN, "another a day ago")

    problem(await _comment(staff, ticket, "another a day ago", body="Another"), 422)

    assert await _version(api, ticket) == 2


async def test_after_a_day_a_refused_request_is_decided_anew(api: Api) -> None:
    ticket, staff = await api.ticket(), api.as_(TECHNICIAN)
    problem(await staff.post(f"{ticket}/reopen", idempotency_key="refused a day ago"), 409)
    await staff.accepted(f"{ticket}/resolve", {"resolution": "Done"})
    await _age(api, TECHNICIAN, "refused a day ago")

    answer = await staff.post(f"{ticket}/reopen", idempotency_key="refused a day ago")

    assert answer.status_code == 200


async def test_who_is_told_that_a_key_is_anothers_does_not_take_it_over(api: Api) -> None:
    ticket, staff = await api.ticket(), api.as_(TECHNICIAN)
    first = await _comment(staff, ticket, "forgotten")
    async with await psycopg.AsyncConnection.connect(api.urls.postgres_owner) as owner:
        await owner.execute("delete from es.answers")
    problem(await _comment(staff, ticket, "forgotten", body="Another"), 422)

    again = await _comment(staff, ticket, "forgotten")

    assert (again.status_code, again.content) == (200, first.content)


async def test_the_same_request_sent_many_times_at_once_is_one(api: Api) -> None:
    ticket, staff = await api.ticket(), api.as_(TECHNICIAN)

    answers = await asyncio.gather(*(_comment(staff, ticket, "at once") for _ in range(6)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert await _version(api, ticket) == 2


async def test_without_a_key_every_request_counts(api: Api) -> None:
    ticket, staff = await api.ticket(), api.as_(TECHNICIAN)

    for _ in range(2):
        await staff.accepted(f"{ticket}/comments", {"body": "Hello"})

    assert await _version(api, ticket) == 3


@pytest.mark.parametrize("key", ["", "x" * 201], ids=["empty", "too long"])
async def test_a_key_that_is_none_is_a_400(api: Api, key: str) -> None:
    answer = await _comment(api.as_(TECHNICIAN), await api.ticket(), key)

    problem(answer, 400)


async def test_a_key_may_be_as_long_as_it_is_said(api: Api) -> None:
    answer = await _comment(api.as_(TECHNICIAN), await api.ticket(), "x" * 200)

    assert answer.status_code == 200
