"""Parameters that are sent in odd ways, one by one."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest

from readapi.asof import AsOf
from readapi.desk.ticket_list import TicketList
from readapi.finds import Find
from readapi.parameters import ParametersInvalid, read


def refused(**given: list[str]) -> dict[str, str]:
    """Return what is said about each parameter of a list of tickets."""
    with pytest.raises(ParametersInvalid) as caught:
        read(TicketList, given)
    return {error.field: error.message for error in caught.value.errors}


BERLIN = timezone(timedelta(hours=1))


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-31T09:00:00Z", datetime(2026, 1, 31, 9, tzinfo=UTC)),
        ("2026-01-31t09:00:00z", datetime(2026, 1, 31, 9, tzinfo=UTC)),
        ("2026-01-31 09:00:00Z", datetime(2026, 1, 31, 9, tzinfo=UTC)),
        ("2026-01-31T09:00", datetime(2026, 1, 31, 9, tzinfo=UTC)),
        ("2026-01-31T09:00:00+01:00", datetime(2026, 1, 31, 9, tzinfo=BERLIN)),
        ("2026-01-31T09:00:00 01:00", datetime(2026, 1, 31, 9, tzinfo=BERLIN)),
        ("2026-01-31T09:00:00+0100", datetime(2026, 1, 31, 9, tzinfo=BERLIN)),
        ("2026-01-31T09:00:00.5Z", datetime(2026, 1, 31, 9, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-01-31T09:00:00.123456789Z", datetime(2026, 1, 31, 9, 0, 0, 123_456, tzinfo=UTC)),
        ("2026-01-31T08:59:60Z", datetime(2026, 1, 31, 8, 59, 59, tzinfo=UTC)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_in_every_usual_way(text: str, instant: datetime) -> None:
    assert read(TicketList, {"created_from": [text]}).created_from == instant


def test_the_end_of_a_span_takes_in_its_last_day() -> None:
    last = datetime.combine(date(2026, 1, 31), time.max, UTC)

    assert read(TicketList, {"created_to": ["2026-01-31"]}).created_to == last
    assert read(AsOf, {"as_of": ["2026-01-31"]}).as_of == last


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "null",
        "0",
        "1767600000",
        "2026-02-30",
        "2026-13-01T00:00:00Z",
        "2026-01-31T25:00:00Z",
        "2026-01-31T09:00:00+99:00",
        "0000-01-01",
        "10000-01-01",
        "2026-01-31T09:00:00Z\0",
        "\u0662\u0660\u0662\u0666-01-31",
        "2026-W05-6",
    ],
)
def test_what_is_no_instant_is_refused_by_name(text: str) -> None:
    assert list(refused(created_from=[text])) == ["created_from"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("page", "0"),
        ("page", "-1"),
        ("page", "1.5"),
        ("page", "two"),
        ("page", ""),
        ("page", "9" * 5_000),
        ("page", "null"),
        ("limit", "0"),
        ("limit", "101"),
        ("customer_id", "acme"),
        ("customer_id", ""),
        ("customer_id", "null"),
        ("assigned_to", "None"),
        ("group_id", "1"),
        ("status", "open"),
        ("status", ""),
        ("status", "new,"),
        ("priority", "HIGH"),
        ("source", "fax"),
        ("category", "a\0b"),
        ("category", "x" * 201),
        ("tag", "\0"),
        ("external", "\0"),
        ("search", ""),
        ("search", "\0"),
        ("deleted", "yes"),
        ("sort", "title"),
        ("sort", "id; drop table rm.tickets"),
        ("order", "up"),
        ("cursor", "x" * 1_001),
    ],
)
def test_a_value_that_can_not_be_meant_is_refused_by_name(name: str, text: str) -> None:
    assert list(refused(**{name: [text]})) == [name]


def test_a_name_that_nothing_has_is_refused_with_the_ones_there_are() -> None:
    (message,) = refused(colour=["red"]).values()

    assert "status" in message


def test_everything_that_is_wrong_is_named_at_once() -> None:
    assert set(refused(page=["0"], sort=["x"], colour=["red"])) == {"page", "sort", "colour"}


def test_a_choice_that_is_none_is_told_the_choices() -> None:
    (message,) = refused(status=["open"]).values()

    assert message == (
        "Invalid enum value 'open'; expected one of: new, assigned, in_progress, "
        "waiting_customer, waiting_third_party, resolved, closed."
    )


@pytest.mark.parametrize("name", ["page", "customer_id", "sort", "created_from"])
def test_a_parameter_with_one_value_is_sent_once(name: str) -> None:
    value = {"page": "1", "sort": "status", "created_from": "2026-01-01"}.get(name, "0" * 32)

    assert refused(**{name: [value, value]}) == {name: "Send it once."}


def test_a_required_parameter_is_missed_by_name() -> None:
    with pytest.raises(ParametersInvalid) as caught:
        read(Find, {})

    assert [error.field for error in caught.value.errors] == ["q"]
