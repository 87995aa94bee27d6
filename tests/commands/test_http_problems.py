"""Whatever is sent, the answer is a problem that says what to change, and nothing else."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from eventstore.errors import LogUnavailable
from infra.tokens import AUDIENCE, ISSUER
from tests.commands.http import Api, fields, problem
from tests.commands.office import ADMIN, PORTAL, STRANGER, TECHNICIAN

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOBODY = "00000000-0000-4000-8000-00000000dead"


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"",
        b"null",
        b"[]",
        b"7",
        b'"text"',
        b'{"name": "a", "name"}',
        b"\xff\xfe",
        b'{"name": "\xff"}',
        b'{"name": "\\ud800"}',
        b'{"name": NaN}',
        b"[" * 5000,
    ],
    ids=[
        "cut off",
        "empty",
        "null",
        "list",
        "number",
        "text",
        "no value",
        "no text",
        "no UTF-8",
        "half a character",
        "no number",
        "deep",
    ],
)
async def test_a_body_that_is_no_json_object_is_a_400(api: Api, content: bytes) -> None:
    problem(await api.as_(ADMIN).send("POST", "/groups", content=content), 400)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/groups", {}, "name"),
        ("/groups", {"name": 7}, "name"),
        ("/groups", {"name": None}, "name"),
        ("/groups", {"name": ""}, "name"),
        ("/groups", {"name": "x" * 201}, "name"),
        ("/groups", {"name": "a", "colour": "red"}, "colour"),
        ("/customers", {"name": "a", "number": 0}, "number"),
        ("/customers", {"name": "a", "number": 1.5}, "number"),
        ("/customers", {"name": "a", "number": True}, "number"),
        ("/customers", {"name": "a", "address": {"street": 7}}, "address.street"),
        ("/customers", {"name": "a", "email_domains": ["a.example", 7]}, "email_domains[1]"),
        ("/customers", {"name": "a", "address": {"town": "Bern"}}, "address.town"),
        (
            "/contacts",
            {
                "customer_id": NOBODY,
                "name": "a",
                "emails": [{"address": "a@b.example"}, {"address": "c@b.example", "mail": ""}],
            },
            "emails[1].mail",
        ),
        ("/users", {"name": "a", "email": "", "role": "king"}, "role"),
        ("/users", {"name": "a", "email": "", "customer_id": "seven"}, "customer_id"),
        ("/tickets", {"title": "a", "customer_id": NOBODY, "impact": "huge"}, "impact"),
    ],
)
async def test_a_body_that_does_not_fit_is_a_400_that_names_the_field(
    api: Api, path: str, body: Any, field: str
) -> None:
    content = problem(await api.as_(ADMIN).post(path, body), 400)

    assert fields(content) == [field]
    assert len(json.dumps(content)) < 2000


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/groups", {"name": "  "}, "name"),
        ("/groups", {"name": "a\0b"}, "name"),
        ("/customers", {"name": "a", "address": {"city": "\0"}}, "address.city"),
        ("/customers", {"name": "a", "address": {"country": "Germany"}}, "address.country"),
        ("/customers", {"name": "a", "email_domains": ["-"]}, "email_domains"),
        ("/users", {"name": "a", "email": "nobody"}, "email"),
        ("/users", {"name": "a", "email": "", "role": "customer"}, "customer_id"),
    ],
)
async def test_a_value_that_can_not_be_is_a_422_that_names_the_field(
    api: Api, path: str, body: Any, field: str
) -> None:
    content = problem(await api.as_(ADMIN).post(path, body), 422)

    assert fields(content) == [field]


async def test_a_nul_is_refused_wherever_text_goes(api: Api) -> None:
    ticket, admin = await api.ticket(), api.as_(ADMIN)

    answers = [
        await admin.post(f"{ticket}/comments", {"body": "a\0"}),
        await admin.send("PATCH", ticket, {"tags": ["\0"]}),
        await admin.send("PATCH", ticket, {"requester": {"phone": "\0"}}),
        await admin.post(f"{ticket}/resolve", {"resolution": "\0", "resolution_code": "a"}),
        await admin.send("DELETE", f"{ticket}?reason=a%00b"),
    ]

    assert [fields(problem(answer, 422)) for answer in answers] == [
        ["body"],
        ["tags"],
        ["requester.phone"],
        ["resolution"],
        ["reason"],
    ]


@pytest.mark.parametrize("query", ["?reason=", f"?reason={'x' * 2001}"])
async def test_a_deletion_without_a_fitting_reason_is_a_400(api: Api, query: str) -> None:
    answer = await api.as_(ADMIN).send("DELETE", f"{await api.ticket()}{query}")

    assert fields(problem(answer, 400)) == ["reason"]


async def test_a_deletion_without_a_reason_is_a_400(api: Api) -> None:
    answer = await api.as_(ADMIN).send("DELETE", await api.ticket())

    assert "reason" in problem(answer, 400)["detail"]


async def test_text_of_any_script_is_taken_as_it_is(api: Api) -> None:
    answer = await api.as_(TECHNICIAN).post(
        f"{await api.ticket()}/comments", {"body": "日本語 🖨️ \u202e \\u0000 ' \" <b> \x07"}
    )

    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/rockets", "/tickets/1/fly", "//etc/passwd", "/"])
async def test_a_route_that_is_not_there_is_a_404(api: Api, path: str) -> None:
    problem(await api.as_(ADMIN).send("POST", path, {}), 404)


async def test_a_method_that_is_not_there_is_a_405_that_names_the_others(api: Api) -> None:
    answer = await api.as_(ADMIN).send("PUT", "/tickets", {})

    problem(answer, 405)
    assert {"GET", "POST"} <= set(answer.headers["allow"].split(", "))


async def test_a_body_that_is_too_large_is_a_413(api: Api) -> None:
    answer = await api.as_(ADMIN).send("POST", "/groups", content=b" " * (8 * 1024 * 1024 + 1))

    problem(answer, 413)


async def test_a_record_in_another_state_is_a_409(api: Api) -> None:
    answer = await api.as_(ADMIN).post(f"{await api.ticket()}/reopen")

    assert "`new`" in problem(answer, 409)["detail"]


async def test_a_name_that_is_taken_is_a_409(api: Api) -> None:
    admin = api.as_(ADMIN)
    await admin.accepted("/groups", {"name": "Only once"})

    answer = await admin.post("/groups", {"name": "only ONCE"})

    assert problem(answer, 409)["type"] == "urn:psa:problem:AlreadyTaken"


async def test_another_customers_ticket_sounds_as_if_it_were_not_there(api: Api) -> None:
    ticket, stranger = await api.ticket(), api.as_(STRANGER)

    there = await stranger.post(f"{ticket}/comments", {"body": "Hello"})
    nowhere = await stranger.post(f"/tickets/{NOBODY}/comments", {"body": "Hello"})

    details = [problem(answer, 404)["detail"] for answer in (there, nowhere)]
    assert details[0].replace(ticket.rpartition("/")[2], NOBODY) == details[1]


def _claims(**changes: Any) -> dict[str, Any]:
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "mallory",
        "role": "admin",
        "iat": 1_700_000_000,
        "exp": 4_000_000_000,
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


@pytest.mark.parametrize(
    "forgery",
    ["none", "HS256 with the public key", "HS256", "another key", "cut", "changed", "text", ""],
)
async def test_a_forged_token_is_a_401(api: Api, forgery: str) -> None:
    public = api.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    honest = api.tokens.issue(PORTAL)
    head, body, signature = honest.split(".")
    forgeries: dict[str, Callable[[], str]] = {
        "none": lambda: jwt.encode(_claims(), "", algorithm="none"),
        "HS256 with the public key": lambda: jwt.encode(
            _claims(), public.ljust(32, b"\0"), algorithm="HS256"
        ),
        "HS256": lambda: jwt.encode(_claims(), "s" * 32, algorithm="HS256"),
        "another key": lambda: jwt.encode(
            _claims(), Ed25519PrivateKey.generate(), algorithm="EdDSA"
        ),
        "cut": lambda: f"{head}.{body}.",
        "changed": lambda: f"{head}.{jwt.encode(_claims(), 's' * 32).split('.')[1]}.{signature}",
        "text": lambda: "trust.me.please",
        "": lambda: "",
    }

    answer = await api.with_token(forgeries[forgery]()).post("/groups", {"name": "Forged"})

    problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 1_700_000_001},
        {"exp": None},
        {"iss": "somebody"},
        {"aud": "something"},
        {"aud": None},
        {"sub": None},
        {"role": None},
        {"role": "king"},
        {"iat": 4_000_000_000},
        {"customer_id": "seven"},
        {"customer_id": 7},
    ],
    ids=str,
)
async def test_a_signed_token_that_says_something_else_is_a_401(
    api: Api, changes: dict[str, Any]
) -> None:
    token = jwt.encode(_claims(**changes), api.key, algorithm="EdDSA")

    problem(await api.with_token(token).post("/groups", {"name": "Signed"}), 401)


async def test_an_expired_token_is_a_401(api: Api) -> None:
    token = api.tokens.issue(ADMIN, timedelta(seconds=-1))

    assert "expired" in problem(await api.with_token(token).post("/groups", {}), 401)["detail"]


@pytest.mark.parametrize("scheme", ["Basic YWRhOmFkYQ==", "Bearer", "Token abc"])
async def test_another_scheme_is_a_401(api: Api, scheme: str) -> None:
    answer = await api.anybody().post("/groups", {}, authorization=scheme)

    problem(answer, 401)


async def test_a_log_that_does_not_answer_is_a_503(
    api: Api, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    async def away(*_: object) -> None:
        raise LogUnavailable(OSError("postgresql://psa:secret@10.0.0.1 refused"))

    ticket = await api.ticket()
    monkeypatch.setattr("eventstore.appender.Appender.append", away)

    one = await api.as_(ADMIN).post(f"{ticket}/start")
    start = {"type": "StartTicket", "data": {"ticket_id": ticket[9:]}}
    several = await api.as_(ADMIN).post("/commands", [start, {"type": "Nonsense", "data": {}}])

    assert problem(one, 503)["type"] == "urn:psa:problem:LogUnavailable"
    assert one.headers["retry-after"] == "1"
    # Each command of a list is answered for itself.
    assert [each["status"] for each in several.json()] == ["unavailable", "refused"]
    assert "secret" not in "".join(capfd.readouterr())


async def test_a_request_that_met_no_log_is_carried_out_when_it_is_repeated(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise LogUnavailable

    ticket = await api.ticket()
    with monkeypatch.context() as patch:
        patch.setattr("eventstore.appender.Appender.append", away)
        problem(await api.as_(ADMIN).post(f"{ticket}/start", idempotency_key="later"), 503)

    answer = await api.as_(ADMIN).post(f"{ticket}/start", idempotency_key="later")

    assert answer.status_code == 200


async def test_a_fault_of_ours_is_a_500_that_gives_nothing_away(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("password=hunter2 at postgresql://psa:secret@10.0.0.1")

    ticket = await api.ticket()
    monkeypatch.setattr("eventstore.appender.Appender.append", broken)

    content = problem(await api.as_(ADMIN).post(f"{ticket}/start"), 500)

    assert "hunter2" not in str(content)
    assert "it was logged" in content["detail"]
