"""Custom fields as columns: typed by their kind, checked as the command checks them."""

from typing import Any, Final
from uuid import UUID

import pytest

from commands.exchange.columns import ColumnUnknown
from commands.exchange.contact_sheet import CONTACTS
from commands.exchange.custom_columns import customized, keys_of, kinds_in
from commands.exchange.customer_sheet import CUSTOMERS
from commands.exchange.fields import cells_of, values_of
from commands.exchange.location_sheet import LOCATIONS
from commands.exchange.results import Report
from commands.exchange.sheet import Sheet
from commands.exchange.tables import read_table
from domain.base import AggregateRoot, Event
from domain.customers.custom_fields import CustomField, RecordKind
from domain.field_rules import FieldKind, FieldRules
from eventstore import mapper
from tests.commands.exchange.test_run import (
    claim,
    claim_numbers,
    customers,
    filled,
    imported,
    outcomes,
)
from tests.commands.fakes import MemoryLog
from tests.given import T0, T1, TWO_CUSTOMERS

RULES: Final = {
    "cost_centre": FieldRules(FieldKind.TEXT, max_length=5),
    "seats": FieldRules(FieldKind.INTEGER),
    "price": FieldRules(FieldKind.NUMBER),
    "vip": FieldRules(FieldKind.BOOLEAN),
    "since": FieldRules(FieldKind.DATE),
    "level": FieldRules(FieldKind.CHOICE, required=True, choices=("Gold", "Silver")),
    "sites": FieldRules(FieldKind.CHOICES, choices=("North, coast", "South", "West")),
    "portal": FieldRules(FieldKind.URL),
    "billing": FieldRules(FieldKind.EMAIL),
    "hotline": FieldRules(FieldKind.PHONE),
}
KINDS: Final = {key: rules.kind for key, rules in RULES.items()}
HEADER: Final = (
    "number;name;custom.cost_centre;custom.seats;custom.price;custom.vip;custom.since;"
    "custom.level;custom.sites;custom.portal;custom.billing;custom.hotline\n"
)
WHOLE: Final = (
    '1;Huber;4711;12;12,5;ja;2026-03-31;Gold;"North, coast\nSouth";https://huber.example;'
    "BILL@huber.example;'+49 30 901820\n"
)
KEPT: Final = {
    "cost_centre": "4711",
    "seats": 12,
    "price": "12.50",
    "vip": True,
    "since": "2026-03-31",
    "level": "Gold",
    "sites": ["North, coast", "South"],
    "portal": "https://huber.example",
    "billing": "bill@huber.example",
    "hotline": "+4930901820",
}


async def office(of: RecordKind = RecordKind.CUSTOMER) -> MemoryLog:
    """Return a log with two customers, and with all of these fields of a kind of record."""
    log = filled(*TWO_CUSTOMERS)
    await claim_numbers(log)
    for number, (key, rules) in enumerate(RULES.items(), start=1):
        labels = {"label_de": key, "label_en": key}
        field = CustomField.begin(
            UUID(int=number),
            CustomField.Defined,
            T0,
            record_kind=of,
            key=key,
            rules=rules,
            **labels,
        )
        keep(log, field)
        for scope, name in field.names():
            await claim(log, scope, name, field.id)
    return log


def keep(log: MemoryLog, record: AggregateRoot) -> None:
    for event in record.collect_events():
        assert isinstance(event, Event)
        log.record(event)


async def take(
    log: MemoryLog, csv: str, sheet: Sheet = CUSTOMERS, *, dry_run: bool = False
) -> Report:
    return await imported(log, csv, customized(sheet, KINDS), dry_run=dry_run)


async def test_a_new_row_has_a_value_of_each_kind() -> None:
    log = await office()

    report = await take(log, HEADER + WHOLE)

    assert outcomes(report) == ["created"]
    assert customers(log)[1].custom == KEPT


async def test_values_that_are_imported_twice_are_unchanged_without_an_event() -> None:
    log = await office()
    await take(log, HEADER + WHOLE)
    before = len(log.recorded)

    report = await take(log, HEADER + WHOLE)

    assert outcomes(report) == ["unchanged"]
    assert (report.events, len(log.recorded)) == (0, before)


async def test_only_the_values_that_differ_are_told_by_their_columns() -> None:
    log = await office()
    await take(log, HEADER + WHOLE)

    report = await take(
        log, "number;name;custom.seats;custom.level;custom.vip\n1;Huber;13;Gold;no\n"
    )

    assert [result.fields for result in report.results] == [["custom.seats", "custom.vip"]]
    assert customers(log)[1].custom == KEPT | {"seats": 13, "vip": False}


async def test_an_empty_cell_takes_a_value_away_and_a_missing_column_leaves_it() -> None:
    log = await office()
    await take(log, "number;name;custom.vip;custom.seats;custom.sites\n1;Huber;no;0;South\n")

    report = await take(log, "number;name;custom.vip;custom.sites\n1;Huber;;\n")

    assert [result.fields for result in report.results] == [["custom.sites", "custom.vip"]]
    assert customers(log)[1].custom == {"seats": 0}


@pytest.mark.parametrize(
    ("key", "cell", "reason"),
    [
        ("cost_centre", "471100", "TextTooLong"),
        ("seats", "many", "CustomValueInvalid"),
        ("price", "1.234,50", "CustomValueInvalid"),
        ("vip", "maybe", "CustomValueInvalid"),
        ("since", "31.03.2026", "CustomValueInvalid"),
        ("level", "Bronze", "CustomValueInvalid"),
        ("sites", "South, East", "CustomValueInvalid"),
        ("portal", "huber", "CustomValueInvalid"),
        ("billing", "huber", "EmailInvalid"),
        ("hotline", "030 901820", "PhoneCountryMissing"),
    ],
)
async def test_a_value_that_does_not_fit_is_refused_with_its_row_and_column(
    key: str, cell: str, reason: str
) -> None:
    log = await office()

    report = await take(log, f"number;name;custom.{key}\n1;Huber;\n2;Maier;{cell}\n")

    fine, refused = report.results
    assert fine.outcome == "created"
    assert (refused.row, refused.column, refused.reason) == (3, f"custom.{key}", reason)
    assert 2 not in customers(log)


async def test_a_required_value_is_not_taken_away_and_not_asked_for() -> None:
    log = await office()
    await take(log, "number;name;custom.level\n1;Huber;Gold\n2;Maier;\n")

    report = await take(log, "number;name;custom.level\n1;Huber;\n2;Maier;\n")

    refused, unchanged = report.results
    assert (refused.reason, refused.column) == ("TextMissing", "custom.level")
    assert unchanged.outcome == "unchanged"


@pytest.mark.parametrize(
    ("cell", "outcome", "reason"),
    [("12", "unchanged", None), ("13", "refused", "CustomFieldOutOfUse")],
)
async def test_a_field_out_of_use_takes_nothing_but_what_stands(
    cell: str, outcome: str, reason: str | None
) -> None:
    log = await office()
    await take(log, HEADER + WHOLE)
    seats = mapper.rebuild(CustomField, await log.read_stream(UUID(int=2)))
    assert seats is not None
    seats.archive(at=T1)
    keep(log, seats)

    report = await take(log, f"number;name;custom.seats\n1;Huber;{cell}\n")

    assert (outcomes(report), report.results[0].reason) == ([outcome], reason)


async def test_a_dry_run_says_what_values_would_change_and_records_nothing() -> None:
    log = await office()
    await take(log, HEADER + WHOLE)
    before = len(log.recorded)
    rows = "number;name;custom.seats\n1;Huber;13\n2;Maier;many\n"

    rehearsed = await take(log, rows, dry_run=True)

    assert len(log.recorded) == before
    real = await take(log, rows)
    assert rehearsed.results == real.results
    assert [result.fields for result in real.results] == [["custom.seats"], []]


@pytest.mark.parametrize(
    ("sheet", "row"),
    [
        (CONTACTS, "customer;name;custom.seats\n10001;Ada;12\n"),
        (LOCATIONS, "customer;name;country;custom.seats\n10001;Plant;DE;12\n"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
async def test_contacts_and_locations_have_custom_columns_too(sheet: Sheet, row: str) -> None:
    log = await office(sheet.record_kind)

    report = await take(log, row, sheet)

    id = report.results[0].id
    assert id is not None
    record: Any = mapper.rebuild(sheet.kind, await log.read_stream(id))
    assert record.custom == {"seats": 12}


def test_an_unknown_custom_column_is_refused_with_those_that_are_known() -> None:
    sheet = customized(CUSTOMERS, {"seats": FieldKind.INTEGER, "vip": FieldKind.BOOLEAN})

    with pytest.raises(ColumnUnknown) as refusal:
        read_table(b"name;custom.size\nHuber;1\n", sheet.columns)

    assert refusal.value.facts["column"] == "custom.size"
    assert refusal.value.facts["known"].endswith("parent, custom.seats, custom.vip")


def test_keys_that_differ_in_underscores_alone_are_told_apart() -> None:
    sheet = customized(CUSTOMERS, {"a_b": FieldKind.TEXT, "a__b": FieldKind.TEXT})

    (row,) = read_table(b"name;custom.a_b;custom.a__b\nHuber;1;2\n", sheet.columns)

    assert row.values == {"name": "Huber", "custom.a_b": "1", "custom.a__b": "2"}


async def test_the_log_tells_what_a_header_names() -> None:
    log = await office()
    keys = keys_of(["name", "Custom.SEATS", "custom.size", "custom."])

    kinds = await kinds_in(log, RecordKind.CUSTOMER, keys)

    assert keys == ["seats", "size", ""]
    assert kinds == {"seats": FieldKind.INTEGER}


async def test_a_field_of_another_kind_of_record_is_unknown() -> None:
    log = await office(RecordKind.CONTACT)

    assert await kinds_in(log, RecordKind.CUSTOMER, ["seats"]) == {}


def test_what_is_written_of_each_kind_is_read_again() -> None:
    sheet = customized(CUSTOMERS, KINDS)
    columns = [field for field in sheet.fields if field.path.startswith("custom.")]

    said = values_of(columns, cells_of(columns, {"custom": KEPT}))

    assert said == {f"custom.{key}": value for key, value in KEPT.items()}
