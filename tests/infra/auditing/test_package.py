"""The package of all of a real log, read by its index and compared with the log."""

import hashlib
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import astuple

from commands.table import TABLE
from domain.actors import Role
from domain.catalogue import AGGREGATES
from eventstore.export.changes import fields_of
from eventstore.mapper import decode, events_of, payload_of
from eventstore.sealing.merkle import root
from eventstore.sealing.statements import parse
from infra.auditing.events import master_data
from tests.eventstore.sealing.proved import OFFLINE
from tests.infra.auditing.given import Platform, contents, lines
from tests.infra.auditing.standard import misplaced, read_package


def test_the_index_has_the_form_of_the_standard(package: Path) -> None:
    assert misplaced(ET.parse(package / "index.xml").getroot()) == []


def test_every_event_of_the_log_is_in_the_journal(platform: Platform, package: Path) -> None:
    journal = read_package(package)["Journal"]

    recorded = platform.events()
    assert len(recorded) > 500
    for row, line, told in zip(journal, lines(package), recorded, strict=True):
        position, stream, version, event, topic, class_version, state, metadata, at, _ = astuple(
            told
        )
        # What is encrypted is handed over in plain text.
        state = payload_of(decode(told)) if told.opened else state
        by = json.loads(metadata)
        assert row["position"] == line["position"] == position
        assert row["stream_id"] == line["stream_id"] == str(stream)
        assert row["version"] == line["version"] == version
        assert row["event_id"] == line["event_id"] == str(event)
        assert row["topic"] == line["topic"] == topic
        assert row["class_version"] == line["class_version"] == class_version
        assert json.loads(row["payload"]) == line["payload"] == json.loads(state)
        assert row["actor"] == line["actor"] == by["actor"]
        assert row["command_id"] == line["command_id"] == by["command_id"]
        assert row["correlation_id"] == line["correlation_id"] == by["correlation_id"]
        assert instant(row["recorded_at"]) == instant(line["recorded_at"]) == at
        assert row["recorded_on"] == at.date()
        assert instant(row["happened_at"]) == instant(json.loads(state)["timestamp"])
        assert row["happened_on"] == instant(row["happened_at"]).date()


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_a_payload_is_exact_to_the_byte(platform: Platform, package: Path) -> None:
    state = platform.events()[6].state

    seventh = (package / "journal.jsonl").read_bytes().splitlines()[6]

    assert b'"payload":' + state + b"," in seventh


def test_events_name_their_record(package: Path) -> None:
    journal = read_package(package)["Journal"]

    for row in journal:
        assert row["record_kind"] == row["topic"].partition(".")[0]
        # What a reservation reserves is told by its holder: a name may tell of a person.
        assert row["record_name"] or row["record_kind"] == "reservation"
    numbered = {row["record_kind"] for row in journal if row["record_number"]}
    assert numbered == {"customer", "ticket"}


def test_the_leaves_of_the_journal_lead_to_the_signed_roots(package: Path) -> None:
    leaves = [bytes.fromhex(line["leaf"]) for line in lines(package)]

    seals = [json.loads(line) for line in (package / "proofs/seals.jsonl").read_text().splitlines()]

    stated = [parse(seal["statement"]) for seal in seals]
    assert sum(each.last - each.first + 1 for each in stated) == len(leaves)
    for each in stated:
        assert root(leaves[each.first - 1 : each.last]) == each.root


def test_the_history_of_master_data_ends_where_the_records_are(
    platform: Platform, package: Path
) -> None:
    history = read_package(package)["Stammdatenhistorie"]

    told: dict[str, dict[str, str]] = {}
    for row in history:
        fields = told.setdefault(row["stream_id"], {})
        assert fields.get(row["field"], "") == row["value_before"]
        fields[row["field"]] = row["value_after"]
    records: dict[str, Any] = {}
    for recorded in platform.events():
        stream = str(recorded.stream_id)
        records[stream] = decode(recorded).mutate(records.get(stream))
    kinds = set(master_data())
    folded = {
        stream: {name: text for name, text in fields_of(record).items() if text}
        for stream, record in records.items()
        if record.TOPIC in kinds
    }
    spelled = {
        stream: {name: unguarded(text) for name, text in fields.items() if text}
        for stream, fields in told.items()
    }
    assert spelled == folded
    assert {row["record_kind"] for row in history} >= {"customer", "contact", "location", "user"}


def unguarded(text: str) -> str:
    return text.removeprefix("'") if text.startswith(("'+", "'=", "'-", "'@")) else text


def test_every_change_of_master_data_refers_to_its_event(package: Path) -> None:
    tables = read_package(package)
    events = {row["position"]: row for row in tables["Journal"]}

    shared = tables["Journal"][0].keys() & tables["Stammdatenhistorie"][0].keys()

    assert {"position", "actor", "event_id", "topic", "recorded_at", "happened_at"} <= shared
    for row in tables["Stammdatenhistorie"]:
        assert {name: row[name] for name in shared} == {
            name: events[row["position"]][name] for name in shared
        }


def test_the_sums_name_every_file_and_hold(package: Path) -> None:
    said = [line.split("  ") for line in (package / "SHA256SUMS").read_text().splitlines()]
    sums = {name: digest for digest, name in said}

    files = contents(package)

    assert set(sums) == set(files) - {"SHA256SUMS"}
    assert {name: hashlib.sha256(files[name]).hexdigest() for name in sums} == sums


def test_the_manifest_counts_what_the_log_has(platform: Platform, package: Path) -> None:
    manifest = json.loads((package / "manifest.json").read_text())

    counted = dict(platform.rows("select topic, count(*) from es.events group by topic"))
    assert manifest["counts"]["by_topic"] == counted
    assert manifest["counts"]["events"] == sum(counted.values()) == len(lines(package))
    history = read_package(package)["Stammdatenhistorie"]
    assert manifest["counts"]["master_data_changes"] == len(history)
    assert manifest["counts"]["proofs"] == 1
    assert (manifest["first_position"], manifest["last_position"]) == (1, sum(counted.values()))
    assert manifest["head_position"] == manifest["last_position"]
    assert manifest["verification"]["intact"] is True
    at = datetime.fromisoformat(manifest["exported_at"])
    assert manifest["exported_at_epoch"] == int(at.timestamp())


def test_the_verification_is_told_in_one_line(package: Path) -> None:
    first = (package / "verify.txt").read_text().splitlines()[0]

    assert first.startswith("As it was sealed: ")


def test_a_single_proof_is_checked_with_what_is_in_the_package(package: Path) -> None:
    proofs = package / "proofs"

    alone = [sys.executable, "-I", "-S", "check_proof.py", "proof-7.json", "first_key.pem"]
    checked = subprocess.run(alone, cwd=proofs, capture_output=True, text=True, check=True)

    assert checked.stdout.startswith("Proved: position 7, ")
    assert (proofs / "check_proof.py").read_bytes() == OFFLINE.read_bytes()


@pytest.mark.parametrize("name", ["verfahrensdokumentation.md", "procedure.md"])
def test_the_procedure_tells_what_the_database_says(
    platform: Platform, package: Path, name: str
) -> None:
    text = (package / name).read_text()

    for migration, checksum in platform.rows("select name, checksum from es.migrations"):
        assert f"| {migration} | `{checksum}` |" in text
    for series in ("customer", "ticket"):
        assert f"`{series}`" in text
    assert "$" not in text
    for role in Role:
        assert f"| `{role}` |" in text
    for entry in TABLE:
        assert f"| `{entry.route}` | " in text
    for file in contents(package):
        assert f"`{file}`" in text or file == "proofs/proof-7.json"


def test_every_event_that_there_is_is_described(package: Path) -> None:
    text = (package / "events.md").read_text()

    topics = events_of(*AGGREGATES)
    assert [line.removeprefix("### ") for line in text.splitlines() if line.startswith("###")] == (
        sorted(topics)
    )


def test_nothing_of_the_installation_itself_is_in_a_package(
    platform: Platform, package: Path
) -> None:
    for name, content in contents(package).items():
        assert b"PRIVATE KEY" not in content, name
        assert str(platform.home).encode() not in content, name
        assert b"postgresql://" not in content, name
