"""Every route of the command table answers as it is documented."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from commands.dispatch import Entry
from commands.table import TABLE
from domain.actors import Role
from eventstore.log import Log, open_pool
from infra.embedded import Urls
from tests.commands.http import Api, fields, problem, serving
from tests.commands.office import ADMIN, AUDITOR, PORTAL, TECHNICIAN
from tests.commands.samples import SAMPLES, TARGETS, Sample
from tests.conftest import Database
from tests.projections.given import append, events

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOBODY = "00000000-0000-4000-8000-00000000dead"


@dataclass(frozen=True)
class Case:
    """A line of the table, and its sample as a request."""

    entry: Entry
    sample: Sample

    @property
    def method(self) -> str:
        """The method of the route."""
        return self.entry.route.partition(" ")[0]

    def path(self, id: str | None = None) -> str:
        """Return the path of the request, about the sample's record unless another is named."""
        path = self.entry.route.partition(" ")[2]
        path = path.replace("{id}", str(TARGETS[self.sample.kind]) if id is None else id)
        query = urlencode(self._fields()) if self.method == "DELETE" else ""
        return f"{path}?{query}" if query else path

    @property
    def body(self) -> Any:
        """What is sent: the command's fields but the one that the path has."""
        return None if self.method == "DELETE" else self._fields() or None

    def _fields(self) -> dict[str, Any]:
        sent: dict[str, Any] = msgspec.to_builtins(self.sample.command)
        return {name: value for name, value in sent.items() if name != self.entry.target}

    def __str__(self) -> str:
        return self.entry.route


CASES = [
    Case(entry, sample)
    for entry in TABLE
    for sample in SAMPLES
    if type(sample.command) is entry.command
]
each = pytest.mark.parametrize("case", CASES, ids=str)
on_a_record = pytest.mark.parametrize("case", [c for c in CASES if c.entry.target], ids=str)


@pytest.fixture
def urls_of_its_own(urls: Urls, database: Database) -> Urls:
    """The shared servers, with a database for this test alone: its facts have fixed ids."""
    return msgspec.structs.replace(
        urls,
        postgres=database.url,
        postgres_owner=database.owner_url,
        keys=database.url,
        keys_owner=database.owner_url,
    )


@each
async def test_an_accepted_command_names_its_record_version_and_position(
    urls_of_its_own: Urls, tmp_path: Path, case: Case
) -> None:
    append(urls_of_its_own.postgres, events(*case.sample.given))
    told = [fact.event().originator_id for fact in case.sample.given]

    async with serving(urls_of_its_own, tmp_path) as api:
        admin = api.as_(ADMIN)
        seen = "*" if case.sample.creates else f'"{told.count(TARGETS[case.sample.kind])}"'
        answer = await admin.send(case.method, case.path(), case.body, if_match=seen)

    content = answer.json()
    assert answer.status_code == (201 if case.sample.creates else 200), answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["etag"] == f'"{content["version"]}"'
    assert answer.headers["x-position"] == str(content["position"])
    assert set(content) == {"id", "version", "position", "min_position"}
    if case.sample.creates:
        assert answer.headers["location"] == f"/api/v1{case.path()}/{content['id']}"
    else:
        assert "location" not in answer.headers
        assert content["id"] == str(TARGETS[case.sample.kind])


@on_a_record
async def test_a_record_that_is_not_there_is_a_404(api: Api, case: Case) -> None:
    answer = await api.as_(ADMIN).send(case.method, case.path(NOBODY), case.body)

    assert NOBODY in problem(answer, 404)["detail"]


@on_a_record
async def test_an_id_that_is_no_uuid_is_a_404(api: Api, case: Case) -> None:
    answer = await api.as_(ADMIN).send(case.method, case.path("seven"), case.body)

    problem(answer, 404)


async def test_a_version_that_is_outdated_is_a_412(api: Api) -> None:
    ticket = await api.ticket()

    answer = await api.as_(ADMIN).post(f"{ticket}/start", if_match='"99"')

    assert problem(answer, 412)["type"] == "urn:psa:problem:VersionMismatch"


@pytest.mark.parametrize("seen", ['"1"', 'W/"1"', "*"])
async def test_a_version_that_was_seen_is_accepted(api: Api, seen: str) -> None:
    ticket = await api.ticket()

    answer = await api.as_(ADMIN).post(f"{ticket}/start", if_match=seen)

    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("seen", ["1", '"one"', '"1', '"1","2"', "", '"1234567890123456789"'])
async def test_a_version_in_another_form_is_a_400(api: Api, seen: str) -> None:
    ticket = await api.ticket()

    answer = await api.as_(ADMIN).post(f"{ticket}/start", if_match=seen)

    assert fields(problem(answer, 400)) == ["if_match"]


@each
async def test_without_a_token_nothing_is_said_but_that(api: Api, case: Case) -> None:
    answer = await api.anybody().send(case.method, case.path(NOBODY), case.body)

    problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.CUSTOMER, Role.TECHNICIAN], ids=str)
async def test_a_role_that_may_not_is_a_403(api: Api, role: Role) -> None:
    actor = {Role.AUDITOR: AUDITOR, Role.CUSTOMER: PORTAL, Role.TECHNICIAN: TECHNICIAN}[role]
    forbidden = [case for case in CASES if role not in case.entry.may]

    answers = [
        await api.as_(actor).send(case.method, case.path(NOBODY), case.body) for case in forbidden
    ]

    assert answers
    for answer in answers:
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
