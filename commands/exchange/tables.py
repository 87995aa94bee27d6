"""Tables as CSV files, as offices write them and as spreadsheets open them (RFC 4180)."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from commands.exchange.cells import guarded, unguarded
from commands.exchange.columns import Column, folded, known_words, named_columns
from commands.exchange.texts import decoded
from domain.errors import Invalid

MAX_BYTES = 20_000_000
MAX_ROWS = 50_000

_SEPARATORS = ";,\t"
_HINT = re.compile(r"sep=([;,\t])\r?\n", re.IGNORECASE)
"""A first line that tells spreadsheets the separator, and is not shown by them."""


class RowUneven(Invalid):
    """Row {row} has {values} values, but the header has {columns} columns."""

    field = "file"


class RowBroken(Invalid):
    """Row {row} is no CSV: {problem}."""

    field = "file"


class TooManyRows(Invalid):
    """The file has more than {limit} rows; split it."""

    field = "file"


class Row(msgspec.Struct, frozen=True):
    """What one row says, by the names of the columns that the file has."""

    number: int
    """As a spreadsheet counts: the header is 1, blank rows count."""
    values: dict[str, str]


def read_table(
    data: bytes,
    columns: Sequence[Column],
    *,
    encoding: str = "",
    max_bytes: int = MAX_BYTES,
    max_rows: int = MAX_ROWS,
) -> Iterator[Row]:
    """Yield the rows in the order of the file, blank ones left out.

    The header is checked at once, with the refusals of `decoded` and `named_columns`. While rows
    are read: `RowUneven`, `RowBroken` or `TooManyRows`.
    """
    header, records = _opened(data, columns, encoding, max_bytes)
    return _rows(records, named_columns(header, columns), max_rows)


def read_header(data: bytes, columns: Sequence[Column], *, encoding: str = "") -> list[str]:
    """Return the cells of the header, whether they are known columns or not.

    Raises what `decoded` refuses, or `RowBroken`.
    """
    header, _ = _opened(data, columns, encoding, MAX_BYTES)
    return header


def write_table(columns: Sequence[Column], rows: Iterable[Mapping[str, str]]) -> bytes:
    """Return the rows as UTF-8 with BOM, separated by semicolons: what Excel opens by itself.

    Columns and rows keep their order; a value that a row lacks is an empty cell. `read_table`
    gives back every row that is not wholly empty, to the letter.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(column.name for column in columns)
    writer.writerows([guarded(row.get(one.name, "")) for one in columns] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _opened(
    data: bytes, columns: Sequence[Column], encoding: str, max_bytes: int
) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Return the header, and the records below it."""
    separator, text = _separated(decoded(data, encoding, limit=max_bytes), columns)
    records = _records(text, separator)
    _, header = next(records, (1, []))
    return header, records


def _separated(text: str, columns: Sequence[Column]) -> tuple[str, str]:
    """Return the separator under which most of the header is known, and the text behind a hint."""
    hint = _HINT.match(text)
    if hint:
        return hint[1], text[hint.end() :]
    known = known_words(columns)
    return max(_SEPARATORS, key=lambda separator: _recognised(text, separator, known)), text


def _recognised(text: str, separator: str, known: Mapping[str, str]) -> int:
    try:
        _, header = next(_records(text, separator), (1, []))
    except RowBroken:
        return 0
    return sum(folded(cell) in known for cell in header)


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, [unguarded(cell) for cell in cells]
    except csv.Error as error:
        raise RowBroken(row=number + 1, problem=str(error)) from error


def _rows(
    records: Iterator[tuple[int, list[str]]], names: list[str], max_rows: int
) -> Iterator[Row]:
    filled = ((number, cells) for number, cells in records if any(cells))
    for count, (number, cells) in enumerate(filled, start=1):
        if count > max_rows:
            raise TooManyRows(limit=max_rows)
        if len(cells) != len(names):
            raise RowUneven(row=number, values=len(cells), columns=len(names))
        yield Row(number, dict(zip(names, cells, strict=True)))
