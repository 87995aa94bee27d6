"""Every route of the command table answers as it is documented."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from commands.table import TABLE
from domain.actors import Role
from eventstore.log import Log, open_pool
from tests.commands.http import Api, fields, problem
from tests.commands.office import ADMIN, AUDITOR, PORTAL, TECHNICIAN

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOBODY = "00000000-0000-4000-8000-00000000dead"


@dataclass(frozen=True)
class Case:
    """A route, what it takes, and what has to be done to its record before."""

    route: str
    body: Any = None
    before: tuple[tuple[str, Any], ...] = ()
    begun_with: Mapping[str, str] = field(default_factory=dict)
    """What the record needs besides a name."""

    def __str__(self) -> str:
        return self.route


RESOLVE = ("resolve", {"resolution": "Replaced."})

CASES = (
    Case("POST /customers", {"name": "Acme", "email_domains": []}),
    Case("PATCH /customers/{id}", {"name": "Acme AG"}),
    Case("POST /customers/{id}/win", begun_with={"status": "prospect"}),
    Case("POST /customers/{id}/hold", {"reason": "Bills are open."}),
    Case("POST /customers/{id}/resume", before=(("hold", {"reason": "Bills are open."}),)),
    Case("POST /customers/{id}/archive"),
    Case("POST /customers/{id}/restore", before=(("archive", None),)),
    Case("POST /customers/{id}/merge", {"into": "another customer"}),
    Case("POST /customers/{id}/unmerge", before=(("merge", {"into": "another customer"}),)),
    Case("POST /users", {"name": "Ada", "email": ""}),
    Case("PATCH /users/{id}", {"name": "Ada Li"}),
    Case("POST /users/{id}/deactivate"),
    Case("POST /users/{id}/reactivate", before=(("deactivate", None),)),
    Case("POST /groups", {"name": "Formed by the route"}),
    Case("PATCH /groups/{id}", {"description": "Day and night."}),
    Case("POST /groups/{id}/archive"),
    Case("POST /groups/{id}/restore", before=(("archive", None),)),
    Case("POST /tickets", {"title": "The printer jams"}),
    Case("PATCH /tickets/{id}", {"title": "All printers jam", "tags": ["fire"]}),
    Case("POST /tickets/{id}/assign", {}),
    Case("POST /tickets/{id}/unassign", before=(("start", None),)),
    Case("POST /tickets/{id}/start"),
    Case("POST /tickets/{id}/wait", {"status": "waiting_customer"}),
    Case("POST /tickets/{id}/comments", {"body": "Hello"}),
    Case("POST /tickets/{id}/resolve", {"resolution": "Replaced the roller."}),
    Case("POST /tickets/{id}/close", before=(RESOLVE,)),
    Case("POST /tickets/{id}/reopen", {"reason": "Again."}, before=(RESOLVE,)),
    Case("DELETE /tickets/{id}?reason=Opened%20twice"),
    Case("POST /tickets/{id}/restore", before=(("DELETE", None),)),
)
each = pytest.mark.parametrize("case", CASES, ids=str)
on_a_record = pytest.mark.parametrize("case", [c for c in CASES if "{id}" in c.route], ids=str)


async def _prepared(api: Api, case: Case) -> tuple[str, str, Any]:
    """Return the request of this case on a new record that is ready for it."""
    admin = api.as_(ADMIN)
    method, _, path = case.route.partition(" ")
    kind = path.split("/")[1].partition("?")[0]
    body = dict(case.body) if case.body is not None else None
    if path == "/tickets" and body is not None:
        body["customer_id"] = await api.customer()
    if path.endswith("assign") and body is not None:
        name = f"Group of {await api.ticket()}"
        body["group_id"] = (await admin.accepted("/groups", {"name": name}))["id"]
    if "{id}" in path:
        record = await _record(api, kind, case.begun_with)
        for action, content in case.before:
            if action == "DELETE":
                gone = await admin.send("DELETE", f"{record}?reason=Twice")
                assert gone.status_code == 200
            else:
                await admin.accepted(f"{record}/{action}", await _named(api, content))
        path = path.replace(f"/{kind}/{{id}}", record)
    return method, path, await _named(api, body)


async def _named(api: Api, content: Any) -> Any:
    """Return what is sent, with another customer where it is to be merged into one."""
    return {"into": await api.customer()} if content and "into" in content else content


async def _record(api: Api, kind: str, begun_with: Mapping[str, str]) -> str:
    ticket = await api.ticket()
    if kind == "tickets":
        return ticket
    body: dict[str, Any] = {"name": f"Of {ticket}", **begun_with}
    if kind == "users":
        body["email"] = ""
    return f"/{kind}/{(await api.as_(ADMIN).accepted(f'/{kind}', body))['id']}"


async def test_every_route_of_the_table_has_a_case() -> None:
    routes = [case.route.partition("?")[0] for case in CASES]

    assert routes == [entry.route for entry in TABLE]


@each
async def test_an_accepted_command_names_its_record_version_and_position(
    api: Api, case: Case
) -> None:
    method, path, body = await _prepared(api, case)

    answer = await api.as_(ADMIN).send(method, path, body)

    content = answer.json()
    creates = "{id}" not in case.route
    assert answer.status_code == (201 if creates else 200), answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["etag"] == f'"{content["version"]}"'
    assert answer.headers["x-position"] == str(content["position"])
    assert set(content) == {"id", "version", "position"}
    if creates:
        assert answer.headers["location"] == f"/api/v1{path}/{content['id']}"
    else:
        assert "location" not in answer.headers
        assert content["id"] in path


@on_a_record
async def test_a_record_that_is_not_there_is_a_404(api: Api, case: Case) -> None:
    method, path, body = await _prepared(api, case)
    parts = path.split("/")
    parts[2] = NOBODY + parts[2][36:]

    answer = await api.as_(ADMIN).send(method, "/".join(parts), body)

    assert NOBODY in problem(answer, 404)["detail"]


@on_a_record
async def test_an_id_that_is_no_uuid_is_a_404(api: Api, case: Case) -> None:
    method, path, body = await _prepared(api, case)
    parts = path.split("/")
    parts[2] = "seven" + parts[2][36:]

    answer = await api.as_(ADMIN).send(method, "/".join(parts), body)

    problem(answer, 404)


@on_a_record
async def test_a_version_that_is_outdated_is_a_412(api: Api, case: Case) -> None:
    method, path, body = await _prepared(api, case)

    answer = await api.as_(ADMIN).send(method, path, body, if_match='"99"')

    assert problem(answer, 412)["type"] == "urn:psa:problem:VersionMismatch"


@on_a_record
@pytest.mark.parametrize("seen", ['"{}"', 'W/"{}"', "*"])
async def test_a_version_that_was_seen_is_accepted(api: Api, case: Case, seen: str) -> None:
    method, path, body = await _prepared(api, case)
    version = 1 + len(case.before)

    answer = await api.as_(ADMIN).send(method, path, body, if_match=seen.format(version))

    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("seen", ["1", '"one"', '"1', '"1","2"', "", '"1234567890123456789"'])
async def test_a_version_in_another_form_is_a_400(api: Api, seen: str) -> None:
    ticket = await api.ticket()

    answer = await api.as_(ADMIN).post(f"{ticket}/start", if_match=seen)

    assert fields(problem(answer, 400)) == ["if_match"]


@each
async def test_without_a_token_nothing_is_said_but_that(api: Api, case: Case) -> None:
    method, _, path = case.route.partition(" ")

    answer = await api.anybody().send(method, path.replace("{id}", NOBODY), case.body)

    problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("route", "role"),
    [
        pytest.param(entry.route, role, id=f"{entry.route}-{role}")
        for entry in TABLE
        for role in sorted(set(Role) - set(entry.may))
    ],
)
async def test_a_role_that_may_not_is_a_403(api: Api, route: str, role: Role) -> None:
    actors = {Role.AUDITOR: AUDITOR, Role.CUSTOMER: PORTAL, Role.TECHNICIAN: TECHNICIAN}
    method, _, path = route.partition(" ")

    answer = await api.as_(actors[role]).send(method, path.replace("{id}", NOBODY), {})

    assert "it takes one of" in problem(answer, 403)["detail"]


async def test_a_correlation_and_a_cause_are_kept_with_the_event(api: Api) -> None:
    ticket = await api.ticket()
    ids = ("c0aa0000-0000-4000-8000-00000000000c", "c0aa0000-0000-4000-8000-00000000000d")

    answer = await api.as_(ADMIN).post(
        f"{ticket}/start", x_correlation_id=ids[0], x_causation_id=ids[1]
    )

    metadata = await _metadata(api, answer.json()["position"])
    assert (metadata["correlation_id"], metadata["causation_id"]) == ids
    assert metadata["actor"] == ADMIN.id


async def _metadata(api: Api, position: int) -> dict[str, Any]:
    async with open_pool(api.urls.postgres, size=1) as pool:
        (event,) = await Log(pool).read_all(position - 1, 1)
    return dict(msgspec.json.decode(event.metadata))


@pytest.mark.parametrize("header", ["X-Correlation-Id", "X-Causation-Id"])
async def test_an_id_that_is_none_is_a_400(api: Api, header: str) -> None:
    answer = await api.as_(ADMIN).post(f"{await api.ticket()}/start", **{header: "seven"})

    assert fields(problem(answer, 400)) == [header.lower().replace("x-", "").replace("-", "_")]
