"""What was once stored is read and written as ever; whoever changes that hears how to go on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from domain.base import Event
from eventstore import mapper
from eventstore.contract.lint import lint_payloads
from tests.eventstore.contract.given import TOPIC, described, event_class

TIME = {"timestamp": "2026-01-05T09:00:00Z"}
PAGES = {"pages": 1, **TIME}
SHEETS = {"sheets": 1, **TIME}

Linted = Callable[..., list[str]]


@pytest.fixture
def linted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Linted:
    """Return what is said of one stored payload."""

    def lint(now: type[Event], payload: dict[str, Any], *, version: int = 1) -> list[str]:
        monkeypatch.setattr(mapper, "_EVENTS", {TOPIC: now})
        (tmp_path / f"{TOPIC}.v{version}.json").write_bytes(msgspec.json.encode(payload))
        return [str(finding) for finding in lint_payloads(tmp_path, {TOPIC: described(now)})]

    return lint


def renamed(old: dict[str, Any]) -> None:
    old["pages"] = old.pop("sheets")


def test_a_payload_that_lacks_a_field_with_a_default_is_allowed(linted: Linted) -> None:
    now = event_class({"pages": int, "mood": (str | None, None)})

    assert linted(now, PAGES) == []


def test_a_payload_that_is_raised_to_the_new_version_is_allowed(linted: Linted) -> None:
    now = event_class({"pages": int}, class_version=2, upcast_v1_v2=staticmethod(renamed))

    assert linted(now, SHEETS) == []


def test_a_payload_that_is_raised_to_something_else_is_refused(linted: Linted) -> None:
    now = event_class({"pages": int}, class_version=2, upcast_v1_v2=staticmethod(dict.copy))

    (line,) = linted(now, SHEETS)

    assert line == (
        f"{TOPIC} does not read {TOPIC}.v1.json (Object contains unknown field `sheets`): "
        "mend the upcasts from version 1 on."
    )


def test_a_payload_that_lacks_a_required_field_is_refused(linted: Linted) -> None:
    now = event_class({"pages": int, "mood": str})

    (line,) = linted(now, PAGES)

    assert line == (
        f"{TOPIC} does not read {TOPIC}.v1.json (Object missing required field `mood`): keep all "
        "fields, give new ones a default, or raise `class_version` to 2 and make it fit in "
        "`upcast_v1_v2`."
    )


def test_a_payload_that_is_written_differently_is_refused(linted: Linted) -> None:
    now = event_class({"pages": float})

    (line,) = linted(now, PAGES)

    assert line == (
        f"{TOPIC}, `pages`, is written differently from {TOPIC}.v1.json: write it as ever, or "
        "raise `class_version` to 2 and convert it in `upcast_v1_v2`."
    )


def test_a_payload_of_a_later_version_is_refused(linted: Linted) -> None:
    now = event_class({"pages": int})

    (line,) = linted(now, PAGES, version=2)

    assert line == (
        f"{TOPIC} does not read {TOPIC}.v2.json (this program knows no later version than v1): "
        "a version is never taken back; raise `class_version` instead."
    )


def test_a_payload_keeps_its_class(tmp_path: Path) -> None:
    (tmp_path / f"{TOPIC}.v1.json").write_bytes(b"{}")

    (found,) = lint_payloads(tmp_path, {})

    assert str(found) == (
        f"{TOPIC} has a stored payload ({TOPIC}.v1.json) and no class: bring its class back."
    )


def test_a_file_that_is_no_payload_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes(b"")

    (found,) = lint_payloads(tmp_path, {})

    assert str(found) == (
        "notes.txt is not named `<topic>.v<version>.json`: rename it, or take it out of the folder."
    )
