"""A log in memory, and rows to replay on it."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from commands.imports.report import Report
from commands.imports.run import run_import
from commands.imports.source import Place, Record, Row, Source
from domain.base import Event
from domain.desk.tickets import Ticket
from eventstore import mapper
from eventstore.batches import Outcome
from eventstore.errors import VersionConflict
from eventstore.personal.parts import plain
from eventstore.records import Append, Appended, NewEvent, Recorded
from tests.given import CUSTOMER, GROUP, NIGHT_SHIFT, OTHER_USER, T0, TICKET, USER, recorded

Cells = dict[str, str]

GROUPS = {"": None, "Group 70": GROUP, "Group 24": NIGHT_SHIFT}
PEOPLE = {
    "": None,
    "Resolver 89": USER,
    "Resolver 31": OTHER_USER,
    "Frederic": USER,
    "Anne Claire": OTHER_USER,
    "Value 2": USER,
    "Value 5": OTHER_USER,
}


class Stopped(Exception):
    """The process was killed here."""


class MemoryLog:
    """Keeps what is appended, and answers like the real log."""

    def __init__(self) -> None:
        self.streams: dict[UUID, list[Recorded]] = defaultdict(list)
        self.commands: dict[UUID, Append] = {}
        self.numbers = {"ticket": 1, "customer": 1}
        self.draws: list[tuple[str, int]] = []
        self.stop_after: int | None = None
        """How many commands get through before the process is killed."""
        self.meanwhile: Callable[[], None] = lambda: None
        """What somebody else does just before the next append."""

    async def read_streams(self, ids: Sequence[UUID]) -> dict[UUID, list[Recorded]]:
        return {stream_id: list(self.streams.get(stream_id, ())) for stream_id in ids}

    async def next_numbers(self, series: str, count: int) -> int:
        self.draws.append((series, count))
        self.numbers[series] += count
        return self.numbers[series] - count

    async def append_many(self, appends: Sequence[Append]) -> list[Outcome]:
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        return [self.append(append) for append in appends]

    def append(self, append: Append) -> Outcome:
        if append.command_id in self.commands:
            return Appended(append.command_id, 0, 0, repeated=True)
        if len(self.commands) == self.stop_after:
            raise Stopped
        assert append.events
        before = {one.stream_id: len(self.streams[one.stream_id]) for one in append.events}
        for event in append.events:
            before[event.stream_id] += 1
            if event.version != before[event.stream_id]:
                return VersionConflict(stream_id=event.stream_id, expected=0, actual=0)
        self.commands[append.command_id] = append
        for event in append.events:
            self.streams[event.stream_id].append(_recorded(append, event))
        return Appended(append.command_id, 0, 0)

    def happened(self, stream_id: UUID) -> list[Event]:
        return [mapper.decode(one) for one in self.streams.get(stream_id, ())]

    def ticket(self, stream_id: UUID) -> Ticket:
        ticket = mapper.rebuild(Ticket, self.streams[stream_id])
        assert ticket is not None
        return ticket

    def contents(self, but: str = "") -> dict[UUID, list[tuple[str, Any, bytes]]]:
        """Return everything except what is drawn anew with each attempt, and the field `but`."""
        return {
            stream_id: [(one.topic, _state(one, but), one.metadata) for one in events]
            for stream_id, events in self.streams.items()
            if events
        }


def _state(recorded: Recorded, but: str) -> dict[str, Any]:
    state: dict[str, Any] = msgspec.json.decode(recorded.state)
    return {name: value for name, value in state.items() if name != but}


def _recorded(append: Append, event: NewEvent) -> Recorded:
    return Recorded(
        position=0,
        stream_id=event.stream_id,
        version=event.version,
        event_id=event.event_id,
        topic=event.topic,
        class_version=event.class_version,
        state=plain(event),
        metadata=append.metadata,
        recorded_at=T0,
    )


SERVICENOW = {
    "number": "INC0000047",
    "incident_state": "New",
    "active": "true",
    "reassignment_count": "0",
    "reopen_count": "0",
    "sys_mod_count": "0",
    "made_sla": "true",
    "caller_id": "Caller 2403",
    "opened_by": "Opened by  397",
    "opened_at": "29/2/2016 04:40",
    "sys_created_by": "Created by 171",
    "sys_created_at": "29/2/2016 04:57",
    "sys_updated_by": "Updated by 746",
    "sys_updated_at": "29/2/2016 04:57",
    "contact_type": "Phone",
    "location": "Location 165",
    "category": "Category 40",
    "subcategory": "Subcategory 215",
    "u_symptom": "Symptom 471",
    "cmdb_ci": "?",
    "impact": "2 - Medium",
    "urgency": "2 - Medium",
    "priority": "3 - Moderate",
    "assignment_group": "?",
    "assigned_to": "?",
    "knowledge": "true",
    "u_priority_confirmation": "false",
    "notify": "Do Not Notify",
    "problem_id": "?",
    "rfc": "?",
    "vendor": "?",
    "caused_by": "?",
    "closed_code": "code 5",
    "resolved_by": "Resolved by 81",
    "resolved_at": "1/3/2016 09:52",
    "closed_at": "6/3/2016 10:00",
}
VOLVO = {
    "sr_number": "1-364285768",
    "status": "Accepted",
    "sub_status": "In Progress",
    "resource": "Frederic",
    "timestamp_utc": "2010-03-31T14:59:42Z",
}
HELPDESK = {
    "case:concept:name": "Case4284",
    "Activity": "Take in charge ticket",
    "Resource": "Value 2",
    "time:timestamp": "2010-01-13 12:30:37+00:00",
    "case:variant": "Variant 219",
}


def read(source: Source, cells: Cells, zone: tzinfo = UTC) -> Row:
    """Return what a source makes of a row."""
    values = tuple(cells[column] for column in source.columns)
    return source.row(Record(2, cells[source.case_column], values), zone)


def decide(source: Source, ticket: Ticket | None, cells: Cells, zone: tzinfo = UTC) -> Ticket:
    """Let one row happen to a ticket; names are those of `GROUPS` and `PEOPLE`."""
    row = read(source, cells, zone)
    place = Place(TICKET, 4711, CUSTOMER, GROUPS[row.group], PEOPLE[row.person])
    return source.decide(ticket, row, place)


def after(source: Source, *rows: Cells) -> Ticket:
    """Return the ticket that these rows make; nothing is pending."""
    ticket = None
    for cells in rows:
        ticket = decide(source, ticket, cells)
        ticket.collect_events()
    assert ticket is not None
    return ticket


def events_of(source: Source, ticket: Ticket | None, cells: Cells) -> list[Event]:
    """Return what one row leads to."""
    return recorded(decide(source, ticket, cells))


def write_log(path: Path, rows: Sequence[Cells]) -> Path:
    """Write rows as a source would export them."""
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


async def import_rows(
    source: Source,
    log: MemoryLog,
    folder: Path,
    *rows: Cells,
    customer: str = "Volvo",
    dry_run: bool = False,
) -> Report:
    """Write the rows to a file and import it."""
    return await run_import(
        source,
        write_log(folder / "log.csv.gz", rows),
        log=log,
        appender=log,
        customer=customer,
        zone=UTC,
        progress=lambda _done, _rows: None,
        dry_run=dry_run,
    )
