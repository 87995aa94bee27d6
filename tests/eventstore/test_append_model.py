"""What happened at once is believed only where some order of the commands explains it."""

from collections.abc import Sequence

import pytest

from eventstore.records import Append, Appended
from tests.eventstore.append_model import Answer, Answered, Model, explain
from tests.eventstore.given import OTHER_TICKET, TICKET, command, fact

HEAD = 10
OPENS, RIVAL = command("opens", fact(TICKET, 1)), command("rival", fact(TICKET, 1))
FOLLOWS = command("follows", fact(TICKET, 2))
OTHER = command("other", fact(OTHER_TICKET, 1))
REUSED = command("opens", fact(OTHER_TICKET, 1), request=b"other")


def at(one: Append, position: int, *, repeated: bool = False) -> Answered:
    """The answer that a command of one event is there."""
    return Answered(one, Appended(one.command_id, position, position, repeated))


def refused(one: Append, *, expected: int, actual: int) -> Answered:
    """The answer that its stream is at another version."""
    facts = {"stream_id": one.events[0].stream_id, "expected": expected, "actual": actual}
    return Answered(one, facts)


def unheard(one: Append, answer: Answer = None) -> Answered:
    """What the log knows of a command whose first answer was lost."""
    return Answered(one, answer, unheard=True)


@pytest.mark.parametrize(
    "lanes",
    [
        [[at(OPENS, 11)], [refused(RIVAL, expected=0, actual=1)]],
        [[at(FOLLOWS, 12)], [at(OPENS, 11)]],
        [[refused(FOLLOWS, expected=1, actual=0)], [at(OPENS, 11)]],
        [[at(OPENS, 11)], [at(OPENS, 11, repeated=True)]],
        [[at(OPENS, 11)], [Answered(REUSED, {"command_id": REUSED.command_id})]],
        [[unheard(OPENS, at(OPENS, 11, repeated=True).answer)], [at(OTHER, 12)]],
        [[unheard(RIVAL)], [at(OPENS, 11)]],
    ],
    ids=["rivals", "overtaken", "too early", "twice", "reused", "unheard", "unheard and refused"],
)
def test_what_some_order_explains_is_believed(lanes: Sequence[Sequence[Answered]]) -> None:
    after = explain(Model(HEAD), lanes)

    accepted = [placed.position for placed in after.events()]
    assert accepted == list(range(HEAD + 1, after.head + 1))


@pytest.mark.parametrize(
    "lanes",
    [
        [[at(OPENS, 11)], [at(RIVAL, 12)]],
        [[at(OPENS, 11)], [at(OPENS, 11)]],
        [[at(OPENS, 11)], [at(OTHER, 13)]],
        [[at(OPENS, 11)], [at(OTHER, 11)]],
        [[at(OPENS, 12)]],
        [[at(OPENS, 11, repeated=True)]],
        [[at(OPENS, 11), refused(FOLLOWS, expected=1, actual=0)]],
        [[at(FOLLOWS, 12), at(OPENS, 11)]],
        [[refused(RIVAL, expected=0, actual=1)]],
        [[at(OPENS, 11)], [refused(RIVAL, expected=0, actual=2)]],
        [[at(OPENS, 11)], [Answered(REUSED, {"command_id": OTHER.command_id})]],
        [[unheard(OPENS)]],
    ],
    ids=[
        *("both rivals", "appended twice", "a gap", "one place for two", "a late beginning"),
        *("repeated before it was there", "refused behind what it follows", "out of order"),
        *("refused for nothing", "another version", "another id", "lost for nothing"),
    ],
)
def test_what_no_order_explains_is_not_believed(lanes: Sequence[Sequence[Answered]]) -> None:
    with pytest.raises(AssertionError):
        explain(Model(HEAD), lanes)
