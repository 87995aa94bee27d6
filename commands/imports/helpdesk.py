"""The help desk of an Italian software company, one row per activity (4TU).

Some activities put the ticket into a state; the others say what was done and leave it where it
stands. Which activity was the last one is kept as the attribute `activity`.
"""

from datetime import tzinfo
from typing import Final

from commands.imports.lifecycle import Hands, State, bring, keep, state_of
from commands.imports.source import Place, Record, Row, StateUnknown, instant
from domain.desk.statuses import Status
from domain.desk.tickets import Source, Ticket
from domain.values import ExternalReference

SYSTEM: Final = "helpdesk"

TAKEN: Final = "Take in charge ticket"
STATES: Final = {
    "Insert ticket": State(Status.NEW),
    TAKEN: State(Status.IN_PROGRESS),
    "Wait": State(Status.WAITING_CUSTOMER),
    "Resolve ticket": State(Status.RESOLVED, "resolved"),
    "Closed": State(Status.CLOSED, "closed"),
}
DONE: Final = frozenset(
    {
        "Assign seriousness",
        "Create SW anomaly",
        "Resolve SW anomaly",
        "Require upgrade",
        "Schedule intervention",
        # The last four are states of the software anomaly in its own tracker, not of the ticket.
        "RESOLVED",
        "VERIFIED",
        "INVALID",
        "DUPLICATE",
    }
)
"""Activities that are no states: only `Wait` stops the clock there, so they must not either."""
NAMES: Final = {state: name for name, state in STATES.items()}


class Helpdesk:
    """The log of the Italian help desk."""

    system = SYSTEM
    case_column = "case:concept:name"
    columns = ("case:concept:name", "Activity", "Resource", "time:timestamp")
    final_columns: frozenset[str] = frozenset()

    def row(self, record: Record, zone: tzinfo) -> Row:
        """Return what the record says; raises `ValueUnknown`."""
        values = dict(zip(self.columns, record.values, strict=True))
        return Row(
            record=record,
            at=instant("time:timestamp", values["time:timestamp"], zone),
            actor=values["Resource"],
            group="",
            person=values["Resource"] if values["Activity"] == TAKEN else "",
            values=values,
            kept={"activity": values["Activity"]},
        )

    def decide(self, ticket: Ticket | None, row: Row, place: Place) -> Ticket:
        """Let the row happen to its ticket; raises `StateUnknown` and what the domain refuses."""
        activity = row.values["Activity"]
        if activity not in STATES and activity not in DONE:
            raise StateUnknown(state=activity)
        if ticket is None:
            ticket = Ticket.open(
                place.ticket_id,
                ticket_number=place.ticket_number,
                title=f"Ticket {row.record.case}",
                customer_id=place.customer_id,
                source=Source.IMPORT,
                external=ExternalReference(SYSTEM, row.record.case),
                at=row.at,
            )
        state = STATES.get(activity)
        to = None if state == state_of(ticket) else state
        hands = Hands(None, place.assignee_id) if row.person else None
        bring(ticket, to, hands, at=row.at)
        keep(ticket, row.kept, at=row.at)
        return ticket

    def disagreement(self, ticket: Ticket, row: Row) -> str:  # noqa: ARG002 - there are none
        """Return nothing: the source keeps no totals."""
        return ""

    def state_name(self, state: State) -> str:
        """Return the activity that leads to a state, or nothing where none does."""
        return NAMES.get(state, "")
