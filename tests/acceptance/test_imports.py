"""Three real logs, replayed into a real database: nothing lost, nothing bent, nothing twice.

Run as a module it is the process that gets killed: `python -m tests.acceptance.test_imports`.
"""

import asyncio
import csv
import gzip
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import psycopg
import pytest

from commands.imports.helpdesk import STATES as HELPDESK_STATES
from commands.imports.helpdesk import Helpdesk
from commands.imports.identity import user_id
from commands.imports.lifecycle import state_of, state_told_by
from commands.imports.report import Report
from commands.imports.run import Progress, run_import
from commands.imports.servicenow import ServiceNow
from commands.imports.source import Source
from commands.imports.volvo import Volvo
from domain.base import AggregateRoot
from domain.desk.groups import Group
from domain.desk.tickets import Ticket
from domain.people.users import User
from eventstore import mapper
from eventstore.appender import Appender
from eventstore.log import Log, open_pool, scan
from eventstore.records import Metadata
from infra.embedded import Urls
from projections.desk import tickets as view
from projections.rows import MemoryRows
from tests.conftest import own_database

# All in one worker: the imports are made once and shared.
pytestmark = pytest.mark.xdist_group("imports")

Cells = dict[str, str]


class Kind(NamedTuple):
    """A source, its file, and how an independent reader understands its rows."""

    source: Source
    file: str
    time: str
    format: str
    actor: str
    state: Callable[[Cells], str]
    """The state that a row names, empty where it names none."""


KINDS = {
    "servicenow": Kind(
        ServiceNow(),
        "servicenow_incidents.csv.gz",
        "sys_updated_at",
        "%d/%m/%Y %H:%M",
        "sys_updated_by",
        lambda row: row["incident_state"],
    ),
    "volvo": Kind(
        Volvo(),
        "volvo_incidents.csv.gz",
        "timestamp_utc",
        "%Y-%m-%dT%H:%M:%S%z",
        "resource",
        lambda row: f"{row['status']}/{row['sub_status']}",
    ),
    "helpdesk": Kind(
        Helpdesk(),
        "italian_helpdesk.csv.gz",
        "time:timestamp",
        "%Y-%m-%d %H:%M:%S%z",
        "Resource",
        lambda row: row["Activity"] if row["Activity"] in HELPDESK_STATES else "",
    ),
}
EVERY_LOG = pytest.mark.parametrize("name", KINDS)


class Imported(NamedTuple):
    """One imported log: the file as it is, and what became of it."""

    kind: Kind
    url: str
    file: Path
    report: Report
    cases: dict[str, dict[int, Cells]]
    """The rows of each case, by their number in the file."""
    tickets: dict[str, Ticket]
    projected: dict[str, dict[str, Any]]
    names: dict[UUID | None, str]
    """Of groups and users, `?` for none."""
    traces: dict[int, set[tuple[datetime, str]]]
    """Time and actor of all events that each row of the file has left on its ticket."""

    def taken(self, case: str) -> list[Cells]:
        """Return the rows of a case that were not reported."""
        reported = {one.row for one in self.report.reported}
        return [row for number, row in self.cases[case].items() if number not in reported]


Imports = Callable[[str], Imported]


@pytest.fixture(scope="module")
def imports(urls: Urls, real_data: Path) -> Iterator[Imports]:
    """Import each log when it is asked for, once."""
    with ExitStack() as databases:

        @cache
        def imported(name: str) -> Imported:
            kind = KINDS[name]
            file = real_data / "eventlogs" / kind.file
            url = databases.enter_context(own_database(urls, "test_imports")).url
            report = asyncio.run(replay(kind.source, url, file))
            return read_back(kind, url, file, report)

        yield imported


async def replay(
    source: Source, url: str, file: Path, progress: Progress = lambda _done, _rows: None
) -> Report:
    """Import a file as the command line does."""
    async with open_pool(url) as pool, Appender(url) as appender:
        return await run_import(
            source,
            file,
            log=Log(pool),
            appender=appender,
            customer="Import",
            zone=UTC,
            progress=progress,
        )


def read_back(kind: Kind, url: str, file: Path, report: Report) -> Imported:
    """Rebuild every record and the view from the log, event by event."""
    records: dict[UUID, AggregateRoot | None] = defaultdict(lambda: None)
    traces: dict[int, set[tuple[datetime, str]]] = defaultdict(set)
    rows = MemoryRows(view.VIEW.tables)
    decode = msgspec.json.Decoder(Metadata).decode
    for page in scan(url):
        for recorded in page:
            event = mapper.decode(recorded)
            records[recorded.stream_id] = event.mutate(records[recorded.stream_id])
            if recorded.topic.startswith("ticket."):
                view.VIEW.apply(event, recorded, rows)
                about = decode(recorded.metadata)
                assert about.source
                traces[int(about.source["row"])].add((event.timestamp, about.actor))
    tickets = [one for one in records.values() if isinstance(one, Ticket)]
    masters = [one for one in records.values() if isinstance(one, Group | User)]
    return Imported(
        kind=kind,
        url=url,
        file=file,
        report=report,
        cases=read_file(kind, file),
        tickets={one.external.number: one for one in tickets if one.external},
        projected={row["external_number"]: row for row in rows.all(view.tickets)},
        names={None: "?"} | {one.id: one.name for one in masters},
        traces=traces,
    )


def read_file(kind: Kind, file: Path) -> dict[str, dict[int, Cells]]:
    """Read the file in the plainest way."""
    cases: dict[str, dict[int, Cells]] = {}
    with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
        for number, row in enumerate(csv.DictReader(text), start=2):
            # Equal texts are kept once: the files repeat themselves.
            shared = {column: sys.intern(value) for column, value in row.items()}
            cases.setdefault(row[kind.source.case_column], {})[number] = shared
    return cases


@EVERY_LOG
def test_every_row_is_in_the_log_or_in_the_report(imports: Imports, name: str) -> None:
    it = imports(name)
    numbers = {number for rows in it.cases.values() for number in rows}
    reported = {one.row for one in it.report.reported}

    assert it.report.rows == len(numbers)
    assert it.report.imported + len(it.report.reported) == it.report.rows
    assert set(it.traces) == numbers - reported
    assert it.report.cases == len(it.cases)


@EVERY_LOG
def test_what_happened_bears_the_time_and_the_author_of_its_row(
    imports: Imports, name: str
) -> None:
    it = imports(name)

    wrong = [
        (number, it.traces[number])
        for rows in it.cases.values()
        for number, row in rows.items()
        if it.traces.get(number, {told(it.kind, row)}) != {told(it.kind, row)}
    ]

    assert wrong == []


def told(kind: Kind, row: Cells) -> tuple[datetime, str]:
    at = datetime.strptime(row[kind.time], kind.format).replace(tzinfo=UTC)
    return at, str(user_id(kind.source.system, row[kind.actor]))


@EVERY_LOG
def test_the_last_state_of_each_case_is_read_back_from_its_ticket(
    imports: Imports, name: str
) -> None:
    it = imports(name)
    name_of = it.kind.source.state_name

    wrong = {
        case: (state, name_of(state_of(ticket)), name_of(told_by(it.projected[case])))
        for case, ticket in it.tickets.items()
        if (state := last_state(it.kind, it.taken(case)))
        and {name_of(state_of(ticket)), name_of(told_by(it.projected[case]))} != {state}
    }

    assert wrong == {}
    assert set(it.tickets) == set(it.cases)


def told_by(row: dict[str, Any]) -> Any:
    return state_told_by(row["status"], row["waiting_reason"], row["resolution_code"])


def last_state(kind: Kind, rows: list[Cells]) -> str:
    return next((state for row in reversed(rows) if (state := kind.state(row))), "")


def test_every_incident_of_servicenow_ends_as_the_last_row_tells(imports: Imports) -> None:
    it = imports("servicenow")

    wrong = {
        case: (ended(it, ticket), expected(it.taken(case)[-1]))
        for case, ticket in it.tickets.items()
        if ended(it, ticket) != expected(it.taken(case)[-1])
    }

    assert wrong == {}


def test_an_incident_differs_from_its_last_row_only_where_that_row_is_reported(
    imports: Imports,
) -> None:
    it = imports("servicenow")

    differing = {
        case
        for case, ticket in it.tickets.items()
        if ended(it, ticket) != expected([*it.cases[case].values()][-1])
    }

    assert differing <= {
        one.case for one in it.report.reported if one.row == max(it.cases[one.case])
    }


def ended(it: Imported, ticket: Ticket) -> tuple[str, ...]:
    return (
        it.kind.source.state_name(state_of(ticket)),
        ticket.impact.value,
        ticket.urgency.value,
        ticket.priority.value,
        it.names[ticket.group_id],
        it.names[ticket.assignee_id],
        str(ticket.reassignment_count),
        str(ticket.reopen_count),
        ticket.category or "?",
        ticket.requester.name or "?",
    )


def expected(row: Cells) -> tuple[str, ...]:
    words = {"Critical": "critical", "Moderate": "medium"}
    return (
        row["incident_state"],
        row["impact"].partition(" - ")[2].lower(),
        row["urgency"].partition(" - ")[2].lower(),
        words.get(row["priority"][4:], row["priority"][4:].lower()),
        row["assignment_group"],
        row["assigned_to"],
        row["reassignment_count"],
        row["reopen_count"],
        row["category"],
        row["caller_id"],
    )


def test_what_has_no_place_of_its_own_is_kept_as_the_last_row_has_it(imports: Imports) -> None:
    it = imports("servicenow")
    kept = ("made_sla", "cmdb_ci", "problem_id", "rfc", "vendor", "closed_code", "closed_at")
    whole = [case for case in it.cases if len(it.taken(case)) == len(it.cases[case])]

    wrong = Counter(
        column
        for case in whole
        for column in kept
        if (it.tickets[case].external_attributes.get(column) or "?") != it.taken(case)[-1][column]
    )

    assert wrong == {}


def test_the_last_activity_of_the_help_desk_is_kept(imports: Imports) -> None:
    it = imports("helpdesk")

    wrong = [
        case
        for case, ticket in it.tickets.items()
        if ticket.external_attributes["activity"] != it.taken(case)[-1]["Activity"]
    ]

    assert wrong == []


@EVERY_LOG
def test_a_repeated_import_appends_nothing(imports: Imports, name: str) -> None:
    it = imports(name)
    before = contents(it.url)

    report = asyncio.run(replay(it.kind.source, it.url, it.file))

    assert (report.events, report.appended) == (0, 0)
    assert (report.imported, report.reported) == (it.report.imported, it.report.reported)
    assert contents(it.url) == before


def test_an_import_killed_twice_ends_like_one_that_was_not(imports: Imports, urls: Urls) -> None:
    it = imports("volvo")

    with own_database(urls, "test_imports") as own:
        reached = [import_until_killed(own.url, it.file, share) for share in (0.2, 0.5)]
        report = asyncio.run(replay(it.kind.source, own.url, it.file))
        after = contents(own.url)

    assert after == contents(it.url)
    assert report.reported == it.report.reported
    assert 0 < report.appended < it.report.appended
    assert reached[0] < reached[1] < it.report.rows


def import_until_killed(url: str, file: Path, share: float) -> int:
    """Import in another process, kill it on the way, and return how far it said it was."""
    command = [sys.executable, "-m", __name__, url, str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for line in process.stdout:
            done, rows = map(int, line.split())
            if done >= rows * share:
                process.send_signal(signal.SIGKILL)
                return done
    pytest.fail("The import ended before it was killed.")


def contents(url: str) -> dict[UUID, str]:
    """Return a fingerprint of every stream, without the numbers that tickets happened to get."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "select stream_id, md5(string_agg(concat_ws('|', version, topic, class_version,"
            r" regexp_replace(convert_from(state, 'utf8'), '\"ticket_number\":\d+,', ''),"
            " convert_from(metadata, 'utf8')), '|' order by version))"
            " from es.events group by stream_id"
        )
        return dict(rows.fetchall())


def test_every_ticket_has_a_number_of_its_own(imports: Imports) -> None:
    tickets = imports("servicenow").tickets.values()

    assert len({ticket.ticket_number for ticket in tickets}) == len(tickets)


if __name__ == "__main__":
    asyncio.run(
        replay(
            Volvo(),
            sys.argv[1],
            Path(sys.argv[2]),
            lambda done, rows: print(done, rows, flush=True),
        )
    )
