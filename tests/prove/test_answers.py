from typing import Any

import pytest

from tests.prove.answers import Answer, compare

PRINTER: dict[str, Any] = {
    "title": "Printer",
    "tags": ["a", "b"],
    "customer": {"id": "1", "name": "Acme"},
    "version": 1,
}


def answer(document: dict[str, Any], *, status: int = 200, kind: str = "tickets") -> Answer:
    return Answer(kind, f"/{kind}/1", {"as_of_position": "7"}, status, document)


def test_equal_answers_are_no_difference() -> None:
    report = compare([answer(PRINTER)], [answer(PRINTER)])

    assert report == {
        "as_of": 1,
        "different": 0,
        "found": {"tickets": 1},
        "not_yet_there": 0,
        "new_fields": [],
    }


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"title": "Scanner"}, "title is 'Scanner', was 'Printer'"),
        ({"title": None}, "title is None, was 'Printer'"),
        ({"version": True}, "version is True, was 1"),
        ({"tags": ["a"]}, "tags is ['a'], was ['a', 'b']"),
        ({"tags": ["a", "c"]}, "tags[1] is 'c', was 'b'"),
        ({"customer": {"id": "1"}}, "customer.name is gone"),
        ({"customer": {"id": "2", "name": "Acme"}}, "customer.id is '2', was '1'"),
    ],
)
def test_a_field_that_says_something_else_is_named(change: dict[str, Any], named: str) -> None:
    report = compare([answer(PRINTER)], [answer(PRINTER | change)])

    assert report["different"] == 1
    assert report["first"] == [f"GET /tickets/1 {{'as_of_position': '7'}}: {named}"]


def test_a_record_that_is_not_found_any_more_is_a_difference() -> None:
    report = compare([answer(PRINTER)], [answer({"type": "TicketNotFound"}, status=404)])

    assert report["first"][0].endswith("status 404, was 200")


def test_a_refusal_may_be_worded_anew_but_stays_the_same_refusal() -> None:
    old = [answer({"type": name, "detail": "No."}, status=404) for name in ("Gone", "Gone")]
    new = [answer({"type": name, "detail": "None."}, status=404) for name in ("Gone", "Lost")]

    report = compare(old, new)

    assert (report["different"], report["not_yet_there"]) == (1, 2)
    assert report["first"][0].endswith("type Lost, was Gone")


def test_a_new_field_is_told_and_is_no_difference() -> None:
    more = PRINTER | {"sla": {"due": None}, "customer": {"id": "1", "name": "Acme", "number": 7}}

    report = compare([answer(PRINTER)], [answer(more)])

    assert report["different"] == 0
    assert report["new_fields"] == ["tickets.customer.number", "tickets.sla", "tickets.sla.due"]


@pytest.mark.parametrize(
    ("kind", "status", "different"),
    [
        ("customers", "former", 0),
        ("customers", "active", 1),
        ("customers", None, 1),
        ("groups", "former", 1),
    ],
)
def test_only_a_value_that_was_renamed_may_bear_another_name(
    kind: str, status: str | None, different: int
) -> None:
    old, new = (answer({"status": name}, kind=kind) for name in ("archived", status))

    report = compare([old], [new])

    assert report["different"] == different
