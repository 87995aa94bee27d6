"""`psa events` tells what the log may hold, and stops a change that breaks who reads it."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner, Result

from domain.catalogue import AGGREGATES
from infra.cli import app
from infra.cli.events import CatalogueInvalid, EventUnknown, PayloadsMissing, RecordUnknown
from tests.golden.payloads import FOLDER

WIDE = {"COLUMNS": "200", "TERM": "dumb"}


def events(*arguments: str) -> Result:
    """Return what `psa events` answered; raises what it was refused with."""
    return CliRunner().invoke(app, ["events", *arguments], env=WIDE, catch_exceptions=False)


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """The catalogue as a program reads it, in a file."""
    file = tmp_path / "before.json"
    file.write_text(events("list", "--json").stdout)
    return file


def changed(file: Path, topic: str, field: str, **told: Any) -> None:
    """Let the catalogue have said something else of a field, or of one that is no more."""
    catalogue = json.loads(file.read_text())
    (event,) = (event for event in catalogue["events"] if event["topic"] == topic)
    event["fields"] = [one for one in event["fields"] if one["name"] != field]
    event["fields"].append({"name": field, "presence": "required", "type": "text", **told})
    event["schema"]["properties"][field] = {"type": "string"}
    file.write_bytes(msgspec.json.encode(catalogue))


def test_the_list_names_topics_versions_and_fields() -> None:
    told = events("list", "--aggregate", "group").stdout

    assert "5 events" in told
    (line,) = (line for line in told.splitlines() if "group.formed" in line)
    assert [cell.strip() for cell in line.strip("│").split("│")] == [
        "group.formed",
        "1",
        "The group was set up.",
        "name, description",
    ]


def test_the_list_for_programs_says_which_release_made_it() -> None:
    told = json.loads(events("list", "--json").stdout)

    assert told["release"] == "0.1.0"
    assert {event["record"] for event in told["events"]} == {kind.TOPIC for kind in AGGREGATES}


def test_the_list_as_a_page_is_the_one_of_the_docs() -> None:
    told = events("list", "--markdown").stdout

    assert told == (Path(__file__).parents[2] / "docs" / "events.md").read_text()


def test_one_event_is_shown_with_its_fields_and_an_example() -> None:
    told = events("show", "contact.added").stdout

    assert told.startswith("contact.added v1: The contact was added. Begins its record.")
    assert "emails[].address" in told
    assert '"email": "ada@acme.example"' not in told
    assert '"address": "ada@acme.example"' in told


def test_one_event_is_shown_to_programs_as_the_list_has_it() -> None:
    listed = json.loads(events("list", "--json").stdout)["events"]

    told = json.loads(events("show", "ticket.opened", "--json").stdout)

    assert told in listed
    assert told["topic"] == "ticket.opened"


def test_an_event_says_which_fields_tell_of_a_person_and_how_long_they_are_kept() -> None:
    told = json.loads(events("show", "customer.changed", "--json").stdout)

    kept = {field["name"]: field["personal"] for field in told["fields"] if "personal" in field}
    assert kept == {"trade_name": "books", "register_entry": "books", "notes": "erasable"}


def test_an_unknown_topic_is_told_the_near_ones() -> None:
    with pytest.raises(EventUnknown) as refused:
        events("show", "ticket.opend")

    assert str(refused.value).startswith("There is no event 'ticket.opend'; near: ticket.opened, ")


def test_a_topic_that_is_near_to_none_is_told_where_all_are() -> None:
    with pytest.raises(EventUnknown) as refused:
        events("show", "xyz")

    assert str(refused.value).endswith("; `psa events list` names all.")


def test_an_unknown_kind_of_record_is_told_the_near_ones() -> None:
    with pytest.raises(RecordUnknown) as refused:
        events("list", "--aggregate", "tickets")

    assert str(refused.value) == "There are no events of a record 'tickets'; near: ticket."


def test_what_has_not_changed_is_not_refused(before: Path) -> None:
    told = events("lint", "--golden", str(FOLDER), "--against", str(before))

    assert (told.exit_code, told.stdout) == (0, "")
    assert "findings: 0." in told.stderr


def test_a_field_that_is_gone_is_refused_in_one_line(before: Path) -> None:
    changed(before, "ticket.closed", "mood")

    told = events("lint", "--against", str(before))

    assert told.exit_code == 1
    assert told.stdout == (
        "ticket.closed, `mood`, is gone: keep it, or raise `class_version` to 2 and take it away "
        "in `upcast_v1_v2`.\n"
    )


def test_findings_come_as_json_too(before: Path) -> None:
    changed(before, "group.renamed", "name", presence="kept")

    told = events("lint", "--against", str(before), "--json")

    assert told.exit_code == 1
    (finding,) = json.loads(told.stdout)
    assert (finding["topic"], finding["field"]) == ("group.renamed", "name")
    assert finding["problem"] == "was kept and is required"


def test_a_stored_payload_that_is_broken_is_refused(tmp_path: Path) -> None:
    (tmp_path / "group.renamed.v1.json").write_text('{"timestamp":"2026-01-05T09:00:00Z"}')

    told = events("lint", "--golden", str(tmp_path))

    assert told.exit_code == 1
    assert told.stdout.startswith("group.renamed does not read group.renamed.v1.json (Object ")


def test_a_folder_without_payloads_proves_nothing(tmp_path: Path) -> None:
    with pytest.raises(PayloadsMissing):
        events("lint", "--golden", str(tmp_path))


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"release": "1", "events": [{}]}'])
def test_a_file_that_is_no_catalogue_is_told_how_one_is_made(tmp_path: Path, text: str) -> None:
    file = tmp_path / "before.json"
    file.write_text(text)

    with pytest.raises(CatalogueInvalid, match=r"`psa events list --json` writes one\.$"):
        events("lint", "--against", str(file))


@pytest.mark.parametrize(
    "arguments",
    [
        ["lint"],
        ["lint", "--golden", "/nowhere"],
        ["lint", "--against", "/nowhere"],
        ["list", "--markdown", "--json"],
        ["list", "--markdown", "--aggregate", "ticket"],
    ],
    ids=" ".join,
)
def test_an_argument_that_can_not_be_is_told_with_exit_code_2(arguments: list[str]) -> None:
    told = events(*arguments)

    assert told.exit_code == 2
    assert "Traceback" not in told.stderr
