"""How a log is read: twice, first to find where each case ends, then case by case.

The first reading also finds a broken file before anything is appended, and counts the rows. A
case is handed on with its last row, so that only unfinished cases are held in memory.
"""

import csv
import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path

import msgspec

from commands.imports.source import Record
from domain.errors import Invalid


class ImportFileInvalid(Invalid):
    """The file {file} can not be imported: {problem}."""

    field = "file"


class RowIncomplete(Invalid):
    """The row has more or fewer values than the header has columns."""


class Layout(msgspec.Struct, frozen=True):
    """The columns that a source needs, and the one that names the case."""

    columns: Sequence[str]
    case_column: str


class Survey(msgspec.Struct, frozen=True):
    """What the first reading finds."""

    rows: int
    last: dict[str, int]
    """The last row of each case."""


def survey(path: Path, layout: Layout) -> Survey:
    """Read the file to its end; raises `ImportFileInvalid`."""
    rows = 0
    last: dict[str, int] = {}
    for record in records(path, layout):
        rows += 1
        last[record.case] = record.number
    return Survey(rows, last)


def cases(path: Path, layout: Layout, surveyed: Survey) -> Iterator[list[Record]]:
    """Yield the rows of each case in the order of the file; raises `ImportFileInvalid`."""
    held: dict[str, list[Record]] = {}
    for record in records(path, layout):
        held.setdefault(record.case, []).append(record)
        if record.number >= surveyed.last.get(record.case, 0):
            yield held.pop(record.case)


def records(path: Path, layout: Layout) -> Iterator[Record]:
    """Yield the rows in the order of the file; raises `ImportFileInvalid`."""
    with _named_problems(path), gzip.open(path, "rt", encoding="utf-8-sig", newline="") as text:
        reader = csv.reader(text, strict=True)
        header = next(reader, None)
        if not header:
            raise _invalid(path, "it is empty")
        pick, case_at = _positions(path, header, layout)
        for number, values in enumerate(reader, start=2):
            if len(values) == len(header):
                yield Record(number, values[case_at], pick(values))
            elif values:
                yield Record(number, "".join(values[case_at : case_at + 1]), ())


def _positions(
    path: Path, header: list[str], layout: Layout
) -> tuple[Callable[[list[str]], tuple[str, ...]], int]:
    for column in layout.columns:
        if column not in header:
            raise _invalid(path, f"the column `{column}` is missing", column)
    return itemgetter(*map(header.index, layout.columns)), header.index(layout.case_column)


@contextmanager
def _named_problems(path: Path) -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error) as error:
        raise _invalid(path, "it ends too early or is damaged") from error
    except gzip.BadGzipFile as error:
        raise _invalid(path, "it is not compressed with gzip") from error
    except UnicodeDecodeError as error:
        raise _invalid(path, f"it is not encoded in UTF-8 (byte {error.start})") from error
    except csv.Error as error:
        raise _invalid(path, f"it is no CSV ({error})") from error
    except OSError as error:
        raise _invalid(path, f"it can not be read ({error.strerror})") from error


def _invalid(path: Path, problem: str, column: str = "") -> ImportFileInvalid:
    return ImportFileInvalid(file=path.name, problem=problem, column=column)
