"""ServiceNow: the audit log of incidents, one row per update (UCI 498).

Each row tells the whole incident as it was then; what happened is what differs from the ticket.
The columns in `FINAL` hold the end of the story already in the first row. They are taken over
only once they are true: not before the incident is settled and the time they themselves tell.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Final, TypeVar

from commands.imports.lifecycle import Hands, State, bring, keep, state_of
from commands.imports.source import Place, Record, Row, StateUnknown, ValueUnknown
from domain.priorities import Level, Priority, priority_of
from domain.statuses import OPEN, Status, WaitingReason
from domain.tickets import Source, Ticket
from domain.values import ExternalReference, Requester

SYSTEM: Final = "servicenow"
MISSING: Final = "?"

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
SETTLED: Final = {"Resolved", "Closed"}
LEVELS: Final = {"1 - High": Level.HIGH, "2 - Medium": Level.MEDIUM, "3 - Low": Level.LOW}
PRIORITIES: Final = {
    "1 - Critical": Priority.CRITICAL,
    "2 - High": Priority.HIGH,
    "3 - Moderate": Priority.MEDIUM,
    "4 - Low": Priority.LOW,
}
CONTACTS: Final = {
    "Phone": Source.PHONE,
    "Email": Source.EMAIL,
    "Self service": Source.PORTAL,
}

MAPPED: Final = (
    "number",
    "incident_state",
    "reassignment_count",
    "reopen_count",
    "caller_id",
    "sys_updated_by",
    "sys_updated_at",
    "category",
    "impact",
    "urgency",
    "priority",
    "assignment_group",
    "assigned_to",
)
KEPT: Final = (
    "active",
    "made_sla",
    "opened_by",
    "opened_at",
    "sys_created_by",
    "sys_created_at",
    "contact_type",
    "location",
    "subcategory",
    "u_symptom",
    "cmdb_ci",
    "knowledge",
    "u_priority_confirmation",
    "notify",
    "problem_id",
    "rfc",
    "vendor",
    "caused_by",
)
"""Attributes without a place of their own here."""
FINAL: Final = ("closed_code", "resolved_by", "resolved_at", "closed_at")
# It numbers the updates: kept, it would say on every row no more than that there is a row.
COUNTER: Final = "sys_mod_count"

TValue = TypeVar("TValue")


class ServiceNow:
    """The audit log of ServiceNow's incidents."""

    system = SYSTEM
    case_column = "number"
    columns = (*MAPPED, *KEPT, *FINAL, COUNTER)
    final_columns = frozenset(FINAL)

    def row(self, record: Record, zone: tzinfo) -> Row:
        """Return what the record says; raises `ValueUnknown`."""
        given = zip(self.columns, record.values, strict=True)
        values = {column: "" if value == MISSING else value for column, value in given}
        at = _instant("sys_updated_at", values, zone)
        return Row(
            record=record,
            at=at,
            actor=values["sys_updated_by"],
            group=values["assignment_group"],
            person=values["assigned_to"],
            values=values,
            kept={name: values[name] for name in (*KEPT, *_true_by(at, values, zone))},
        )

    def decide(self, ticket: Ticket | None, row: Row, place: Place) -> Ticket:
        """Let the row happen to its ticket; raises `StateUnknown` and what the domain refuses."""
        values, at = row.values, row.at
        state = STATES.get(values["incident_state"])
        if state is None:
            raise StateUnknown(state=values["incident_state"])
        impact, urgency, override = _weight(values)
        if ticket is None:
            ticket = Ticket.open(
                place.ticket_id,
                ticket_number=place.ticket_number,
                title=_title(values),
                customer_id=place.customer_id,
                requester=Requester(values["caller_id"]),
                category=values["category"],
                source=CONTACTS.get(values["contact_type"], Source.IMPORT),
                impact=impact,
                urgency=urgency,
                priority=override,
                external=ExternalReference(SYSTEM, values["number"]),
                at=at,
            )
        hands = Hands(place.group_id, place.assignee_id, _count("reassignment_count", values))
        ticket.retitle(_title(values), at=at)
        ticket.categorize(values["category"], at=at)
        ticket.change_requester(Requester(values["caller_id"]), at=at)
        ticket.prioritize(impact=impact, urgency=urgency, override=override, at=at)
        bring(ticket, _target(ticket, state, row), hands, at=at)
        keep(ticket, row.kept, at=at)
        return ticket

    def disagreement(self, ticket: Ticket, row: Row) -> str:
        """Compare the reopenings: the source keeps a total of its own."""
        theirs = _count("reopen_count", row.values)
        if theirs == ticket.reopen_count:
            return ""
        return f"reopen_count is {theirs} in the source and {ticket.reopen_count} here"


def source_state(status: Status, reason: str) -> str:
    """Return ServiceNow's name for a status and its waiting reason; codes do not matter there."""
    return _NAMES[State(status, reason if status in OPEN else "")]


_NAMES: Final = {state: name for name, state in STATES.items()}


def _target(ticket: Ticket, state: State, row: Row) -> State | None:
    """Return where the ticket has to go, if anywhere."""
    if source_state(*state_of(ticket)) == _NAMES[state]:
        return None
    if state.status is not Status.CLOSED:
        return state
    # Whoever closes open work has to say why: only there may the code come too early.
    known = "closed_code" in row.kept or ticket.status in OPEN
    return State(Status.CLOSED, row.values["closed_code"] if known else "")


def _true_by(at: datetime, values: Mapping[str, str], zone: tzinfo) -> Iterator[str]:
    """Yield the final columns that are true at this time."""
    closed = values["incident_state"] == "Closed" and _is_past("closed_at", at, values, zone)
    if closed:
        yield from ("closed_code", "closed_at")
    resolved = values["incident_state"] in SETTLED and values["resolved_at"]
    if closed or (resolved and _is_past("resolved_at", at, values, zone)):
        yield from ("resolved_by", "resolved_at")


def _is_past(column: str, at: datetime, values: Mapping[str, str], zone: tzinfo) -> bool:
    return not values[column] or _instant(column, values, zone) <= at


def _title(values: Mapping[str, str]) -> str:
    """Return a title made of what the log has: there is none in it."""
    where = " / ".join(filter(None, (values["category"], values["subcategory"])))
    return " · ".join(filter(None, (where, values["u_symptom"]))) or values["number"]


def _weight(values: Mapping[str, str]) -> tuple[Level, Level, Priority | None]:
    """Return impact, urgency and, only where it is not what they ask for, the priority."""
    impact = _meaning("impact", values, LEVELS)
    urgency = _meaning("urgency", values, LEVELS)
    priority = _meaning("priority", values, PRIORITIES)
    return impact, urgency, None if priority is priority_of(impact, urgency) else priority


def _meaning(column: str, values: Mapping[str, str], words: Mapping[str, TValue]) -> TValue:
    try:
        return words[values[column]]
    except KeyError:
        raise ValueUnknown(column=column, value=values[column]) from None


def _count(column: str, values: Mapping[str, str]) -> int:
    if not values[column].isdecimal():
        raise ValueUnknown(column=column, value=values[column])
    return int(values[column])


def _instant(column: str, values: Mapping[str, str], zone: tzinfo) -> datetime:
    try:
        return _utc(values[column], zone)
    except ValueError:
        raise ValueUnknown(column=column, value=values[column]) from None


@lru_cache(maxsize=1024)
def _utc(text: str, zone: tzinfo) -> datetime:
    date, _, time = text.partition(" ")
    day, month, year = map(int, date.split("/"))
    hour, minute = map(int, time.split(":"))
    return datetime(year, month, day, hour, minute, tzinfo=zone).astimezone(UTC)
