"""Random lives of a ticket: whatever is asked, the record stays whole.

Hypothesis draws the calls from a fixed seed: the same lives in every run.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from domain.base import Event
from domain.desk.priorities import Level, Priority
from domain.desk.statuses import OPEN, Status, WaitingReason
from domain.desk.tickets import Ticket
from domain.errors import Refused
from domain.values import Requester
from eventstore import mapper
from eventstore.records import Recorded
from tests.given import COMMENT, GROUP, NIGHT_SHIFT, OTHER_USER, T0, USER, given, opened, recorded


class Call(NamedTuple):
    """One call of a decision, or one plain change; `later` is when, from the latest event on."""

    name: str
    arguments: dict[str, Any]
    later: timedelta


class More(int):
    """A total of the source system: so much more than ours, or less."""


TEXTS = st.sampled_from(
    ["", " ", "Printer", " Printer ", "printer", "Ürümqi 中 \U0001f525", "a\0b"]
)
ENDLESS = st.sampled_from(["x" * 201, "x" * 2001, "x" * 50_001])
TEXT = st.one_of(TEXTS, TEXTS, TEXTS, ENDLESS)
TOTAL = st.none() | st.integers(-1, 3).map(More)
LATER = st.integers(min_value=-1, max_value=30).map(lambda n: timedelta(minutes=n))

CALLS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "Retitled": {"title": TEXT},
    "Described": {"description": TEXT},
    "Categorized": {"category": TEXT},
    "Tagged": {"tags": st.lists(TEXTS, max_size=3).map(tuple)},
    "RequesterChanged": {
        "requester": st.builds(Requester, TEXTS, st.sampled_from(["", "x", "A@b.example"]), TEXTS)
    },
    "prioritize": {
        "impact": st.sampled_from(Level),
        "urgency": st.sampled_from(Level),
        "override": st.none() | st.sampled_from(Priority),
    },
    "assign": {
        "group_id": st.sampled_from([None, GROUP, NIGHT_SHIFT]),
        "assignee_id": st.sampled_from([None, USER, OTHER_USER]),
        "queued": st.booleans(),
        "reassignment_count": TOTAL,
    },
    "record_assignment": {
        "group_id": st.sampled_from([None, GROUP, NIGHT_SHIFT]),
        "assignee_id": st.sampled_from([None, USER, OTHER_USER]),
        "reassignment_count": TOTAL,
    },
    "unassign": {},
    "start": {},
    "put_on_hold": {
        "status": st.sampled_from(Status),
        "reason": st.none() | st.sampled_from(WaitingReason),
    },
    "comment": {
        "comment_id": st.just(COMMENT),
        "body": TEXT,
        "author": st.sampled_from(["Tess", " "]),
        "public": st.booleans(),
        "by_staff": st.booleans(),
    },
    "resolve": {"resolution": TEXT, "resolution_code": TEXTS},
    "close": {"resolution": TEXT, "resolution_code": TEXTS},
    "reopen": {"reason": TEXT},
    "delete": {"reason": TEXT},
    "restore": {"reason": TEXT},
    "record_external_update": {"attributes": st.dictionaries(TEXTS, TEXTS, max_size=2)},
}
# Deleting is rare, so that lives are long; a deleted ticket is restored soon.
METHODS = [name for name in CALLS if name != "delete"] * 3 + ["delete", "restore", "restore"]


# Built once: hypothesis would validate a strategy anew whenever it is drawn from.
CALL = {
    name: st.builds(Call, st.just(name), st.fixed_dictionaries(arguments), LATER)
    for name, arguments in CALLS.items()
}
ANY_CALL = st.sampled_from(METHODS).flatmap(CALL.__getitem__)


def stored(event: Event) -> Recorded:
    """Return the event as the log would hold it."""
    new = mapper.encode(event)
    return Recorded(
        position=new.version,
        stream_id=new.stream_id,
        version=new.version,
        event_id=new.event_id,
        topic=new.topic,
        class_version=new.class_version,
        state=mapper.payload_of(event),
        metadata=b"{}",
        recorded_at=T0,
    )


class TicketLife(RuleBasedStateMachine):
    """A ticket to which everything is done, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.ticket = given(Ticket, opened)
        self.log = [stored(opened.event())]
        self.latest = T0
        self.counts = (0, 0)

    @rule(call=ANY_CALL)
    def ask(self, call: Call) -> None:
        """Make the call; an accepted one goes to the log, a refused one leaves no trace."""
        at: datetime = self.latest + call.later
        arguments = dict(call.arguments)
        if isinstance(arguments.get("reassignment_count"), More):
            arguments["reassignment_count"] += self.ticket.reassignment_count
        refused = False
        try:
            if call.name[0].isupper():
                self.ticket.change(getattr(Ticket, call.name), at, **arguments)
            else:
                getattr(self.ticket, call.name)(**arguments, at=at)
        except Refused:
            refused = True
        events = recorded(self.ticket)
        assert len(events) <= (0 if refused else 1)
        for event in events:
            assert event.timestamp >= self.latest
            self.latest = event.timestamp
            self.log.append(stored(event))
        self.ticket.collect_events()

    @invariant()
    def the_log_tells_the_whole_ticket(self) -> None:
        """What is rebuilt from the log equals the ticket that was never stored."""
        assert mapper.rebuild(Ticket, self.log) == self.ticket

    @invariant()
    def every_event_is_counted(self) -> None:
        """Versions are 1, 2, 3 … without gaps."""
        assert [row.version for row in self.log] == list(range(1, len(self.log) + 1))
        assert self.ticket.version == len(self.log)

    @invariant()
    def counts_never_decrease(self) -> None:
        """Reassignments and reopenings only add up."""
        counts = (self.ticket.reassignment_count, self.ticket.reopen_count)
        assert all(after >= before for before, after in zip(self.counts, counts, strict=True))
        self.counts = counts

    @invariant()
    def status_and_times_agree(self) -> None:
        """A ticket has a time for what it is, and none for what it is not any more."""
        ticket = self.ticket
        assert (ticket.closed_at is not None) == (ticket.status is Status.CLOSED)
        assert ticket.resolved_at is None or ticket.status not in OPEN
        assert ticket.status is not Status.RESOLVED or ticket.resolved_at is not None

    @invariant()
    def only_a_waiting_ticket_has_a_reason_to_wait(self) -> None:
        """A third party is waited for with a reason; who does not wait has none."""
        third_party = self.ticket.status is Status.WAITING_THIRD_PARTY
        waits = third_party or self.ticket.status is Status.WAITING_CUSTOMER
        assert waits or self.ticket.waiting_reason is None
        assert not third_party or self.ticket.waiting_reason is not None


TestTicketLife = TicketLife.TestCase
TestTicketLife.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
