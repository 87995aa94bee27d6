"""A ticket's time never runs backwards."""

import pytest

from domain.base import TimeRunsBackwards
from domain.desk.tickets import Ticket
from tests.domain.desk.tickets import EVERYTHING, Call
from tests.given import T2, given, opened, recorded


@pytest.mark.parametrize(
    "call", [call for name, call in EVERYTHING.items() if name not in {"reopen", "unassign"}]
)
def test_nothing_happens_to_a_ticket_before_what_is_known_of_it(call: Call) -> None:
    ticket = given(Ticket, opened(timestamp=T2))

    with pytest.raises(TimeRunsBackwards):
        call(ticket)

    assert recorded(ticket) == []
