"""What the columns of ServiceNow's incident log say, and from when on it is true.

The columns in `FINAL` hold the end of the story already in the first row. They are believed only
once the incident is settled and the time has come that they themselves tell.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Final, TypeVar

from commands.imports.source import ValueUnknown
from domain.desk.priorities import Level, Priority, priority_of
from domain.desk.tickets import Source

MISSING: Final = "?"

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
"""Attributes that have no place of their own here."""
FINAL: Final = ("closed_code", "resolved_by", "resolved_at", "closed_at")
COUNTER: Final = "sys_mod_count"
"""Numbers the updates; kept, it would say on every row no more than that there is a row."""
COLUMNS: Final = (*MAPPED, *KEPT, *FINAL, COUNTER)

COUNT_DIGITS: Final = 9
"""More are no count: Python reads 4,300 digits, and a column of four bytes holds nine."""

TValue = TypeVar("TValue")


def read(values: Sequence[str]) -> dict[str, str]:
    """Return the values by column, in the order of `COLUMNS`; what is missing is empty."""
    named = zip(COLUMNS, values, strict=True)
    return {column: "" if value == MISSING else value for column, value in named}


def kept(values: Mapping[str, str], at: datetime, zone: tzinfo) -> dict[str, str]:
    """Return what has no place of its own here and is true at this time."""
    closed = values["incident_state"] == "Closed"
    over = closed and _has_come("closed_at", values, at, zone)
    settled = closed or values["incident_state"] == "Resolved"
    solved = settled and values["resolved_at"] and _has_come("resolved_at", values, at, zone)
    names = [*KEPT]
    if over:
        names += ("closed_code", "closed_at")
    if over or solved:
        names += ("resolved_by", "resolved_at")
    return {name: values[name] for name in names}


def _has_come(column: str, values: Mapping[str, str], at: datetime, zone: tzinfo) -> bool:
    return not values[column] or instant(column, values, zone) <= at


def title_of(values: Mapping[str, str]) -> str:
    """Return a title made of what the row tells: the log has none."""
    where = " / ".join(filter(None, (values["category"], values["subcategory"])))
    return " · ".join(filter(None, (where, values["u_symptom"]))) or values["number"]


def weight_of(values: Mapping[str, str]) -> tuple[Level, Level, Priority | None]:
    """Return impact, urgency and, where it is not what they ask for, the priority.

    Raises `ValueUnknown`.
    """
    impact = _meaning("impact", values, LEVELS)
    urgency = _meaning("urgency", values, LEVELS)
    priority = _meaning("priority", values, PRIORITIES)
    return impact, urgency, None if priority is priority_of(impact, urgency) else priority


def _meaning(column: str, values: Mapping[str, str], words: Mapping[str, TValue]) -> TValue:
    try:
        return words[values[column]]
    except KeyError:
        raise ValueUnknown(column=column, value=values[column]) from None


def count(column: str, values: Mapping[str, str]) -> int:
    """Return a total; raises `ValueUnknown`."""
    digits = values[column]
    if not digits.isdecimal() or len(digits) > COUNT_DIGITS:
        raise ValueUnknown(column=column, value=digits)
    return int(digits)


def instant(column: str, values: Mapping[str, str], zone: tzinfo) -> datetime:
    """Return a local time (`29/2/2016 04:57`) in UTC; raises `ValueUnknown`.

    In the hour that the clock shows twice in autumn, it is taken for the first one.
    """
    try:
        return _utc(values[column], zone)
    except (ValueError, OverflowError):  # no date, or one outside of the years 1 to 9999
        raise ValueUnknown(column=column, value=values[column]) from None


@lru_cache(maxsize=1024)
def _utc(text: str, zone: tzinfo) -> datetime:
    date, _, time = text.partition(" ")
    day, month, year = map(int, date.split("/"))
    hour, minute = map(int, time.split(":"))
    return datetime(year, month, day, hour, minute, tzinfo=zone).astimezone(UTC)
