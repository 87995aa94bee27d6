"""Rules that reach into values: every refusal names the field and its place."""

import re
from dataclasses import dataclass
from typing import Annotated, Any

import pytest

from domain.base import Created
from domain.checks import checked
from domain.errors import Invalid
from domain.nested import Each, EntryRepeated, TooManyEntries, by_fields
from domain.rules import EmailInvalid, Line, Text, TextMissing, TextTooLong, require_email


@dataclass(frozen=True)
class Guest:
    """A value whose fields have rules."""

    name: Annotated[str, Line(5)]
    email: Annotated[str | None, require_email] = None
    rank: int = 1


@dataclass(frozen=True)
class Table:
    """A value that holds another one, and several."""

    label: Annotated[str, Text(5)]
    host: Annotated[Guest, by_fields]
    guests: Annotated[tuple[Guest, ...], Each(2, once="email")] = ()


class Laid(Created):
    """The table was laid."""

    TOPIC = "table.laid"
    table: Annotated[Table, by_fields]


def laid(**changes: Any) -> Any:
    """Return the table as the event keeps it."""
    return checked(Laid, {"table": Table(**{"label": "", "host": Guest("Ada"), **changes})})[
        "table"
    ]


def test_a_value_is_kept_as_the_rules_beside_its_fields_leave_it() -> None:
    kept = laid(label=" one ", host=Guest(" Ada ", "ADA@acme.example", rank=7))

    assert kept == Table("one", Guest("Ada", "ada@acme.example", 7))


def test_a_list_is_kept_in_its_order_each_value_by_its_rules() -> None:
    kept = laid(guests=[Guest(" Bo"), Guest("Al ", " AL@acme.example")])

    assert kept.guests == (Guest("Bo"), Guest("Al", "al@acme.example"))


@pytest.mark.parametrize(
    ("changes", "refusal", "place"),
    [
        ({"label": "too long"}, TextTooLong, "table.label"),
        ({"host": Guest(" ")}, TextMissing, "table.host.name"),
        ({"guests": [Guest("Ada"), Guest("")]}, TextMissing, "table.guests[1].name"),
        ({"guests": [Guest("Ada", "ada")]}, EmailInvalid, "table.guests[0].email"),
        ({"guests": [Guest("Ada")] * 3}, TooManyEntries, "table.guests"),
        ({"guests": [Guest("")] * 3}, TooManyEntries, "table.guests"),
        (
            {"guests": [Guest("A", "a@b.de"), Guest("B", "A@B.de")]},
            EntryRepeated,
            "table.guests[1].email",
        ),
    ],
)
def test_a_refusal_names_the_field_and_its_place(
    changes: dict[str, Any], refusal: type[Invalid], place: str
) -> None:
    with pytest.raises(refusal, match=re.escape(f"`{place}`")):
        laid(**changes)


def test_what_is_empty_may_stand_there_twice() -> None:
    guests = (Guest("Ada"), Guest("Bo"))

    assert laid(guests=guests).guests == guests
