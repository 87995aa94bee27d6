"""ServiceNow: the audit log of incidents, one row per update (UCI 498).

Each row tells the whole incident as it was then; what happened is what differs from the ticket.
"""

from datetime import tzinfo
from typing import Final

from commands.imports.lifecycle import Hands, State, bring, keep, state_of
from commands.imports.servicenow_columns import (
    COLUMNS,
    CONTACTS,
    FINAL,
    count,
    instant,
    kept,
    read,
    title_of,
    weight_of,
)
from commands.imports.source import Place, Record, Row, StateUnknown
from domain.desk.statuses import OPEN, Status, WaitingReason
from domain.desk.tickets import Source, Ticket
from domain.values import ExternalReference, Requester

SYSTEM: Final = "servicenow"

STATES: Final = {
    "New": State(Status.NEW),
    "Active": State(Status.IN_PROGRESS),
    "Awaiting User Info": State(Status.WAITING_CUSTOMER),
    "Awaiting Vendor": State(Status.WAITING_THIRD_PARTY, WaitingReason.VENDOR),
    "Awaiting Problem": State(Status.WAITING_THIRD_PARTY, WaitingReason.PROBLEM),
    "Awaiting Evidence": State(Status.WAITING_THIRD_PARTY, WaitingReason.EVIDENCE),
    "Resolved": State(Status.RESOLVED),
    "Closed": State(Status.CLOSED),
}
"""A settled incident has one state whatever its code; the code is `closed_code`."""
NAMES: Final = {state: name for name, state in STATES.items()}


class ServiceNow:
    """The audit log of ServiceNow's incidents."""

    system = SYSTEM
    case_column = "number"
    columns = COLUMNS
    final_columns = frozenset(FINAL)

    def __init__(self, *, contacts: bool = False) -> None:
        """With `contacts`, each caller is a contact of the import's customer.

        Rows that are in the log already are passed by either way: a log that was imported without
        contacts and is imported with them later changes nothing but by the rows that are new.
        """
        self._contacts = contacts

    def row(self, record: Record, zone: tzinfo) -> Row:
        """Return what the record says; raises `ValueUnknown`."""
        values = read(record.values)
        at = instant("sys_updated_at", values, zone)
        return Row(
            record=record,
            at=at,
            actor=values["sys_updated_by"],
            group=values["assignment_group"],
            person=values["assigned_to"],
            values=values,
            kept=kept(values, at, zone),
            caller=values["caller_id"] if self._contacts else "",
        )

    def decide(self, ticket: Ticket | None, row: Row, place: Place) -> Ticket:
        """Let the row happen to its ticket; raises `StateUnknown` and what the domain refuses."""
        values, at = row.values, row.at
        state = STATES.get(values["incident_state"])
        if state is None:
            raise StateUnknown(state=values["incident_state"])
        total = count("reassignment_count", values)
        ticket = self._describe(ticket, row, place)
        # The state alone tells how far the work is: giving a new ticket to somebody changes none.
        hands = Hands(place.group_id, place.assignee_id, total)
        bring(ticket, self._target(ticket, state, row), hands, at=at)
        keep(ticket, row.kept, at=at)
        return ticket

    def disagreement(self, ticket: Ticket, row: Row) -> str:
        """Compare the reopenings, of which the source keeps a total of its own."""
        theirs, ours = row.values["reopen_count"], str(ticket.reopen_count)
        return "" if theirs == ours else f"reopen_count is {theirs} in the source and {ours} here"

    def state_name(self, state: State) -> str:
        """Return what ServiceNow calls a state, or nothing where it has no name for it."""
        status, reason = state
        return NAMES.get(State(status, reason if status in OPEN else ""), "")

    def _target(self, ticket: Ticket, state: State, row: Row) -> State | None:
        if self.state_name(state_of(ticket)) == NAMES[state]:
            return None
        if state.status is not Status.CLOSED:
            return state
        # Whoever closes open work has to say why: only there may the code come before its time.
        known = "closed_code" in row.kept or ticket.status in OPEN
        return State(Status.CLOSED, row.values["closed_code"] if known else "")

    def _describe(self, ticket: Ticket | None, row: Row, place: Place) -> Ticket:
        values, at = row.values, row.at
        title, requester = title_of(values), Requester(values["caller_id"])
        impact, urgency, override = weight_of(values)
        if ticket is None:
            return Ticket.open(
                place.ticket_id,
                ticket_number=place.ticket_number,
                title=title,
                customer_id=place.customer_id,
                requester=requester,
                category=values["category"],
                source=CONTACTS.get(values["contact_type"], Source.IMPORT),
                impact=impact,
                urgency=urgency,
                priority=override,
                external=ExternalReference(SYSTEM, values["number"]),
                contact_id=place.contact_id,
                at=at,
            )
        # First, for what is told of a caller is encrypted under their key. Of a ticket that was
        # imported for another customer, these callers are no contacts.
        if self._contacts and ticket.customer_id == place.customer_id:
            ticket.change(Ticket.ContactChanged, at, contact_id=place.contact_id)
        ticket.change(Ticket.Retitled, at, title=title)
        ticket.change(Ticket.RequesterChanged, at, requester=requester)
        ticket.change(Ticket.Categorized, at, category=values["category"])
        ticket.prioritize(impact=impact, urgency=urgency, override=override, at=at)
        return ticket
