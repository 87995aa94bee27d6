"""Volvo IT: the incidents of VINST, one row per change of status (BPI Challenge 2013).

The owner who accepted an incident has it; one that is queued again belongs to nobody. Work that
goes on after `Completed` reopens the ticket.
"""

from datetime import tzinfo
from typing import Final

from commands.imports.lifecycle import Hands, State, bring, keep, state_of
from commands.imports.source import Place, Record, Row, StateUnknown, instant
from domain.desk.statuses import Status, WaitingReason
from domain.desk.tickets import Source, Ticket
from domain.values import ExternalReference

SYSTEM: Final = "volvo"

STATES: Final = {
    "Queued/Awaiting Assignment": State(Status.NEW),
    "Accepted/Assigned": State(Status.ASSIGNED),
    "Accepted/In Progress": State(Status.IN_PROGRESS),
    "Accepted/Wait - User": State(Status.WAITING_CUSTOMER),
    "Accepted/Wait - Customer": State(Status.WAITING_CUSTOMER, WaitingReason.CUSTOMER),
    "Accepted/Wait - Vendor": State(Status.WAITING_THIRD_PARTY, WaitingReason.VENDOR),
    "Accepted/Wait - Implementation": State(
        Status.WAITING_THIRD_PARTY, WaitingReason.IMPLEMENTATION
    ),
    "Accepted/Wait": State(Status.WAITING_THIRD_PARTY, WaitingReason.OTHER),
    # It comes after `Completed`, and work follows it: the incident is open, its place unknown.
    "Unmatched/Unmatched": State(Status.WAITING_THIRD_PARTY, WaitingReason.EVIDENCE),
    "Completed/In Call": State(Status.RESOLVED, "in_call"),
    "Completed/Resolved": State(Status.RESOLVED, "resolved"),
    "Completed/Closed": State(Status.CLOSED, "closed"),
    "Completed/Cancelled": State(Status.CLOSED, "cancelled"),
}
NAMES: Final = {state: name for name, state in STATES.items()}
ACCEPTED: Final = "Accepted"


class Volvo:
    """The log of Volvo IT's incidents."""

    system = SYSTEM
    case_column = "sr_number"
    columns = ("sr_number", "status", "sub_status", "resource", "timestamp_utc")
    final_columns: frozenset[str] = frozenset()

    def row(self, record: Record, zone: tzinfo) -> Row:
        """Return what the record says; raises `ValueUnknown`."""
        values = dict(zip(self.columns, record.values, strict=True))
        return Row(
            record=record,
            at=instant("timestamp_utc", values["timestamp_utc"], zone),
            actor=values["resource"],
            group="",
            person=values["resource"] if values["status"] == ACCEPTED else "",
            values=values,
            kept={},
        )

    def decide(self, ticket: Ticket | None, row: Row, place: Place) -> Ticket:
        """Let the row happen to its ticket; raises `StateUnknown` and what the domain refuses."""
        name = f"{row.values['status']}/{row.values['sub_status']}"
        state = STATES.get(name)
        if state is None:
            raise StateUnknown(state=name)
        if ticket is None:
            ticket = Ticket.open(
                place.ticket_id,
                ticket_number=place.ticket_number,
                title=f"Incident {row.record.case}",
                customer_id=place.customer_id,
                source=Source.IMPORT,
                external=ExternalReference(SYSTEM, row.record.case),
                at=row.at,
            )
        to = None if state_of(ticket) == state else state
        hands = Hands(None, place.assignee_id) if row.person else None
        bring(ticket, to, hands, at=row.at)
        keep(ticket, row.kept, at=row.at)
        return ticket

    def disagreement(self, ticket: Ticket, row: Row) -> str:  # noqa: ARG002 - there are none
        """Return nothing: the source keeps no totals."""
        return ""

    def state_name(self, state: State) -> str:
        """Return Volvo's status and sub-status, or nothing where it has no name for a state."""
        return NAMES.get(state, "")
