"""Writes rows as CSV (RFC 4180), as `index.xml` describes them."""

import csv
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from commands.exchange.cells import guarded
from infra.auditing.tables import Table, Type

SEPARATOR: Final = ";"
RECORD_END: Final = "\r\n"
_LINE_END: Final = re.compile(r"\r\n?")


class File(Protocol):
    """Where bytes go."""

    def write(self, content: bytes, /) -> object:
        """Write them all."""
        ...


class Sheet:
    """One CSV file of the package, begun with the names of its columns."""

    def __init__(self, file: File, table: Table) -> None:
        """Write the header at once."""
        self._writer = csv.writer(_Encoded(file), delimiter=SEPARATOR, lineterminator=RECORD_END)
        self._cells = [_CELLS[column.type] for column in table.columns]
        self._writer.writerow([column.name for column in table.columns])
        self.rows = 0
        """How many rows have been written, the header not counted."""

    def write(self, values: Sequence[Any]) -> None:
        """Write one row: a value for each column, None where there is none."""
        self._writer.writerow(
            ["" if v is None else cell(v) for cell, v in zip(self._cells, values, strict=True)]
        )
        self.rows += 1


class _Encoded:
    def __init__(self, file: File) -> None:
        self._file = file

    def write(self, text: str) -> None:
        self._file.write(text.encode())


def text(value: object) -> str:
    """Return a text as a cell: no formula to a spreadsheet, and no end of a record within.

    Some programs that auditors use end a record at every CRLF, quoted or not.
    """
    cell = str(value)
    if "\r" in cell:
        cell = _LINE_END.sub("\n", cell)
    return cell if cell[:1].isalnum() else guarded(cell)  # Most are ids and instants.


def day(value: datetime) -> str:
    """Return the day of an instant in UTC, as DD.MM.YYYY."""
    at = value.astimezone(UTC)
    return f"{at.day:02}.{at.month:02}.{at.year:04}"


def instant(at: datetime) -> str:
    """Return an instant in UTC, with six digits of a second."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


_CELLS: Final[dict[Type, Callable[[Any], str]]] = {
    Type.TEXT: text,
    Type.NUMBER: str,
    Type.DAY: day,
}
