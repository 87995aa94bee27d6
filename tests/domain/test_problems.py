"""Refusals as the outside reads them (RFC 9457)."""

import pytest

from domain.desk.tickets.state import TicketDeleted
from domain.desk.tickets.work import AssignmentMissing
from domain.errors import Refused
from domain.problems import FieldProblem, problem, problem_of
from domain.rules import EmailInvalid, TextMissing, TextTooLong


def test_a_problem_has_a_stable_name_a_title_and_the_sentence_of_the_refusal() -> None:
    refusal = TicketDeleted(id=4711)

    found = problem_of(refusal, 409)

    assert found == problem("TicketDeleted", 409, "The ticket 4711 is deleted; restore it first.")
    assert (found.type, found.title) == ("urn:psa:problem:TicketDeleted", "Ticket deleted")


def test_a_refusal_of_the_whole_request_names_no_field() -> None:
    assert problem_of(TicketDeleted(id=4711), 409).errors == ()


@pytest.mark.parametrize(
    "refusal",
    [
        TextMissing(name="title"),
        TextTooLong(name="title", length=201, limit=200),
        EmailInvalid(name="title", value="x"),
    ],
    ids=lambda refusal: refusal.code,
)
def test_an_invalid_text_names_the_field_that_has_to_change(refusal: Refused) -> None:
    assert problem_of(refusal, 422).errors == (FieldProblem("title", str(refusal)),)


def test_a_refusal_that_concerns_one_field_names_it() -> None:
    assert [error.field for error in problem_of(AssignmentMissing(), 422).errors] == ["group_id"]
