"""Words on a ticket, and which of them is the first response."""

import pytest

from domain.desk.tickets import Ticket
from domain.errors import Invalid
from domain.rules import TextMissing, TextTooLong
from tests.domain.desk.tickets import SETTLED_TICKETS
from tests.given import (
    COMMENT,
    T0,
    T1,
    T2,
    Fact,
    commented,
    given,
    opened,
    recorded,
    reopened,
    resolved,
)


def test_somebody_writes_on_a_ticket() -> None:
    ticket = given(Ticket, opened)

    ticket.comment(
        COMMENT,
        " Have you tried turning it off? ",
        author="Tess Technician",
        public=True,
        by_staff=True,
        at=T1,
    )

    assert recorded(ticket) == [commented(timestamp=T1)]


def test_the_first_public_word_of_staff_is_the_first_response() -> None:
    ticket = given(Ticket, opened)

    ticket.comment(COMMENT, "Hello", author="Tess", public=True, by_staff=True, at=T1)

    assert ticket.first_response_at == T1


@pytest.mark.parametrize(("public", "by_staff"), [(False, True), (True, False), (False, False)])
def test_an_internal_note_or_a_word_of_the_customer_is_no_first_response(
    *, public: bool, by_staff: bool
) -> None:
    ticket = given(Ticket, opened)

    ticket.comment(COMMENT, "Hello", author="Ada", public=public, by_staff=by_staff, at=T1)

    assert recorded(ticket) == [
        commented(author="Ada", body="Hello", public=public, first_response=False, timestamp=T1)
    ]
    assert ticket.first_response_at is None


def test_there_is_only_one_first_response() -> None:
    ticket = given(Ticket, opened, commented(timestamp=T1))

    ticket.comment(COMMENT, "Hello again", author="Tess", public=True, by_staff=True, at=T2)

    assert recorded(ticket) == [
        commented(author="Tess", body="Hello again", first_response=False, timestamp=T2)
    ]
    assert ticket.first_response_at == T1


def test_the_first_response_outlives_a_reopening() -> None:
    ticket = given(Ticket, opened, commented, resolved, reopened)

    assert ticket.first_response_at == T0


@pytest.mark.parametrize("settled", SETTLED_TICKETS.values(), ids=SETTLED_TICKETS)
def test_a_settled_ticket_can_be_commented(settled: tuple[Fact, ...]) -> None:
    ticket = given(Ticket, *settled)

    ticket.comment(COMMENT, "Thank you!", author="Ada", public=True, by_staff=False, at=T1)

    assert len(recorded(ticket)) == 1


@pytest.mark.parametrize(("body", "error"), [(" ", TextMissing), ("x" * 50_001, TextTooLong)])
def test_a_comment_says_something_of_finite_length(body: str, error: type[Invalid]) -> None:
    ticket = given(Ticket, opened)

    with pytest.raises(error):
        ticket.comment(COMMENT, body, author="Tess", public=True, by_staff=True, at=T1)

    assert recorded(ticket) == []
    assert ticket.first_response_at is None


@pytest.mark.parametrize(
    ("author", "error"), [("", TextMissing), (" ", TextMissing), ("x" * 201, TextTooLong)]
)
def test_a_comment_has_an_author(author: str, error: type[Invalid]) -> None:
    ticket = given(Ticket, opened)

    with pytest.raises(error, match="`author`"):
        ticket.comment(COMMENT, "Hello", author=author, public=True, by_staff=True, at=T1)

    assert recorded(ticket) == []
