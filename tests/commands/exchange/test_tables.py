"""Tables as offices write them."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.exchange.cells import guarded, unguarded
from commands.exchange.columns import (
    Column,
    ColumnMissing,
    ColumnRepeated,
    ColumnUnknown,
    TableEmpty,
)
from commands.exchange.tables import RowBroken, RowUneven, TooManyRows, read_table, write_table
from commands.exchange.texts import EncodingUnknown, FileIsArchive, FileNotText, FileTooLarge
from domain.errors import Invalid

COLUMNS = (
    Column("name", ("Firma", "Company name"), required=True),
    Column("city", ("Ort", "Stadt")),
    Column("phone", ("Telefon", "Tel.")),
)


def read(data: bytes | str, encoding: str = "") -> list[tuple[int, dict[str, str]]]:
    raw = data.encode() if isinstance(data, str) else data
    return [(row.number, row.values) for row in read_table(raw, COLUMNS, encoding=encoding)]


ACME = [(2, {"name": "Acmé", "city": "Köln"})]


@pytest.mark.parametrize(
    "data",
    [
        "name;city\nAcmé;Köln\n",
        "name,city\nAcmé,Köln\n",
        "name\tcity\nAcmé\tKöln\n",
        "sep=,\r\nname,city\r\nAcmé,Köln\r\n",
        "Firma;Ort\r\nAcmé;Köln",
        "  FIRMA ;STADT\rAcmé;Köln\r",
        "company_name;ort\nAcmé;Köln\n",
        '"Company  Name";"Ort"\n"Acmé";"Köln"\n',
        "name;city\nAcmé;Köln\n\n;\n",
    ],
)
def test_a_table_is_read_however_an_office_writes_it(data: str) -> None:
    assert read(data) == ACME


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_first_bytes_say_how_a_file_is_encoded(encoding: str) -> None:
    assert read("name;city\nAcmé;Köln\n".encode(encoding)) == ACME


def test_utf_16_of_other_machines_is_read_too() -> None:
    assert read("\ufeffname;city\nAcmé;Köln\n".encode("utf-16-be")) == ACME


def test_windows_1252_is_read_when_it_is_declared() -> None:
    data = "name;city\nAcmé;Köln\n".encode("cp1252")

    assert read(data, "cp1252") == ACME


def test_windows_1252_is_not_guessed() -> None:
    with pytest.raises(FileNotText) as refusal:
        read("name;city\nAcme;Bonn\nAcmé;Köln\n".encode("cp1252"))

    assert refusal.value.facts["line"] == 3
    assert "--encoding cp1252" in str(refusal.value)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"name\n\x81\n", "cp1252"),
        (b"\xef\xbb\xbfname\n\xe9\n", ""),
        (b"\xff\xfen\x00a\x00m\x00e\x00\n\x00\x00\xdc", ""),
        ("name\nAcme".encode("utf-16-le"), ""),
    ],
)
def test_a_file_that_is_not_what_it_says_is_to_be_saved_as_utf_8(
    data: bytes, encoding: str
) -> None:
    with pytest.raises(FileNotText) as refusal:
        read(data, encoding)

    assert refusal.value.facts["way_out"] == "save it as UTF-8"


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(EncodingUnknown):
        read("name\n", "latin-1")


def test_a_workbook_is_refused_with_the_way_out() -> None:
    with pytest.raises(FileIsArchive):
        read(b"PK\x03\x04\x14\x00\x06\x00")


@pytest.mark.parametrize("data", ["", "\n", "\ufeff", "sep=;\n"])
def test_a_table_has_a_header(data: str) -> None:
    with pytest.raises(TableEmpty):
        read(data)


def test_a_required_column_is_there() -> None:
    with pytest.raises(ColumnMissing) as refusal:
        read("city;phone\nKöln;\n")

    assert str(refusal.value) == "The file lacks the column 'name'; its header has city, phone."


def test_an_unknown_column_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(ColumnUnknown) as refusal:
        read("name;Umsatz\nAcme;1\n")

    assert refusal.value.facts == {
        "position": 2,
        "column": "Umsatz",
        "known": "name, city, phone",
    }


def test_a_column_is_there_once_whatever_it_is_called() -> None:
    with pytest.raises(ColumnRepeated) as refusal:
        read("Ort;name;Stadt\n")

    assert refusal.value.facts == {"first": 1, "second": 3, "column": "city"}


@pytest.mark.parametrize(("row", "values"), [("Acme", 1), ("Acme;Köln;", 3)])
def test_a_row_has_as_many_values_as_the_header(row: str, values: int) -> None:
    with pytest.raises(RowUneven) as refusal:
        read(f"name;city\nAcme;Köln\n{row}\n")

    assert refusal.value.facts == {"row": 3, "values": values, "columns": 2}


@pytest.mark.parametrize("row", ['"Acme;Köln', '"Ac"me;Köln', '"' + "x" * 200_000 + '";Köln'])
def test_a_row_that_is_no_csv_is_refused_with_its_number(row: str) -> None:
    with pytest.raises(RowBroken) as refusal:
        read(f"name;city\nAcme;Köln\n{row}\n")

    assert refusal.value.facts["row"] == 3


def test_a_header_that_is_no_csv_is_refused() -> None:
    with pytest.raises(RowBroken) as refusal:
        read("x" * 200_000)

    assert refusal.value.facts["row"] == 1


def test_rows_count_as_a_spreadsheet_shows_them() -> None:
    found = read('name;city\n\n"Acme\nGmbH";Köln\n;;\nNord;Kiel\n'.replace(";;", ";"))

    assert [number for number, _ in found] == [3, 5]


def test_a_column_that_the_file_lacks_is_not_in_its_rows() -> None:
    assert read("name;phone\nAcme;\n") == [(2, {"name": "Acme", "phone": ""})]


def test_a_file_has_a_largest_size() -> None:
    data = b"name\nAcme\n"

    assert list(read_table(data, COLUMNS, max_bytes=len(data)))
    with pytest.raises(FileTooLarge):
        read_table(data, COLUMNS, max_bytes=len(data) - 1)


def test_a_file_has_a_largest_number_of_rows() -> None:
    data = b"name\nAcme\n\nNord\n"

    assert len(list(read_table(data, COLUMNS, max_rows=2))) == 2
    with pytest.raises(TooManyRows):
        list(read_table(data, COLUMNS, max_rows=1))


def test_a_table_is_written_as_excel_opens_it() -> None:
    rows = [{"name": 'Acme "A"; Co', "phone": "+4930901820"}, {"city": "Köln\nDeutz", "name": "B"}]

    data = write_table(COLUMNS, rows)

    assert (
        data
        == (
            '\ufeffname;city;phone\r\n"Acme ""A""; Co";;\'+4930901820\r\nB;"Köln\nDeutz";\r\n'
        ).encode()
    )


@pytest.mark.parametrize(
    "value",
    ["=1+1", "+49 30", "-A1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "'=1", "''+1", "\uff1d1", "-1-1"],
)
def test_no_cell_is_a_formula(value: str) -> None:
    assert guarded(value) == f"'{value}"


@pytest.mark.parametrize("value", ["", "Acme", "1+1", "'t Hooft", "''", "-12", "-12,50", "-0.5"])
def test_a_cell_that_is_no_formula_is_left_alone(value: str) -> None:
    assert guarded(value) == value


CELLS = st.text(
    st.one_of(
        st.sampled_from("'=+-@\t\r\n;,\"0 "), st.characters(codec="utf-8", exclude_characters="\0")
    ),
    max_size=8,
)


@given(CELLS)
def test_the_guard_is_taken_off_again(value: str) -> None:
    assert unguarded(guarded(value)) == value
    assert guarded(value)[:1] not in {"=", "+", "@", "\t", "\r", "\n"}


@given(st.lists(st.fixed_dictionaries({one.name: CELLS for one in COLUMNS})))
def test_what_was_written_is_read_to_the_letter(rows: list[dict[str, str]]) -> None:
    filled = [row for row in rows if any(row.values())]

    assert [row.values for row in read_table(write_table(COLUMNS, filled), COLUMNS)] == filled


@given(st.lists(CELLS, min_size=1).filter(any))
def test_a_table_of_one_column_is_read_to_the_letter(values: list[str]) -> None:
    rows = [{"name": value} for value in values if value]

    assert [row.values for row in read_table(write_table(COLUMNS[:1], rows), COLUMNS)] == rows


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2).filter(any)), st.sampled_from(";,\t"))
def test_a_table_of_another_program_is_read_with_its_separator(
    records: list[list[str]], separator: str
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows([["Firma", "Tel."], *records])

    found = [[*row.values.values()] for row in read_table(text.getvalue().encode(), COLUMNS)]

    assert found == [[unguarded(cell) for cell in record] for record in records]


@given(st.binary(max_size=60) | CELLS.map(str.encode))
def test_any_file_is_read_or_refused_by_name(data: bytes) -> None:
    try:
        rows = list(read_table(data, COLUMNS))
    except Invalid:
        return

    assert all(row.number > 1 for row in rows)
