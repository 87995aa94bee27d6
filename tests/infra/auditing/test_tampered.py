"""The package of a log that is not as it was sealed says so, and is written all the same."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from eventstore.sealing.proving import EventUnknown, EventUnsealed
from eventstore.sealing.signatures import SealKeyMissing
from infra.embedded import Urls
from infra.seal_keys import SealKeys
from tests.conftest import Database
from tests.eventstore.sealing.given import owner, record, told
from tests.infra.auditing.given import Platform, demo, platform, seal
from tests.infra.auditing.standard import read_package


@pytest.fixture
def log(urls: Urls, tmp_path: Path) -> Iterator[Platform]:
    """A small platform of one's own, to tamper with."""
    with demo(urls, tmp_path / "home", tickets=1) as made:
        yield made


def export(log: Platform, tmp_path: Path, *options: str) -> tuple[Result, Path]:
    target = tmp_path / "audit"
    return log.psa("audit", "export", "--out", str(target), *options), target


def position_of(log: Platform, topic: str) -> int:
    ((position,),) = log.rows("select min(position) from es.events where topic = %s", topic)
    return int(position)


def tamper(log: Platform, statement: str, position: int) -> None:
    with owner(log.database) as tampering:
        tampering.execute(f"{statement} where position = {position}".encode())


def test_a_changed_event_is_named_and_exit_code_1(log: Platform, tmp_path: Path) -> None:
    at = position_of(log, "customer.tagged")
    tamper(log, "update es.events set recorded_at = recorded_at - interval '1 day'", at)

    done, package = export(log, tmp_path, "--prove", str(at))

    verdict = f"Not as it was sealed: position {at}: the event was changed after seal 1."
    assert done.exit_code == 1
    assert verdict in done.stdout
    said = (package / "verify.txt").read_text().splitlines()
    assert said[0] == verdict
    assert said[1].startswith(f"The event at position {at} can not be proved: ")
    manifest = json.loads((package / "manifest.json").read_text())
    assert manifest["verification"]["intact"] is False
    assert manifest["verification"]["verdict"] == verdict
    ((count,),) = log.rows("select count(*) from es.events")
    assert len(read_package(package)["Journal"]) == count


@pytest.mark.parametrize("content", [b'{"name": 1}', b"no json \xff\r\n", b'{"name":\n"Acme"}'])
def test_an_unreadable_event_is_told_and_others_are_written(
    log: Platform, tmp_path: Path, content: bytes
) -> None:
    at = position_of(log, "customer.registered")
    tamper(log, f"update es.events set state = '\\x{content.hex()}'::bytea", at)

    done, package = export(log, tmp_path)

    assert done.exit_code == 1
    assert f"Not readable: position {at}: the event can not be read: " in done.stdout
    row = next(row for row in read_package(package)["Journal"] if row["position"] == at)
    assert (row["happened_on"], row["happened_at"], row["record_name"]) == (None, "", "")
    assert json.loads(row["payload"])
    history = read_package(package)["Stammdatenhistorie"]
    assert row["stream_id"] not in {each["stream_id"] for each in history}
    assert {each["record_kind"] for each in history} >= {"customer", "contact", "user"}


def test_an_event_of_which_nobody_says_who_did_it_keeps_its_record(
    log: Platform, tmp_path: Path
) -> None:
    at = position_of(log, "customer.registered")
    tamper(log, "update es.events set metadata = '{}'::text::bytea", at)

    done, package = export(log, tmp_path)

    assert done.exit_code == 1
    assert f"Not readable: position {at}: the event can not be read: " in done.stdout
    row = next(row for row in read_package(package)["Journal"] if row["position"] == at)
    assert (row["actor"], row["command_id"]) == ("", "")
    assert row["record_name"]
    history = read_package(package)["Stammdatenhistorie"]
    assert row["stream_id"] in {each["stream_id"] for each in history}


def test_a_missing_event_is_named_and_what_came_after_it_is_not_told(
    log: Platform, tmp_path: Path
) -> None:
    at = position_of(log, "customer.registered")
    ((stream,),) = log.rows("select stream_id from es.events where position = %s", at)
    tamper(log, "delete from es.events", at)

    done, package = export(log, tmp_path)

    assert done.exit_code == 1
    assert f"position {at}: the event is missing, seal 1 covers it" in done.stdout
    assert f"the events of the record {stream} can not follow one another" in done.stdout
    assert at not in {row["position"] for row in read_package(package)["Journal"]}


def test_a_log_that_is_not_sealed_is_not_proved(
    database: Database, urls: Urls, tmp_path: Path
) -> None:
    record(database, told("one"))
    SealKeys(tmp_path / "home").first()

    done, package = export(platform(database, urls, tmp_path / "home"), tmp_path)

    assert done.exit_code == 1
    assert "Nothing was compared: no sealed event is at these positions" in done.stdout
    assert (package / "proofs/seals.jsonl").read_bytes() == b""


def test_the_keys_that_seals_are_signed_with_are_there_from_the_first_one_on(
    log: Platform, tmp_path: Path
) -> None:
    ((head,),) = log.rows("select max(position) from es.events")
    log.psa("seals", "rotate")
    record(log.database, told("one"))
    seal(log.database, log.home)

    _, package = export(log, tmp_path, "--from", str(head + 1))

    changes = (package / "proofs/key_changes.jsonl").read_text().splitlines()
    keys = (package / "proofs/keys.pem").read_text()
    assert [json.loads(line)["seal"] for line in changes] == [2]
    assert keys.count("BEGIN PUBLIC KEY") == 2
    assert (package / "proofs/first_key.pem").read_text() in keys
    assert len((package / "proofs/seals.jsonl").read_text().splitlines()) == 1


@pytest.mark.parametrize(
    ("event", "refusal"), [("900000", EventUnknown), ("unsealed", EventUnsealed)]
)
def test_a_proof_that_can_not_be_had_is_refused_before_anything_is_written(
    log: Platform, tmp_path: Path, event: str, refusal: type[Exception]
) -> None:
    ((head,),) = log.rows("select max(position) from es.events")
    record(log.database, told("one"))
    asked = str(head + 1) if event == "unsealed" else event

    done, package = export(log, tmp_path, "--prove", asked)

    assert done.exit_code == 1
    assert isinstance(done.exception, refusal)
    assert not package.exists()


def test_without_the_key_of_the_first_seal_nothing_is_written(
    log: Platform, tmp_path: Path
) -> None:
    SealKeys(log.home).first_public.unlink()

    done, package = export(log, tmp_path)

    assert isinstance(done.exception, SealKeyMissing)
    assert not package.exists()
