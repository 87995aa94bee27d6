"""The engine: every row accounted for, once, however often it is run and wherever it stops."""

import gzip
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from commands.imports import log as ports
from commands.imports.identity import customer_id, group_id, ticket_id, user_id
from commands.imports.log import ImportRaced
from commands.imports.run import run_import
from commands.imports.servicenow import ServiceNow
from commands.imports.volvo import Volvo
from domain.actors import Role
from domain.base import AggregateRoot
from domain.customers.customers import Customer
from domain.desk.groups import Group
from domain.desk.statuses import Status
from domain.desk.tickets import Ticket
from domain.people.users import User
from domain.reservations import Reservation, reservation_id
from domain.rules import TextMissing, TextTooLong
from domain.values import GroupId
from eventstore import mapper
from eventstore.errors import LogUnavailable
from eventstore.records import Append, Metadata, Recorded
from tests.commands.imports.fakes import (
    SERVICENOW,
    VOLVO,
    Cells,
    MemoryLog,
    Stopped,
    import_rows,
    write_log,
)
from tests.given import CUSTOMER, T0, TICKET, recorded

SOURCE = Volvo()
CASE = VOLVO["sr_number"]
ID = ticket_id("volvo", CASE)
DONE = "Completed/Resolved"


def row(minute: int, name: str = "Accepted/In Progress", **changes: str) -> Cells:
    status, _, sub_status = name.partition("/")
    at = f"2010-03-31T15:{minute:02}:00Z"
    return VOLVO | {"status": status, "sub_status": sub_status, "timestamp_utc": at} | changes


LIFE = (
    row(0, "Queued/Awaiting Assignment"),
    row(1),
    row(1),
    row(2, "Accepted/Nowhere"),
    row(3, DONE),
    row(2, "Accepted/Wait"),
    row(3, resource="Anne Claire"),
    row(4, DONE, sr_number="1-2"),
    row(5, DONE),
)
"""Two cases; two rows of the first are refused, one of them out of the middle of a minute."""


def metadata(one: Recorded) -> Metadata:
    return msgspec.json.decode(one.metadata, type=Metadata)


def happen(log: MemoryLog, *records: AggregateRoot) -> None:
    """Let somebody else change records, outside of any import."""
    events = [mapper.encode(event) for record in records for event in recorded(record)]
    for record in records:
        record.collect_events()
    command_id = UUID(int=1000 + len(log.commands))
    about = Metadata(command_id=command_id, actor="Anna", correlation_id=command_id)
    log.append(Append(command_id, b"", msgspec.json.encode(about), events))


async def test_a_row_with_an_impossible_time_does_not_stop_the_others(tmp_path: Path) -> None:
    odd = row(1) | {"timestamp_utc": "0001-01-01T00:30:00+02:00"}

    report = await import_rows(SOURCE, MemoryLog(), tmp_path, row(0), odd, row(2))

    assert (report.imported, report.reasons) == (2, {"ValueUnknown": 1})


async def test_every_row_is_imported_or_reported(tmp_path: Path) -> None:
    report = await import_rows(SOURCE, MemoryLog(), tmp_path, *LIFE)

    assert (report.rows, report.cases, report.imported, report.appended) == (9, 2, 7, 7)
    assert [(one.row, one.case, one.reason) for one in report.reported] == [
        (5, CASE, "StateUnknown"),
        (7, CASE, "TimeRunsBackwards"),
    ]
    assert report.reasons == {"StateUnknown": 1, "TimeRunsBackwards": 1}


async def test_the_rest_of_a_case_goes_on_after_a_refused_row(tmp_path: Path) -> None:
    log = MemoryLog()

    await import_rows(SOURCE, log, tmp_path, *LIFE)

    assert log.ticket(ID).status is Status.RESOLVED
    assert log.ticket(ID).reopen_count == 1


async def test_of_a_refused_row_nothing_happens_not_even_what_was_allowed(tmp_path: Path) -> None:
    log = MemoryLog()
    closed = {"incident_state": "Closed", "closed_code": "?", "category": "Category 9"}

    report = await import_rows(
        ServiceNow(), log, tmp_path, SERVICENOW, SERVICENOW | closed, SERVICENOW | {"vendor": "V"}
    )

    assert report.reasons == {"ResolutionMissing": 1}
    assert [event.TOPIC for event in log.happened(ticket_id("servicenow", "INC0000047"))] == [
        "ticket.opened",
        "ticket.external_update_recorded",
        "ticket.external_update_recorded",
    ]


async def test_each_row_is_one_command_of_its_own(tmp_path: Path) -> None:
    log = MemoryLog()

    await import_rows(SOURCE, log, tmp_path, *LIFE[:3])

    rows = [(metadata(one).source or {})["row"] for one in log.streams[ID]]
    assert rows == [2, 3, 3, 4]
    assert len({metadata(one).command_id for one in log.streams[ID]}) == 3


async def test_every_event_tells_who_when_and_where_it_was_found(tmp_path: Path) -> None:
    log = MemoryLog()

    await import_rows(SOURCE, log, tmp_path, *LIFE)

    about = metadata(log.streams[ID][-1])
    assert about.actor == str(user_id("volvo", "Frederic"))
    assert about.source == {"system": "volvo", "file": "log.csv.gz", "row": 10}
    assert log.happened(ID)[-1].timestamp == datetime(2010, 3, 31, 15, 5, tzinfo=UTC)
    assert len({metadata(one).correlation_id for s in log.streams.values() for one in s}) == 1


async def test_where_the_log_does_not_say_who_it_was_it_was_the_other_system(
    tmp_path: Path,
) -> None:
    log = MemoryLog()

    await import_rows(SOURCE, log, tmp_path, row(0, resource=""))

    assert {metadata(one).actor for one in log.streams[ID]} == {"volvo"}


async def test_a_repeated_import_changes_nothing_and_reports_the_same(tmp_path: Path) -> None:
    log = MemoryLog()
    first = await import_rows(SOURCE, log, tmp_path, *LIFE)
    before = log.contents()

    second = await import_rows(SOURCE, log, tmp_path, *LIFE)

    assert log.contents() == before
    assert (second.events, second.appended) == (0, 0)
    assert (second.imported, second.reported) == (first.imported, first.reported)


@pytest.mark.parametrize("commands", range(11))
async def test_an_import_killed_anywhere_goes_on_where_it_stopped(
    tmp_path: Path, commands: int
) -> None:
    whole, killed = MemoryLog(), MemoryLog()
    expected = await import_rows(SOURCE, whole, tmp_path, *LIFE)
    killed.stop_after = commands
    if commands < len(whole.commands):
        with pytest.raises(Stopped):
            await import_rows(SOURCE, killed, tmp_path, *LIFE)
    # Numbers that were drawn and not used are lost: the next ones are higher.
    killed.numbers["customer"], killed.stop_after = 1, None

    report = await import_rows(SOURCE, killed, tmp_path, *LIFE)

    assert killed.contents(but="ticket_number") == whole.contents(but="ticket_number")
    assert report.reported == expected.reported


async def test_a_longer_export_of_the_same_log_goes_on(tmp_path: Path) -> None:
    log = MemoryLog()
    await import_rows(SOURCE, log, tmp_path, *LIFE[:5])

    report = await import_rows(SOURCE, log, tmp_path, row(0, DONE, sr_number="0"), *LIFE)

    assert (report.rows, report.imported, report.appended) == (10, 8, 4)
    assert log.ticket(ID).reopen_count == 1


async def test_a_longer_export_may_have_other_final_values(tmp_path: Path) -> None:
    log = MemoryLog()
    active = {"incident_state": "Active", "sys_mod_count": "1"}
    await import_rows(ServiceNow(), log, tmp_path, SERVICENOW | {"closed_at": "?"})

    report = await import_rows(ServiceNow(), log, tmp_path, SERVICENOW, SERVICENOW | active)

    assert (report.imported, report.appended, report.events) == (2, 1, 1)


async def test_a_refused_row_is_refused_again_though_it_would_fit_by_now(tmp_path: Path) -> None:
    log = MemoryLog()
    waits = row(1, "Accepted/Nowhere"), row(1, "Accepted/Wait")
    await import_rows(SOURCE, log, tmp_path, row(0), *waits)
    before = log.contents()

    report = await import_rows(SOURCE, log, tmp_path, row(0), *waits)

    assert report.reasons == {"StateUnknown": 1}
    assert log.contents() == before


async def test_a_row_that_appears_in_the_past_is_not_squeezed_in(tmp_path: Path) -> None:
    log = MemoryLog()
    await import_rows(SOURCE, log, tmp_path, row(0), row(1, DONE))
    before = log.contents()

    report = await import_rows(SOURCE, log, tmp_path, row(0), row(1, "Accepted/Wait"), row(1, DONE))

    assert report.reasons == {"LaterRowRecorded": 1}
    assert log.contents() == before


async def test_the_rows_of_a_case_may_be_scattered(tmp_path: Path) -> None:
    log = MemoryLog()

    report = await import_rows(
        SOURCE,
        log,
        tmp_path,
        row(0),
        row(0, sr_number="1-2"),
        row(1, DONE),
        row(9, sr_number="1-2"),
    )

    assert report.imported == 4
    assert log.ticket(ID).status is Status.RESOLVED


async def test_the_customer_and_the_people_come_to_be_with_the_first_row_that_names_them(
    tmp_path: Path,
) -> None:
    log = MemoryLog()

    await import_rows(SOURCE, log, tmp_path, *LIFE, customer="Volvo IT")

    customer = mapper.rebuild(Customer, log.streams[customer_id("volvo", "Volvo IT")])
    anne = log.streams[user_id("volvo", "Anne Claire")]
    user = mapper.rebuild(User, anne)
    assert customer
    assert (customer.name, customer.number) == ("Volvo IT", 1)
    assert log.ticket(ID).customer_id == customer.id
    assert user
    assert (user.name, user.email, user.role) == ("Anne Claire", "", Role.TECHNICIAN)
    assert (metadata(anne[0]).source or {})["row"] == 8


async def test_names_that_only_one_may_bear_are_reserved(tmp_path: Path) -> None:
    log = MemoryLog()
    held = SERVICENOW | {"assignment_group": "Group 70"}

    await import_rows(ServiceNow(), log, tmp_path, held)

    held_by = {
        ("customer.number", "1"): customer_id("servicenow", "Volvo"),
        ("group.name", "Group 70"): group_id("servicenow", "Group 70"),
        ("ticket.external", "servicenow:INC0000047"): ticket_id("servicenow", "INC0000047"),
    }
    for name, holder in held_by.items():
        reservation = mapper.rebuild(Reservation, log.streams[reservation_id(*name)])
        assert reservation
        assert reservation.holder == holder


async def test_a_group_that_bears_the_name_already_is_the_one_that_is_meant(
    tmp_path: Path,
) -> None:
    log = MemoryLog()
    ours = Group.begin(GroupId(UUID(int=7)), Group.Formed, T0, name="GROUP 70", description="")
    happen(log, ours, Reservation.claim("group.name", "GROUP 70", holder=ours.id, at=T0))

    await import_rows(ServiceNow(), log, tmp_path, SERVICENOW | {"assignment_group": "Group 70"})

    assert log.ticket(ticket_id("servicenow", "INC0000047")).group_id == ours.id
    assert group_id("servicenow", "Group 70") not in log.contents()


async def test_a_group_name_that_was_given_up_is_taken_anew(tmp_path: Path) -> None:
    log = MemoryLog()
    name = Reservation.claim("group.name", "Group 70", holder=UUID(int=7), at=T0)
    name.release(holder=UUID(int=7), at=T0)
    happen(log, name)

    await import_rows(ServiceNow(), log, tmp_path, SERVICENOW | {"assignment_group": "Group 70"})

    ticket = log.ticket(ticket_id("servicenow", "INC0000047"))
    assert ticket.group_id == group_id("servicenow", "Group 70")


async def test_a_customer_number_that_was_chosen_by_hand_is_left_out(tmp_path: Path) -> None:
    log = MemoryLog()
    happen(log, Reservation.claim("customer.number", "1", holder=CUSTOMER, at=T0))

    await import_rows(SOURCE, log, tmp_path, row(0))

    customer = mapper.rebuild(Customer, log.streams[customer_id("volvo", "Volvo")])
    assert customer
    assert customer.number == 2


async def test_rows_that_name_what_can_not_be_created_are_reported(tmp_path: Path) -> None:
    log = MemoryLog()

    report = await import_rows(SOURCE, log, tmp_path, row(0), row(1, resource="x" * 201))

    assert report.imported == 1
    assert report.reasons == {"TextTooLong": 1}


async def test_a_number_that_another_ticket_bears_is_not_opened_again(tmp_path: Path) -> None:
    log = MemoryLog()
    name = f"volvo:{CASE}"
    happen(log, Reservation.claim("ticket.external", name, holder=TICKET, at=T0))

    report = await import_rows(SOURCE, log, tmp_path, row(0), row(1))

    assert (report.imported, report.reasons) == (0, {"AlreadyTaken": 2})


async def test_numbers_are_drawn_once_for_all_new_cases_of_a_batch(tmp_path: Path) -> None:
    log = MemoryLog()

    await import_rows(SOURCE, log, tmp_path, *LIFE)

    assert log.draws == [("customer", 1), ("ticket", 2)]
    assert log.ticket(ID).ticket_number == 2
    assert log.ticket(ticket_id("volvo", "1-2")).ticket_number == 1


async def test_a_dry_run_decides_everything_and_writes_nothing(tmp_path: Path) -> None:
    log, real = MemoryLog(), MemoryLog()
    held = SERVICENOW | {"assignment_group": "Group 70", "assigned_to": "Resolver 89"}
    expected = await import_rows(ServiceNow(), real, tmp_path, held)

    report = await import_rows(ServiceNow(), log, tmp_path, held, dry_run=True)

    assert (log.contents(), log.draws) == ({}, [])
    assert (report.events, report.imported) == (expected.events, expected.imported)
    assert report.dry_run


async def test_what_others_do_to_a_ticket_meanwhile_is_respected(tmp_path: Path) -> None:
    log = MemoryLog()
    await import_rows(SOURCE, log, tmp_path, row(0))

    def comment() -> None:
        ticket = log.ticket(ID)
        at = datetime(2010, 3, 31, 15, 0, 30, tzinfo=UTC)
        ticket.comment(UUID(int=1), "Hello", author="Anna", public=True, by_staff=True, at=at)
        happen(log, ticket)

    log.meanwhile = comment

    report = await import_rows(SOURCE, log, tmp_path, row(0), row(1, DONE))

    assert (report.appended, report.reported) == (1, [])
    assert [event.TOPIC for event in log.happened(ID)][-2:] == [
        "ticket.commented",
        "ticket.resolved",
    ]


async def test_who_is_raced_for_ever_gives_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "ATTEMPTS", 0)

    with pytest.raises(ImportRaced, match="run the import again"):
        await import_rows(SOURCE, MemoryLog(), tmp_path, row(0))


async def test_what_was_done_here_since_is_not_overtaken_by_older_rows(tmp_path: Path) -> None:
    log = MemoryLog()
    await import_rows(SOURCE, log, tmp_path, row(0))
    ticket = log.ticket(ID)
    ticket.change(Ticket.Retitled, T0, title="Our own title")
    happen(log, ticket)

    report = await import_rows(SOURCE, log, tmp_path, row(0), row(1))

    assert report.reasons == {"TimeRunsBackwards": 1}


async def test_a_ticket_that_was_deleted_here_stays_so(tmp_path: Path) -> None:
    log = MemoryLog()
    await import_rows(SOURCE, log, tmp_path, row(0))
    ticket = log.ticket(ID)
    ticket.delete(reason="Not ours", at=datetime(2010, 3, 31, 15, 1, tzinfo=UTC))
    happen(log, ticket)

    report = await import_rows(SOURCE, log, tmp_path, row(0), row(2))

    assert report.reasons == {"TicketDeleted": 1}


async def test_a_failing_log_ends_the_import(tmp_path: Path) -> None:
    class Lost(MemoryLog):
        def append(self, append: Append) -> Exception:
            return LogUnavailable()

    with pytest.raises(LogUnavailable):
        await import_rows(SOURCE, Lost(), tmp_path, row(0))


@pytest.mark.parametrize("customer", ["", " ", "x" * 201])
async def test_a_customer_without_a_proper_name_is_refused_at_once(
    tmp_path: Path, customer: str
) -> None:
    log = MemoryLog()

    with pytest.raises((TextMissing, TextTooLong), match="customer"):
        await import_rows(SOURCE, log, tmp_path, row(0), customer=customer)

    assert log.contents() == {}


async def test_an_import_tells_how_far_it_is(tmp_path: Path) -> None:
    log, seen = MemoryLog(), list[tuple[int, int]]()
    rows = [row(n % 60, sr_number=str(n // 60)) for n in range(1200)]

    await run_import(
        SOURCE,
        write_log(tmp_path / "log.csv.gz", rows),
        log=log,
        appender=log,
        customer="Volvo",
        zone=UTC,
        progress=lambda done, all_rows: seen.append((done, all_rows)),
    )

    assert seen == [(420, 1200), (840, 1200), (1200, 1200)]


async def test_a_row_that_is_cut_off_is_reported(tmp_path: Path) -> None:
    path = write_log(tmp_path / "log.csv.gz", [row(0)])
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()) + CASE.encode() + b",x\r\n"))
    log = MemoryLog()

    report = await run_import(
        SOURCE, path, log=log, appender=log, customer="V", zone=UTC, progress=lambda *_: None
    )

    assert [(one.row, one.case, one.reason) for one in report.reported] == [
        (3, CASE, "RowIncomplete")
    ]


async def test_a_total_that_differs_is_told_once_though_the_row_is_imported(
    tmp_path: Path,
) -> None:
    differs = SERVICENOW | {"reopen_count": "1"}

    report = await import_rows(
        ServiceNow(), MemoryLog(), tmp_path, SERVICENOW, differs, differs | {"active": "x"}
    )

    assert report.imported == 3
    assert [(one.row, one.sentence) for one in report.disagreements] == [
        (3, "reopen_count is 1 in the source and 0 here")
    ]
