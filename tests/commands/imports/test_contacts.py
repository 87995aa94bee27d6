"""ServiceNow's callers as contacts: each of them once, and only where that is asked for."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from commands.imports.identity import contact_id, customer_id, ticket_id
from commands.imports.servicenow import ServiceNow
from domain.customers.contacts import Contact
from domain.desk.tickets import Ticket
from domain.values import CustomerId
from tests.commands.imports.fakes import SERVICENOW, Cells, MemoryLog, import_rows

ACME, BOLT = (customer_id("servicenow", name) for name in ("Acme", "Bolt"))
WITH, WITHOUT = ServiceNow(contacts=True), ServiceNow()


def row(minute: int, caller: str, number: str = "INC1") -> Cells:
    at = f"29/2/2016 05:{minute:02}"
    return SERVICENOW | {"number": number, "sys_updated_at": at, "caller_id": caller}


ROWS = (
    row(1, "Caller 1"),
    row(2, "Caller 2"),
    row(3, "Caller 2"),
    row(4, "Caller 1", number="INC2"),
    row(5, "?", number="INC2"),
)


def caller(name: str, customer: CustomerId = ACME) -> UUID:
    return contact_id("servicenow", customer, name)


def ticket(log: MemoryLog, number: str = "INC1") -> Ticket:
    return log.ticket(ticket_id("servicenow", number))


def contacts(log: MemoryLog) -> Iterator[Contact.Added]:
    for stream_id in log.streams:
        yield from (one for one in log.happened(stream_id) if isinstance(one, Contact.Added))


async def test_each_caller_becomes_one_contact_of_the_customer(tmp_path: Path) -> None:
    log = MemoryLog()

    report = await import_rows(WITH, log, tmp_path, *ROWS, customer="Acme")

    added = {one.originator_id: (one.name, one.customer_id) for one in contacts(log)}
    assert added == {
        caller("Caller 1"): ("Caller 1", ACME),
        caller("Caller 2"): ("Caller 2", ACME),
    }
    assert report.contacts == len(list(contacts(log))) == 2
    assert "2 contacts added" in report.to_text()


async def test_a_contact_comes_to_be_with_the_first_row_that_names_it(tmp_path: Path) -> None:
    log = MemoryLog()

    await import_rows(WITH, log, tmp_path, *ROWS, customer="Acme")

    begun = {one.name: one.timestamp.minute for one in contacts(log)}
    assert begun == {"Caller 1": 1, "Caller 2": 2}


async def test_a_ticket_is_opened_with_its_caller_and_follows_a_later_row(tmp_path: Path) -> None:
    log = MemoryLog()

    await import_rows(WITH, log, tmp_path, *ROWS, customer="Acme")

    opened, *later = log.happened(ticket(log).id)
    changes = [one for one in later if isinstance(one, Ticket.ContactChanged)]
    assert isinstance(opened, Ticket.Opened)
    assert opened.contact_id == caller("Caller 1")
    assert [(one.contact_id, one.timestamp.minute) for one in changes] == [(caller("Caller 2"), 2)]
    assert ticket(log).requester.name == "Caller 2"


async def test_a_later_caller_is_named_under_their_own_key(tmp_path: Path) -> None:
    log = MemoryLog()

    await import_rows(WITH, log, tmp_path, *ROWS[:2], customer="Acme")

    told = {
        event.topic: [one.key.subject for one in event.personal]
        for append in log.commands.values()
        for event in append.events
        if event.stream_id == ticket(log).id
    }
    assert told["ticket.opened"] == [caller("Caller 1")]
    assert told["ticket.requester_changed"] == [caller("Caller 2")]


async def test_a_row_that_names_no_caller_ends_the_contact(tmp_path: Path) -> None:
    log = MemoryLog()

    await import_rows(WITH, log, tmp_path, *ROWS, customer="Acme")

    assert ticket(log, "INC2").contact_id is None


async def test_importing_with_contacts_again_changes_nothing(tmp_path: Path) -> None:
    log = MemoryLog()
    await import_rows(WITH, log, tmp_path, *ROWS, customer="Acme")
    before = log.contents()

    again = await import_rows(WITH, log, tmp_path, *ROWS, customer="Acme")

    assert (again.events, again.contacts, again.imported) == (0, 0, len(ROWS))
    assert log.contents() == before


async def test_without_contacts_there_are_none(tmp_path: Path) -> None:
    log = MemoryLog()

    report = await import_rows(WITHOUT, log, tmp_path, *ROWS, customer="Acme")

    assert list(contacts(log)) == []
    assert ticket(log).contact_id is None
    assert "contacts" not in report.to_text()


async def test_rows_that_were_imported_without_contacts_stay_so(tmp_path: Path) -> None:
    log = MemoryLog()
    await import_rows(WITHOUT, log, tmp_path, *ROWS, customer="Acme")
    before = log.contents()

    again = await import_rows(WITH, log, tmp_path, *ROWS, customer="Acme")

    assert (again.events, again.reported) == (0, [])
    assert log.contents() == before


async def test_a_new_row_brings_the_contact_of_a_ticket_that_had_none(tmp_path: Path) -> None:
    log = MemoryLog()
    await import_rows(WITHOUT, log, tmp_path, *ROWS, customer="Acme")

    later = await import_rows(WITH, log, tmp_path, *ROWS, row(6, "Caller 2"), customer="Acme")

    assert (later.appended, later.contacts, later.reported) == (1, 1, [])
    assert ticket(log).contact_id == caller("Caller 2")


async def test_the_callers_of_one_customer_are_no_contacts_of_another_ones_ticket(
    tmp_path: Path,
) -> None:
    log = MemoryLog()
    await import_rows(WITH, log, tmp_path, *ROWS, customer="Acme")

    later = await import_rows(
        WITH, log, tmp_path, *ROWS, row(6, "Caller 1"), row(7, "Caller 1", "INC3"), customer="Bolt"
    )

    assert later.reported == []
    assert ticket(log).contact_id == caller("Caller 2")
    assert ticket(log, "INC3").contact_id == caller("Caller 1", BOLT)


@pytest.mark.parametrize("source", [WITH, WITHOUT], ids=["with", "without"])
async def test_a_dry_run_adds_no_contact(tmp_path: Path, source: ServiceNow) -> None:
    log = MemoryLog()

    await import_rows(source, log, tmp_path, *ROWS, customer="Acme", dry_run=True)

    assert log.contents() == {}
