"""What is kept for another system."""

import pytest

from domain.desk.tickets import Ticket
from domain.desk.tickets.elsewhere import TooManyAttributes
from domain.errors import Invalid
from domain.rules import TextMissing, TextTooLong
from tests.given import T1, Fact, external_update_recorded, given, opened, recorded


def test_what_the_other_system_says_is_kept() -> None:
    ticket = given(Ticket, opened)

    ticket.record_external_update({"made_sla": "true", "sys_mod_count": "7"}, at=T1)

    assert recorded(ticket) == [external_update_recorded(timestamp=T1)]
    assert ticket.external_attributes == {"made_sla": "true", "sys_mod_count": "7"}


def test_only_changed_attributes_are_named() -> None:
    ticket = given(Ticket, opened, external_update_recorded)

    ticket.record_external_update({"made_sla": "true", "sys_mod_count": "8"}, at=T1)

    assert recorded(ticket) == [
        external_update_recorded(attributes={"sys_mod_count": "8"}, timestamp=T1)
    ]
    assert ticket.external_attributes == {"made_sla": "true", "sys_mod_count": "8"}


def test_an_attribute_may_become_empty() -> None:
    ticket = given(Ticket, opened, external_update_recorded)

    ticket.record_external_update({"made_sla": ""}, at=T1)

    assert ticket.external_attributes == {"made_sla": "", "sys_mod_count": "7"}


@pytest.mark.parametrize("attributes", [{}, {"made_sla": "true"}, {"unheard_of": ""}])
def test_a_touch_that_changes_nothing_leaves_a_trace(attributes: dict[str, str]) -> None:
    ticket = given(Ticket, opened, external_update_recorded)

    ticket.record_external_update(attributes, at=T1)

    assert recorded(ticket) == [external_update_recorded(attributes={}, timestamp=T1)]
    assert ticket.external_attributes == {"made_sla": "true", "sys_mod_count": "7"}


@pytest.mark.parametrize(
    ("attributes", "error", "name"),
    [
        ({"": "x"}, TextMissing, "attributes"),
        ({" ": ""}, TextMissing, "attributes"),
        ({"x" * 101: "x"}, TextTooLong, "attributes"),
        ({"x" + " " * 100: "x"}, TextTooLong, "attributes"),
        ({"ok": "x", "notes": "x" * 2001}, TextTooLong, "attributes.notes"),
        ({"notes": " " * 2001}, TextTooLong, "attributes.notes"),
    ],
)
def test_an_external_attribute_has_a_name_and_an_end(
    attributes: dict[str, str], error: type[Invalid], name: str
) -> None:
    ticket = given(Ticket, opened)

    with pytest.raises(error) as refusal:
        ticket.record_external_update(attributes, at=T1)

    assert refusal.value.facts["name"] == name
    assert recorded(ticket) == []


def test_an_external_attribute_is_kept_to_the_letter() -> None:
    ticket = given(Ticket, opened)
    attributes = {"x" * 100: " " + "x" * 1998 + " "}

    ticket.record_external_update(attributes, at=T1)

    assert ticket.external_attributes == attributes


def test_a_ticket_keeps_up_to_100_external_attributes() -> None:
    ticket = given(Ticket, opened, external_update_recorded)

    ticket.record_external_update({f"a{n}": "x" for n in range(98)}, at=T1)

    assert len(ticket.external_attributes) == 100


@pytest.mark.parametrize("history", [(opened,), (opened, external_update_recorded)])
def test_a_ticket_keeps_no_more_than_100_external_attributes(history: tuple[Fact, ...]) -> None:
    ticket = given(Ticket, *history)
    known = len(ticket.external_attributes)

    with pytest.raises(TooManyAttributes):
        ticket.record_external_update({f"a{n}": "x" for n in range(101 - known)}, at=T1)

    assert recorded(ticket) == []


def test_a_recorded_update_does_not_change_with_the_callers_dictionary() -> None:
    ticket = given(Ticket, opened)
    attributes = {"made_sla": "true", "sys_mod_count": "7"}

    ticket.record_external_update(attributes, at=T1)
    attributes["made_sla"] = "false"

    assert recorded(ticket) == [external_update_recorded(timestamp=T1)]
