"""What was once written can be read for ever, and no event changes its shape unnoticed."""

import shutil
from enum import StrEnum
from pathlib import Path

import pytest

from domain.actors import Role
from domain.base import AggregateRoot, Created
from domain.customers.people import ContactRole, Salutation
from domain.desk.priorities import Level, Priority
from domain.desk.statuses import Status, WaitingReason
from domain.desk.tickets import Source
from eventstore import mapper
from eventstore.contract.payloads import PayloadChanged, check
from eventstore.mapper import PayloadInvalid
from tests.given import EXAMPLES, ExampleMissing, closed
from tests.golden.payloads import (
    FOLDER,
    edited,
    event_classes,
    example,
    git,
    released,
    write_missing,
)

RELEASED = list(released())

WORDS: dict[type[StrEnum], str] = {
    ContactRole: "main billing technical emergency",
    Level: "high medium low",
    Priority: "critical high medium low",
    Role: "admin technician customer auditor integration",
    Salutation: "none mr ms",
    Source: "portal email phone monitoring api import",
    Status: "new assigned in_progress waiting_customer waiting_third_party resolved closed",
    WaitingReason: "customer vendor problem evidence implementation other",
}
"""Every value that a released event may hold; append-only, like the payloads."""


class Note(AggregateRoot):
    """A test-only aggregate whose event differs from what was once released."""

    TOPIC = "golden_note"

    class Written(Created):
        TOPIC = "golden_note.written"
        text: str
        pages: int
        mood: str | None = None


@pytest.fixture(autouse=True)
def _note_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapper, "_EVENTS", mapper._EVENTS | mapper.events_of(Note))


TIME = b'"timestamp":"2026-01-05T09:00:00Z"'


@pytest.mark.parametrize(
    ("topic", "version", "payload"), RELEASED, ids=[f"{t}.v{v}" for t, v, _ in RELEASED]
)
def test_a_released_payload_is_read_and_written_as_ever(
    topic: str, version: int, payload: bytes
) -> None:
    check(topic, version, payload)


@pytest.mark.parametrize("words", WORDS, ids=lambda words: words.__name__)
def test_a_released_word_is_still_understood(words: type[StrEnum]) -> None:
    assert set(WORDS[words].split()) <= {word.value for word in words}


@pytest.mark.parametrize(
    "earlier",
    [
        pytest.param(b'"text":"Milk","pages":1,"mood":"glum"', id="nothing was changed"),
        pytest.param(b'"text":"Milk","pages":1', id="a field with a default was added"),
        pytest.param(b'"pages":1,"text":"Milk"', id="the fields have another order"),
    ],
)
def test_an_event_class_may_get_fields_with_defaults(earlier: bytes) -> None:
    check("golden_note.written", 1, b"{" + TIME + b"," + earlier + b"}")


@pytest.mark.parametrize(
    "earlier",
    [
        pytest.param(b'"text":"Milk"', id="a field without a default was added"),
        pytest.param(b'"text":"Milk","pages":1,"ink":"blue"', id="a field was removed"),
        pytest.param(b'"body":"Milk","pages":1', id="a field was renamed"),
        pytest.param(b'"text":"Milk","pages":"1"', id="a field has another type"),
        pytest.param(b'"text":"Milk","pages":1.0', id="a value is written differently"),
    ],
)
def test_a_changed_event_class_needs_another_class_version(earlier: bytes) -> None:
    payload = b"{" + TIME + b"," + earlier + b"}"

    with pytest.raises((PayloadInvalid, PayloadChanged)):
        check("golden_note.written", 1, payload)


def test_missing_payloads_are_written(tmp_path: Path) -> None:
    written = write_missing(tmp_path)

    assert len(written) == len(event_classes())
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(written)


def test_a_payload_is_never_overwritten(tmp_path: Path) -> None:
    old = tmp_path / "ticket.closed.v1.json"
    old.write_bytes(b"as it was released")

    written = write_missing(tmp_path)

    assert old.name not in written
    assert old.read_bytes() == b"as it was released"


def test_an_event_without_an_example_is_named() -> None:
    others = [fact for fact in EXAMPLES if fact is not closed]

    with pytest.raises(ExampleMissing, match=r"^ticket\.closed has no example; add a fact to "):
        example(closed.event_class, others)


def test_what_git_holds_of_a_payload_is_not_edited() -> None:
    assert edited(FOLDER) == []


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")
def test_an_edited_payload_is_noticed(tmp_path: Path) -> None:
    names = ["edited.json", "kept.json", "lost.json"]
    for name in names:
        (tmp_path / name).write_bytes(b"as it was released")
    author = ("-c", "user.name=Tess", "-c", "user.email=tess@acme.example")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, *author, "-c", "commit.gpgsign=false", "commit", "--quiet", "-m", "Release")

    (tmp_path / "edited.json").write_bytes(b"as it suits today")
    (tmp_path / "lost.json").unlink()
    (tmp_path / "new.json").write_bytes(b"not released yet")

    assert edited(tmp_path) == ["edited.json", "lost.json"]


def test_outside_of_git_nothing_is_known_to_be_edited(tmp_path: Path) -> None:
    (tmp_path / "ticket.closed.v1.json").write_bytes(b"as it suits today")

    assert edited(tmp_path) == []
