"""`psa audit prove` on a sealed log, and `psa audit check-proof` where nothing else is."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner, Result

from eventstore.sealing.proving import EventUnknown, EventUnsealed
from eventstore.sealing.steps import Steps
from infra.cli import app
from infra.embedded import Urls
from infra.seal_keys import SealKeys
from tests.conftest import Database
from tests.eventstore.sealing.given import AT, record, rows, told
from tests.eventstore.sealing.proved import OFFLINE

Psa = Callable[..., Result]


@pytest.fixture
def home(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with eight sealed events and four that are not, whose key is kept aside."""
    record(database, told("one"), told("two"))
    with psycopg.connect(database.url, autocommit=True) as connection:
        Steps(connection, SealKeys(tmp_path), lambda: AT).seal(at_once=True)
    record(database, told("three"))
    (tmp_path / "seals.pem").write_bytes(SealKeys(tmp_path).first_public.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def psa(database: Database, urls: Urls, home: Path) -> Psa:
    """The command line of this installation."""
    env = {
        "PSA_HOME": str(home),
        "PSA_POSTGRES_URL": database.url,
        "PSA_KEYS_URL": urls.keys,
        "PSA_NATS_URL": urls.nats,
        "PSA_REDIS_URL": urls.redis,
    }
    return lambda *arguments: CliRunner().invoke(app, arguments, env=env)


def check(*arguments: str) -> Result:
    """The command line where no installation is: its home can not even be made."""
    env = {"PSA_HOME": "/dev/null/none", "PSA_POSTGRES_URL": "no address"}
    return CliRunner().invoke(app, ["audit", "check-proof", *arguments], env=env)


def test_a_proof_is_one_file_that_is_checked_without_the_platform(home: Path, psa: Psa) -> None:
    written = psa("audit", "prove", "6")

    checked = check("proof-6.json", "--public-key", "seals.pem")

    assert (written.exit_code, checked.exit_code) == (0, 0)
    assert written.stdout.startswith("Written to proof-6.json: position 6, ticket.opened, event ")
    assert checked.stdout.startswith("Proved: position 6, ticket.opened, event ")
    assert checked.stdout.count("\n") == 1
    alone = [sys.executable, "-I", "-S", str(OFFLINE), "proof-6.json", "seals.pem"]
    assert subprocess.run(alone, capture_output=True, check=True).stdout == checked.stdout_bytes


def test_an_event_is_named_by_its_id_and_the_file_by_who_asks(
    database: Database, home: Path, psa: Psa
) -> None:
    ((event_id,),) = rows(database, "select event_id from es.events where position = 3")

    psa("audit", "prove", str(event_id), "--out", "ours.json")
    printed = psa("audit", "prove", str(event_id), "--out", "-")

    assert printed.stdout == (home / "ours.json").read_text()
    assert json.loads(printed.stdout)["event"]["position"] == 3


@pytest.mark.parametrize(("event", "refusal"), [("9", EventUnsealed), ("13", EventUnknown)])
def test_an_event_without_a_proof_writes_no_file(
    event: str, refusal: type[Exception], home: Path, psa: Psa
) -> None:
    told = psa("audit", "prove", event)

    assert told.exit_code == 1
    assert isinstance(told.exception, refusal)
    assert list(home.glob("proof-*")) == []


def test_a_proof_that_does_not_hold_is_one_line_and_exit_code_1(home: Path, psa: Psa) -> None:
    psa("audit", "prove", "6")
    text = (home / "proof-6.json").read_text()
    (home / "proof-6.json").write_text(text.replace("ticket.opened", "ticket.closed"))

    told = check("proof-6.json", "--public-key", "seals.pem")

    assert told.exit_code == 1
    assert told.stdout == (
        "Not proved: the event does not lead to the root of seal 1: it was changed.\n"
    )


@pytest.mark.parametrize(
    ("proof", "pem", "said"),
    [
        (b"{", None, "proof.json is no proof of an event: "),
        (b"{}", None, "proof.json is no proof of an event: Object missing required field `format`"),
        (None, b"no key", "seals.pem holds no public Ed25519 key in PEM form."),
    ],
)
def test_what_is_no_proof_or_no_key_is_one_line_and_exit_code_2(
    proof: bytes | None, pem: bytes | None, said: str, home: Path, psa: Psa
) -> None:
    psa("audit", "prove", "6", "--out", "proof.json")
    for name, content in (("proof.json", proof), ("seals.pem", pem)):
        if content is not None:
            (home / name).write_bytes(content)

    told = check("proof.json", "--public-key", "seals.pem")

    assert told.exit_code == 2
    assert told.stderr.startswith(f"psa: {said}")
    assert told.stderr.count("\n") == 1


def test_without_the_key_or_the_file_nothing_is_checked(home: Path, psa: Psa) -> None:
    psa("audit", "prove", "6")

    assert check("proof-6.json").exit_code == 2
    assert check("gone.json", "--public-key", "seals.pem").exit_code == 2
