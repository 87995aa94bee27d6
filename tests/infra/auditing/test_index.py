"""`index.xml` is of the form that the description standard demands, and the check can fail."""

import re
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from eventstore.export.spans import Extent, Span
from infra.auditing.index import Supplier, index
from infra.auditing.sheets import Sheet
from infra.auditing.standard import DTD, declarations
from infra.auditing.tables import HISTORY, JOURNAL, TABLES, Column, Table, Type
from tests.infra.auditing.standard import EMPTY, MODELS, misplaced, read_package

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
EXTENT = Extent(2, AT, datetime(2026, 12, 31, 23, 59, tzinfo=UTC), 9)
SUPPLIER = Supplier("Müller & Söhne <IT>", "Wien", 'Package "1"')
DEVICES = Table(
    "devices.csv",
    "Devices",
    "Geräte",
    "devices",
    1,
    (
        Column("id", Type.NUMBER, "Nummer", "number"),
        Column("bought", Type.DAY, "Kauf", "bought on"),
        Column("text", Type.TEXT, "Text", "text"),
    ),
    ("id", JOURNAL.name),
)


def described(*tables: Table) -> ET.Element:
    return ET.fromstring(index(tables, Span(1, 2), EXTENT, SUPPLIER))


def test_the_tables_are_described_in_the_order_of_the_standard() -> None:
    assert misplaced(described(*TABLES)) == []


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (".", "DataSet"),
        (".//DataSupplier", "DataSupplier"),
        (".//Table", "Table"),
        (".//Table/Validity", "Validity"),
        (".//VariableLength", "VariableLength"),
        (".//VariablePrimaryKey", "VariablePrimaryKey"),
        (".//ForeignKey", "ForeignKey"),
    ],
)
def test_another_order_would_be_noticed(path: str, wrong: str) -> None:
    root = described(*TABLES)
    element = root.find(path)
    assert element is not None

    element[:] = reversed(element)

    assert misplaced(root) == [wrong]


def test_what_the_standard_does_not_know_would_be_noticed() -> None:
    root = described(*TABLES)
    ET.SubElement(root, "Comment")
    ET.SubElement(next(root.iter("UTF8")), "BOM")

    assert misplaced(root) == ["DataSet", "UTF8"]


def test_the_declarations_are_those_of_the_standard() -> None:
    said = dict(re.findall(r"<!ELEMENT (\w+) (.+)>", declarations()))

    deterministic = {"Media": "(Name, Command*, (Table+, Command*)?, AcceptNoTables?)"}
    assert {name: said[name] for name in MODELS} == MODELS | deterministic
    assert {name for name in EMPTY if said[name] == "EMPTY"} == EMPTY
    # Every name that a declaration mentions has one.
    assert set(re.findall(r"\b[A-Z][A-Za-z0-9]+\b", " ".join(said.values()))) - {
        "EMPTY",
        "PCDATA",
    } <= set(said)


def test_the_head_names_the_declarations_and_the_encoding() -> None:
    text = index(TABLES, Span(1, 2), EXTENT, SUPPLIER)

    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n')
    assert f'\n<!DOCTYPE DataSet SYSTEM "{DTD}">\n<DataSet>' in text
    assert "<RecordDelimiter>&#13;&#10;</RecordDelimiter>" in text


def test_who_hands_over_is_told_to_the_letter() -> None:
    supplier = described(*TABLES).find("DataSupplier")

    assert supplier is not None
    assert [each.text for each in supplier] == list(SUPPLIER)


def test_the_first_line_is_skipped_and_keys_are_named() -> None:
    table = described(*TABLES).findall(".//Table")[1]

    assert table.findtext("Range/From") == "2"
    assert [each.findtext("Name") for each in table.iter("VariablePrimaryKey")] == [
        "position",
        "field",
    ]
    assert table.findtext(".//ForeignKey/Name") == "position"
    assert table.findtext(".//ForeignKey/References") == JOURNAL.name
    assert table.findtext("Validity/Range/To") == "31.12.2026"
    assert HISTORY.columns[0].name == JOURNAL.columns[0].name


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ('a;b "c" d', 'a;b "c" d'),
        ("two\r\nlines\rand\na third", "two\nlines\nand\na third"),
        ("=1+1", "'=1+1"),
        ("+4930901820", "'+4930901820"),
        ("-cmd", "'-cmd"),
        ("@sum", "'@sum"),
        ("\tTab", "'\tTab"),
        ("\rCR", "'\nCR"),
        ("-12,50", "-12,50"),
        ("", ""),
        ("Größe 😀", "Größe 😀"),
    ],
)
def test_a_reader_of_the_index_gets_what_was_written(tmp_path: Path, text: str, cell: str) -> None:
    with (tmp_path / DEVICES.file).open("wb") as file:
        sheet = Sheet(file, DEVICES)
        sheet.write([4711, AT, text])
        sheet.write([4712, None, None])
    (tmp_path / "index.xml").write_text(index([DEVICES], Span(1, 2), EXTENT, SUPPLIER))

    rows = read_package(tmp_path)[DEVICES.name]

    assert rows == [
        {"id": 4711, "bought": AT.date(), "text": cell},
        {"id": 4712, "bought": None, "text": ""},
    ]
    assert sheet.rows == 2
