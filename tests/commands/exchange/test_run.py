"""Importing tables: what rows find, what they change, and that nothing is done by halves."""

from collections.abc import Sequence
from typing import Any

import pytest

from commands.exchange.contact_sheet import CONTACTS
from commands.exchange.customer_sheet import CUSTOMERS
from commands.exchange.location_sheet import LOCATIONS
from commands.exchange.results import Outcome, Report
from commands.exchange.run import Import
from commands.exchange.sheet import Sheet
from commands.exchange.tables import Row, read_table
from commands.table import TABLE
from domain.actors import Role
from domain.base import Event
from domain.customers.customers import Customer
from domain.customers.standing import Status
from domain.reservations import Reservation
from eventstore import mapper
from eventstore.records import Append, Appended
from tests.commands.fakes import MemoryLog
from tests.commands.office import ADMIN
from tests.given import (
    CONTACT,
    CUSTOMER,
    LOCATION,
    MERGED_CUSTOMERS,
    T2,
    TWO_CUSTOMERS,
    USER,
    Fact,
    contact_added,
    location_registered,
    user_registered,
)

WHOLE = (
    "number;name;trade_name;register_court;register_number;street;postal_code;city;country;"
    "email_domains;status;language;vat_id;currency;payment_days;invoice_email;tags;notes\n"
    "10077;Huber GmbH;Huber;Amtsgericht Berlin;HRB 1;Am Markt 1;10115;Berlin;de;"
    "huber.example, huber.test;on_hold;en;DE 136695976;CHF;30;bill@huber.example;vip, gold;Rings.\n"
)


async def imported(
    log: MemoryLog,
    csv: str,
    sheet: Sheet = CUSTOMERS,
    *,
    rows: Sequence[Row] | None = None,
    dry_run: bool = False,
) -> Report:
    """Import a table, or these rows, as the command line does."""
    if rows is None:
        rows = list(read_table(csv.encode(), sheet.columns))
    run = Import(
        sheet,
        table=TABLE,
        log=log,
        appender=log,
        clock=lambda: T2,
        actor=ADMIN,
        file="customers.csv",
        dry_run=dry_run,
    )
    return await run.through(rows, lambda *_: None)


def filled(*facts: Fact) -> MemoryLog:
    log = MemoryLog()
    log.tell(*facts)
    return log


def customers(log: MemoryLog) -> dict[int, Any]:
    """Return all customers by number."""
    streams: dict[Any, list[Any]] = {}
    for recorded in log.recorded:
        streams.setdefault(recorded.stream_id, []).append(recorded)
    found = [mapper.rebuild(Customer, history) for history in streams.values()]
    return {one.number: one for one in found if one is not None}


def outcomes(report: Report) -> list[str]:
    return [result.outcome.value for result in report.results]


async def test_a_new_row_becomes_a_customer_with_all_that_its_cells_say() -> None:
    log = MemoryLog()

    report = await imported(log, WHOLE)

    huber = customers(log)[10077]
    assert outcomes(report) == ["created"]
    assert (huber.name, huber.trade_name, huber.vat_id) == ("Huber GmbH", "Huber", "DE136695976")
    assert (huber.address.city, huber.address.country) == ("Berlin", "DE")
    assert (huber.payment_days, huber.currency, huber.language) == (30, "CHF", "en")
    assert huber.tags == ("gold", "vip")
    assert huber.status is Status.ON_HOLD


async def test_what_was_imported_twice_is_unchanged_without_an_event() -> None:
    log = MemoryLog()
    await imported(log, WHOLE)
    before = len(log.recorded)

    report = await imported(log, WHOLE)

    assert outcomes(report) == ["unchanged"]
    assert (report.events, len(log.recorded)) == (0, before)


async def test_a_customer_without_a_number_is_not_added_twice() -> None:
    log = MemoryLog()
    await imported(log, "name\nHuber GmbH\n")

    report = await imported(log, "name\nHuber GmbH\n")

    assert outcomes(report) == ["unchanged"]
    assert [one.name for one in customers(log).values()] == ["Huber GmbH"]


async def test_only_what_differs_is_changed_and_told_by_its_column() -> None:
    log = filled(*TWO_CUSTOMERS)
    await claim_numbers(log)

    report = await imported(log, "number;Firma;Ort;payment_days\n10001;Acme AG;Bern;14\n")

    assert [result.fields for result in report.results] == [["name", "city"]]
    assert customers(log)[10001].address.street == "Hauptstraße 1"


async def test_a_record_is_found_by_its_id_before_all_else() -> None:
    log = filled(*TWO_CUSTOMERS)

    report = await imported(log, f"id;name\n{CUSTOMER};Acme AG\n")

    assert report.results[0].id == CUSTOMER
    assert outcomes(report) == ["changed"]


async def test_a_number_never_changes() -> None:
    log = filled(*TWO_CUSTOMERS)

    report = await imported(log, f"id;number;name\n{CUSTOMER};10009;Acme AG\n")

    assert refusal(report) == ("Fixed", "number")


async def test_a_refused_row_leaves_nothing_behind_and_the_others_go_on() -> None:
    log = MemoryLog()
    bad = "10001;First;;DE1\n10002;Second;;\n10003;;;\n"

    report = await imported(log, f"number;name;payment_days;vat_id\n{bad}")

    assert outcomes(report) == ["refused", "created", "refused"]
    assert list(customers(log)) == [10002]
    assert [result.column for result in report.results] == ["vat_id", None, "name"]
    assert [result.row for result in report.results] == [2, 3, 4]


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("payment_days", "soon", "CellInvalid"),
        ("payment_days", "400", "RowUnfit"),
        ("status", "gone", "CellInvalid"),
        ("country", "XX", "CountryUnknown"),
        ("parent", "4711", "ReferenceUnknown"),
        ("account_manager", "nobody@msp.example", "ReferenceUnknown"),
        ("id", "4711", "CellInvalid"),
    ],
)
async def test_a_cell_that_makes_no_sense_is_refused_by_its_column(
    column: str, cell: str, reason: str
) -> None:
    report = await imported(MemoryLog(), f"name;{column}\nHuber;{cell}\n")

    (result,) = report.results
    assert result.reason == reason
    assert result.column is not None
    assert column in result.column


async def test_a_dry_run_tells_the_same_and_appends_nothing() -> None:
    log = MemoryLog()
    rows = "number;name;parent\n10002;Sub;10001\n10001;Top;\n10002;Sub again;10001\n10001;;\n"

    rehearsed = await imported(log, rows, dry_run=True)

    assert log.recorded == []
    real = await imported(log, rows)
    assert outcomes(rehearsed) == outcomes(real) == ["created", "created", "changed", "refused"]
    assert rehearsed.events == real.events == len(log.recorded)


async def test_a_dry_run_draws_no_number() -> None:
    log = MemoryLog()

    await imported(log, "name\nHuber GmbH\n", dry_run=True)

    assert await log.next_number("customer") == 1


async def test_a_customer_is_imported_after_the_one_that_it_belongs_to() -> None:
    log = MemoryLog()

    report = await imported(log, "number;name;parent\n10002;Sub;10001\n10001;Top;\n")

    assert outcomes(report) == ["created", "created"]
    assert customers(log)[10002].parent_id == customers(log)[10001].id


@pytest.mark.parametrize("status", ["prospect", "on_hold", "former"])
async def test_what_a_customer_belongs_to_may_stand_anywhere(status: str) -> None:
    log = MemoryLog()
    rows = f"number;name;status;parent\n10002;Sub;;10001\n10001;Top;{status};\n"

    first, second = await imported(log, rows), await imported(log, rows)

    assert outcomes(first) == ["created", "created"]
    assert outcomes(second) == ["unchanged", "unchanged"]
    assert customers(log)[10001].status == status


async def test_customers_that_belong_to_each_other_are_refused() -> None:
    report = await imported(MemoryLog(), "number;name;parent\n10002;A;10001\n10001;B;10002\n")

    assert "refused" in outcomes(report)


async def test_the_account_manager_is_named_by_their_address() -> None:
    log = MemoryLog()
    log.tell(user_registered(role=Role.TECHNICIAN, customer_id=None))
    await claim(log, "user.email", "ada@acme.example", USER)

    report = await imported(log, "number;name;account_manager\n1;Huber;ada@acme.example\n")

    assert outcomes(report) == ["created"]
    assert customers(log)[1].account_manager_id == USER


@pytest.mark.parametrize(
    ("before", "after", "outcome"),
    [
        ("prospect", "active", "changed"),
        ("prospect", "on_hold", "changed"),
        ("active", "former", "changed"),
        ("former", "on_hold", "changed"),
        ("on_hold", "active", "changed"),
        ("on_hold", "on_hold", "unchanged"),
        ("former", "former", "unchanged"),
        ("active", "", "unchanged"),
        ("active", "prospect", "refused"),
    ],
)
async def test_a_status_is_reached_by_the_decisions_that_lead_to_it(
    before: str, after: str, outcome: str
) -> None:
    log = MemoryLog()
    await imported(log, f"number;name;status\n1;Huber;{before}\n")

    report = await imported(log, f"number;name;status\n1;Huber;{after}\n")

    assert outcomes(report) == [outcome]
    assert customers(log)[1].status == (before if outcome != "changed" else after)


async def test_an_import_that_was_killed_within_a_row_goes_on() -> None:
    log = Killed(after=1)
    with pytest.raises(ConnectionError):
        await imported(log, WHOLE)

    log.after = 100
    report = await imported(log, WHOLE)

    assert outcomes(report) == ["changed"]
    assert list(customers(log)) == [10077]
    assert customers(log)[10077].status is Status.ON_HOLD


async def test_a_row_is_decided_anew_when_somebody_was_faster() -> None:
    log = filled(*TWO_CUSTOMERS)

    async def rename() -> None:
        await imported(log, f"id;name\n{CUSTOMER};Renamed\n")

    log.meanwhile.append(rename)
    report = await imported(log, f"id;name;notes\n{CUSTOMER};Acme AG;New\n")

    assert outcomes(report) == ["changed"]
    assert customers(log)[10001].name == "Acme AG"


HELD = "number;name;status;email_domains\n10077;Huber GmbH;on_hold;huber.example\n"


async def test_a_row_that_somebody_interrupted_is_finished_and_counted_once() -> None:
    log = MemoryLog()

    async def rename() -> None:
        await imported(log, "number;name\n10077;Huber AG\n")

    log.meanwhile.extend([nothing, rename])
    report = await imported(log, HELD)

    assert outcomes(report) == ["created"]
    assert (customers(log)[10077].name, customers(log)[10077].status) == ("Huber GmbH", "on_hold")
    # The other one's event is the renaming.
    assert report.events == len(log.recorded) - 1


async def test_a_row_that_can_not_be_finished_says_what_it_created() -> None:
    log = filled(*TWO_CUSTOMERS)

    async def merge() -> None:
        huber, acme = customers(log)[10077], customers(log)[10001]
        huber.merge_into(acme, at=T2)
        for event in [*huber.collect_events(), *acme.collect_events()]:
            log.record(event)

    log.meanwhile.extend([nothing, merge])
    report = await imported(log, HELD)

    (result,) = report.results
    assert refusal(report)[0] == "MergedAway"
    assert result.id == customers(log)[10077].id
    assert f"a part was taken: {result.id}" in report.to_text()
    # The other one's events are the two of the merge.
    assert report.events == len(log.recorded) - len(TWO_CUSTOMERS) - 2


async def nothing() -> None:
    """Let an append pass."""


async def test_a_location_is_found_by_its_customer_and_its_name() -> None:
    log = filled(*TWO_CUSTOMERS)
    await claim_numbers(log)
    table = "Kunde;Standort;Straße;Land;Breite;Länge\n10001;Plant;{};DE;52,5163;13.3777\n"

    first = await imported(log, table.format("A 1"), LOCATIONS)
    second = await imported(log, table.format("B 2"), LOCATIONS)
    third = await imported(log, table.format("B 2"), LOCATIONS)

    assert [outcomes(one) for one in (first, second, third)] == [
        ["created"],
        ["changed"],
        ["unchanged"],
    ]
    assert second.results[0].id == first.results[0].id
    assert second.results[0].fields == ["street"]


LOCATION_OF_MERGED = (*MERGED_CUSTOMERS, location_registered, contact_added)


@pytest.mark.parametrize("number", [10001, 10002], ids=["the merged one", "the one that stands"])
@pytest.mark.parametrize("id", [LOCATION, ""], ids=["by id", "by name"])
async def test_a_merged_customers_location_is_found_by_either_customer(
    number: int, id: object
) -> None:
    log = filled(*LOCATION_OF_MERGED)
    await claim_numbers(log)
    await claim(log, "location.name", f"{CUSTOMER} Head office", LOCATION)

    rows = f"id;customer;name;opening_hours\n{id};{number};Head office;Mondays\n"
    report = await imported(log, rows, LOCATIONS)

    assert outcomes(report) == ["changed"]
    assert report.results[0].id == LOCATION


async def test_a_merged_customers_contact_stays_whose_it_is_and_names_its_location() -> None:
    log = filled(*LOCATION_OF_MERGED)
    await claim_numbers(log)
    await claim(log, "location.name", f"{CUSTOMER} Head office", LOCATION)

    rows = f"id;customer;name;location\n{CONTACT};10002;Ada Li;Head office\n"
    report = await imported(log, rows, CONTACTS)

    assert outcomes(report) == ["changed"]
    assert report.results[0].id == CONTACT


async def test_a_location_does_not_move_to_another_customer() -> None:
    log = filled(*TWO_CUSTOMERS, location_registered)
    await claim_numbers(log)

    rows = f"id;customer;name\n{LOCATION};10002;Head office\n"
    report = await imported(log, rows, LOCATIONS)

    assert refusal(report) == ("Fixed", "customer")


async def test_a_location_is_archived_and_restored_by_its_status() -> None:
    log = filled(*TWO_CUSTOMERS)
    await claim_numbers(log)
    table = "customer;name;country;status\n10001;Plant;DE;{}\n"

    reports = [
        await imported(log, table.format(status), LOCATIONS)
        for status in ("archiviert", "archived", "active")
    ]

    assert [outcomes(one) for one in reports] == [["created"], ["unchanged"], ["changed"]]


def refusal(report: Report) -> tuple[str | None, str | None]:
    (result,) = report.results
    assert result.outcome is Outcome.REFUSED
    return result.reason, result.column


async def claim_numbers(log: MemoryLog) -> None:
    """Let the numbers of given customers be reserved, as they are when they are registered."""
    for customer in customers(log).values():
        await claim(log, "customer.number", str(customer.number), customer.id)


async def claim(log: MemoryLog, scope: str, key: str, holder: Any) -> None:
    reservation = Reservation.claim(scope, key, holder=holder, at=T2)
    for event in reservation.collect_events():
        assert isinstance(event, Event)
        log.record(event)


class Killed(MemoryLog):
    """A log that is cut off after some appends."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after

    async def append(self, append: Append) -> Appended:
        if self.after == 0:
            raise ConnectionError
        self.after -= 1
        return await super().append(append)
