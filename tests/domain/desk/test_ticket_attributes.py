"""What a ticket says of itself, and how urgent it is."""

import pytest

from domain.desk.priorities import Level, Priority
from domain.desk.tickets import Ticket
from domain.errors import Invalid
from domain.tags import TooManyTags
from domain.values import Requester
from tests.domain.desk.tickets import Call
from tests.given import (
    T1,
    Fact,
    categorized,
    described,
    given,
    opened,
    prioritized,
    recorded,
    requester_changed,
    retitled,
    tagged,
)

# Described


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        (lambda t: t.change(Ticket.Retitled, T1, title=" All printers jam "), retitled),
        (lambda t: t.change(Ticket.Described, T1, description="It is on fire. "), described),
        (lambda t: t.change(Ticket.Categorized, T1, category=" fire"), categorized),
        (lambda t: t.change(Ticket.Tagged, T1, tags=("Printer", "fire", "FIRE ")), tagged),
        (
            lambda t: t.change(
                Ticket.RequesterChanged, T1, requester=Requester("Bo Li ", "Bo@acme.example", "112")
            ),
            requester_changed,
        ),
    ],
    ids=["title", "description", "category", "tags", "requester"],
)
def test_what_a_ticket_says_of_itself_changes(change: Call, fact: Fact) -> None:
    ticket = given(Ticket, opened)

    change(ticket)

    assert recorded(ticket) == [fact(timestamp=T1)]
    assert all(getattr(ticket, name) == value for name, value in fact.values.items())


@pytest.mark.parametrize(
    "repeat",
    [
        lambda t: t.change(Ticket.Retitled, T1, title="The printer on floor 3 jams "),
        lambda t: t.change(
            Ticket.Described, T1, description=" Since this morning; it also smells."
        ),
        lambda t: t.change(Ticket.Categorized, T1, category="hardware "),
        lambda t: t.change(Ticket.Tagged, T1, tags=("PRINTER", " floor-3")),
        lambda t: t.change(
            Ticket.RequesterChanged,
            T1,
            requester=Requester("Ada Zürn ", " Ada@acme.example", "+49 30 901820"),
        ),
        lambda t: t.prioritize(impact=Level.MEDIUM, urgency=Level.MEDIUM, at=T1),
    ],
    ids=["title", "description", "category", "tags", "requester", "priority"],
)
def test_saying_the_same_of_a_ticket_again_is_ignored(repeat: Call) -> None:
    ticket = given(Ticket, opened)

    repeat(ticket)

    assert recorded(ticket) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.change(Ticket.Retitled, T1, title="\n"),
        lambda t: t.change(Ticket.Retitled, T1, title="x" * 201),
        lambda t: t.change(Ticket.Described, T1, description="x" * 50_001),
        lambda t: t.change(Ticket.Categorized, T1, category="x" * 101),
        lambda t: t.change(Ticket.Tagged, T1, tags=("ok", " ")),
        lambda t: t.change(Ticket.Tagged, T1, tags=("x" * 51,)),
        lambda t: t.change(Ticket.RequesterChanged, T1, requester=Requester(email="bo")),
    ],
    ids=["no title", "title", "description", "category", "no tag", "tag", "requester"],
)
def test_an_impossible_value_changes_nothing(change: Call) -> None:
    ticket = given(Ticket, opened)

    with pytest.raises(Invalid):
        change(ticket)

    assert recorded(ticket) == []


def test_a_ticket_may_lose_its_description_category_tags_and_requester() -> None:
    ticket = given(Ticket, opened)

    ticket.change(Ticket.Described, T1, description="")
    ticket.change(Ticket.Categorized, T1, category="")
    ticket.change(Ticket.Tagged, T1, tags=())
    ticket.change(Ticket.RequesterChanged, T1, requester=Requester())

    assert recorded(ticket) == [
        described(description="", timestamp=T1),
        categorized(category="", timestamp=T1),
        tagged(tags=(), timestamp=T1),
        requester_changed(requester=Requester(), timestamp=T1),
    ]


def test_a_ticket_has_up_to_20_tags() -> None:
    ticket = given(Ticket, opened)

    ticket.change(Ticket.Tagged, T1, tags=tuple([f"tag-{n:02}" for n in range(20)] + ["TAG-00"]))

    assert len(ticket.tags) == 20


def test_a_ticket_has_no_more_than_20_tags() -> None:
    ticket = given(Ticket, opened)

    with pytest.raises(TooManyTags):
        ticket.change(Ticket.Tagged, T1, tags=tuple([f"tag-{n}" for n in range(21)]))

    assert recorded(ticket) == []


def test_a_blank_email_address_of_the_requester_is_none() -> None:
    ticket = given(Ticket, opened)

    ticket.change(Ticket.RequesterChanged, T1, requester=Requester("Bo", " ", ""))

    assert ticket.requester == Requester("Bo")


# Prioritized


def test_a_ticket_is_weighed_anew() -> None:
    ticket = given(Ticket, opened)

    ticket.prioritize(impact=Level.HIGH, urgency=Level.HIGH, at=T1)

    assert recorded(ticket) == [prioritized(timestamp=T1)]
    assert (ticket.impact, ticket.urgency) == (Level.HIGH, Level.HIGH)
    assert ticket.priority is Priority.CRITICAL


def test_a_priority_can_be_overridden() -> None:
    ticket = given(Ticket, opened)

    ticket.prioritize(impact=Level.LOW, urgency=Level.LOW, override=Priority.CRITICAL, at=T1)

    assert (ticket.priority, ticket.overridden) == (Priority.CRITICAL, True)


def test_an_override_ends_when_the_ticket_is_weighed_without_one() -> None:
    ticket = given(Ticket, opened(priority=Priority.CRITICAL, overridden=True))

    ticket.prioritize(impact=Level.MEDIUM, urgency=Level.MEDIUM, at=T1)

    assert (ticket.priority, ticket.overridden) == (Priority.MEDIUM, False)


def test_an_override_that_says_what_the_matrix_says_is_an_override() -> None:
    ticket = given(Ticket, opened)

    ticket.prioritize(impact=Level.MEDIUM, urgency=Level.MEDIUM, override=Priority.MEDIUM, at=T1)

    assert ticket.overridden
