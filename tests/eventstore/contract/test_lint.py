"""What a change of an event may do to those who read it, and what it may not."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

import msgspec
import pytest

from domain.base import Change, Created, Event
from domain.checks import KEPT, Kept
from domain.rules import Line
from eventstore import mapper
from eventstore.contract.lint import compare
from eventstore.contract.payloads import check
from eventstore.mapper import PayloadInvalid
from tests.eventstore.contract.given import TOPIC, described, event_class

Fields = dict[str, Any]


class Mood(StrEnum):
    GLAD = "glad"
    GLUM = "glum"


class MoreMoods(StrEnum):
    GLAD = "glad"
    GLUM = "glum"
    GRAVE = "grave"


class FewerMoods(StrEnum):
    GLAD = "glad"


@dataclass(frozen=True)
class Page:
    title: str
    lines: int


@dataclass(frozen=True)
class ShorterPage:
    title: str


@dataclass(frozen=True)
class LongerPage:
    title: str
    lines: int
    size: str = "A4"


@dataclass(frozen=True)
class OtherPage:
    title: int
    lines: int


ALLOWED: dict[str, tuple[Fields, Fields]] = {
    "nothing": ({"text": str}, {"text": str}),
    "a new field with a default": ({"text": str}, {"text": str, "mood": (str | None, None)}),
    "a new field that may be kept": ({"text": str}, {"text": str, "mood": (str | Kept, KEPT)}),
    "a default for a field that had none": ({"text": str}, {"text": (str, "")}),
    "another order": ({"text": str, "pages": int}, {"pages": int, "text": str}),
    "a new word": ({"mood": Mood}, {"mood": MoreMoods}),
    "a narrower limit": ({"text": Annotated[str, Line(200)]}, {"text": Annotated[str, Line(9)]}),
    "a first limit": ({"text": str}, {"text": Annotated[str, Line(9)]}),
    "another name of a value's class": ({"page": Page}, {"page": type("Sheet", (Page,), {})}),
}

RAISE = "raise `class_version` to 2 and {} in `upcast_v1_v2`."
CONVERT = "leave it, add another field, or " + RAISE.format("convert it")
FILL = RAISE.format("fill in what is missing")
REFUSED: dict[str, tuple[Fields, Fields, str]] = {
    "a field less": (
        {"text": str, "pages": int},
        {"text": str},
        "`pages`, is gone: keep it, or " + RAISE.format("take it away"),
    ),
    "a new field without a default": (
        {"text": str},
        {"text": str, "pages": int},
        "`pages`, is new, and no older payload has it: give it a default, or "
        + RAISE.format("set it"),
    ),
    "another type": (
        {"pages": int},
        {"pages": str},
        f"`pages`, was whole number and is text: {CONVERT}",
    ),
    "a wider number": (
        {"pages": int},
        {"pages": float},
        f"`pages`, was whole number and is number: {CONVERT}",
    ),
    "another choice of types": (
        {"pages": int | str},
        {"pages": int | bool},
        f"`pages`, was whole number or text and is whole number or true or false: {CONVERT}",
    ),
    "null no more": (
        {"mood": str | None},
        {"mood": str},
        f"`mood`, could be null and can not any more: {CONVERT}",
    ),
    "null for the first time": (
        {"mood": str},
        {"mood": str | None},
        f"`mood`, was never null and can be now: {CONVERT}",
    ),
    "a word less": (
        {"mood": Mood},
        {"mood": FewerMoods},
        f"`mood`, does not know the word `glum` any more: {CONVERT}",
    ),
    "a word less in a list": (
        {"moods": tuple[Mood, ...]},
        {"moods": tuple[FewerMoods, ...]},
        f"`moods[]`, does not know the word `glum` any more: {CONVERT}",
    ),
    "another type by name": (
        {"moods": dict[str, str]},
        {"moods": dict[str, int]},
        f"`moods{{}}`, was text and is whole number: {CONVERT}",
    ),
    "a field less in a value": (
        {"page": Page},
        {"page": ShorterPage},
        f"`page.lines`, is gone: {CONVERT}",
    ),
    "a field more in a value, default or not": (
        {"page": Page},
        {"page": LongerPage},
        f"`page.size`, is new in a value that is stored whole: {CONVERT}",
    ),
    "another type in a value, also if it may be null": (
        {"page": Page | None},
        {"page": OtherPage | None},
        f"`page.title`, was text and is whole number: {CONVERT}",
    ),
    "a kept field that is required": (
        {"mood": (str | Kept, KEPT)},
        {"mood": str},
        f"`mood`, was kept and is required: leave it kept, or {FILL}",
    ),
    "an optional field that is required": (
        {"mood": (str, "")},
        {"mood": str},
        f"`mood`, was optional and is required: leave it optional, or {FILL}",
    ),
    "a required field that is kept": (
        {"mood": str},
        {"mood": (str | Kept, KEPT)},
        f"`mood`, was required and is kept: leave it required, or {FILL}",
    ),
    "a kept field that has a default": (
        {"mood": (str | Kept, KEPT)},
        {"mood": (str, "")},
        f"`mood`, was kept and is optional: leave it kept, or {FILL}",
    ),
    "another default": (
        {"mood": (str, "glad")},
        {"mood": (str, "glum")},
        '`mood`, was "glad" where it is missing and is "glum": leave the default, or '
        + RAISE.format("fill in the old one"),
    ),
}

UNREAD: dict[str, Any] = {
    "a field less": {"text": "Milk", "pages": 1},
    "a new field without a default": {"text": "Milk"},
    "another type": {"pages": 1},
    "another choice of types": {"pages": "one"},
    "null no more": {"mood": None},
    "a word less": {"mood": "glum"},
    "a word less in a list": {"moods": ["glum"]},
    "another type by name": {"moods": {"Mia": "glad"}},
    "a field less in a value": {"page": {"title": "Milk", "lines": 1}},
    "a field more in a value, default or not": {"page": {"title": "Milk", "lines": 1}},
    "another type in a value, also if it may be null": {"page": {"title": "Milk", "lines": 1}},
    "a kept field that is required": {},
    "an optional field that is required": {},
}
"""What the log may hold and could not be read any more; the others would mislead its readers."""


def findings(before: type[Event], now: type[Event]) -> list[str]:
    return [str(finding) for finding in compare([described(before)], [described(now)])]


def read(now: type[Event], payload: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Read a payload and write it again; raises where that is not as ever."""
    monkeypatch.setattr(mapper, "_EVENTS", {TOPIC: now})
    check(TOPIC, 1, msgspec.json.encode({"timestamp": "2026-01-05T09:00:00Z", **payload}))


@pytest.mark.parametrize("change", ALLOWED)
def test_a_change_that_breaks_nobody_is_allowed(
    change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, now = map(event_class, ALLOWED[change])

    found = findings(before, now)

    assert found == []
    read(now, described(before).example, monkeypatch)


@pytest.mark.parametrize("change", REFUSED)
def test_a_change_that_breaks_somebody_is_refused_in_one_line_with_the_way_out(
    change: str,
) -> None:
    *fields, line = REFUSED[change]
    before, now = map(event_class, fields)

    found = findings(before, now)

    assert found == [f"{TOPIC}, {line}"]


@pytest.mark.parametrize("change", UNREAD)
def test_what_is_refused_would_leave_events_unread(
    change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, now = map(event_class, REFUSED[change][:2])

    read(before, UNREAD[change], monkeypatch)

    with pytest.raises(PayloadInvalid):
        read(now, UNREAD[change], monkeypatch)


def test_a_new_event_is_allowed() -> None:
    found = list(compare([], [described(event_class({"text": str}))]))

    assert found == []


def test_an_event_that_is_gone_is_refused() -> None:
    found = list(compare([described(event_class({"text": str}))], []))

    (line,) = map(str, found)
    assert line.startswith(f"{TOPIC} is gone, and the log may hold such events: bring its class")


def test_a_new_version_with_its_upcast_may_change_everything() -> None:
    before = event_class({"text": str})

    now = event_class({"pages": int}, class_version=2, upcast_v1_v2=staticmethod(dict.clear))

    assert findings(before, now) == []


def test_a_new_version_without_its_upcast_is_refused() -> None:
    before = event_class({"text": str})

    now = event_class({"pages": int}, class_version=2)

    assert findings(before, now) == [
        f"{TOPIC} is not read any more as of version 1: write `upcast_v1_v2` beside the event."
    ]


def test_an_upcast_that_is_gone_is_refused() -> None:
    step = staticmethod(dict.clear)
    before = event_class({}, class_version=3, upcast_v1_v2=step, upcast_v2_v3=step)

    now = event_class({}, class_version=3, upcast_v2_v3=step)

    assert findings(before, now) == [
        f"{TOPIC} is not read any more as of version 1: write `upcast_v1_v2` beside the event."
    ]


def test_a_version_that_is_taken_back_is_refused() -> None:
    before = event_class({}, class_version=2, upcast_v1_v2=staticmethod(dict.clear))

    now = event_class({})

    (line,) = findings(before, now)
    assert line.startswith(f"{TOPIC} had version 2 and has 1: a version is never taken back; ")


@pytest.mark.parametrize(
    ("bases", "was"),
    [
        ((Created, Change), "began its record"),
        ((Change, Created), "did not begin its record"),
    ],
    ids=["no more", "now"],
)
def test_an_event_that_begins_a_record_stays_one(bases: tuple[type[Event], ...], was: str) -> None:
    before, now = (event_class({"text": str}, bases=(base,)) for base in bases)

    found = findings(before, now)

    assert found == [f"{TOPIC} {was}, which is different now: give what is new a topic of its own."]
