"""How a log is read, and which files are none."""

import gzip
from pathlib import Path

import pytest

from commands.imports.files import ImportFileInvalid, Layout, cases, survey

LAYOUT = Layout(("case", "state"), "case")


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "log.csv.gz"
    path.write_bytes(gzip.compress(text.encode(encoding)))
    return path


def read(path: Path) -> list[list[tuple[int, str, tuple[str, ...]]]]:
    found = cases(path, LAYOUT, survey(path, LAYOUT))
    return [[(one.number, one.case, one.values) for one in records] for records in found]


def test_the_rows_are_numbered_as_in_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "case,state\nA,new\nA,old\nB,new\n")

    assert read(path) == [
        [(2, "A", ("A", "new")), (3, "A", ("A", "old"))],
        [(4, "B", ("B", "new"))],
    ]


def test_the_rows_of_a_case_need_not_follow_each_other(tmp_path: Path) -> None:
    path = written(tmp_path, "case,state\nA,new\nB,new\nA,old\n")

    assert read(path) == [
        [(3, "B", ("B", "new"))],
        [(2, "A", ("A", "new")), (4, "A", ("A", "old"))],
    ]


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufeffmore,state,case\n1,new,A\n")

    assert read(path) == [[(2, "A", ("A", "new"))]]


def test_an_empty_line_is_no_row(tmp_path: Path) -> None:
    path = written(tmp_path, "case,state\n\nA,new\n\n")

    assert read(path) == [[(3, "A", ("A", "new"))]]


@pytest.mark.parametrize("cut", ["A", "A,new,more"])
def test_a_row_of_another_length_has_no_values(tmp_path: Path, cut: str) -> None:
    path = written(tmp_path, f"case,state\nA,new\n{cut}\n")

    assert read(path) == [[(2, "A", ("A", "new")), (3, "A", ())]]


def test_the_first_reading_counts_the_rows(tmp_path: Path) -> None:
    path = written(tmp_path, "case,state\nA,new\nB,new\nA,old\n")

    assert survey(path, LAYOUT).rows == 3


def test_a_log_without_rows_is_a_log(tmp_path: Path) -> None:
    assert read(written(tmp_path, "case,state\n")) == []


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, "case,status\nA,new\n")

    with pytest.raises(ImportFileInvalid) as refused:
        read(path)

    assert str(refused.value) == (
        "The file log.csv.gz can not be imported: the column `state` is missing."
    )
    assert refused.value.facts["column"] == "state"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"case,state\nA,new\n", "it is not compressed with gzip"),
        (b"", "it is empty"),
        (gzip.compress(b""), "it is empty"),
        (gzip.compress("case,state\nMüller,new\n".encode("cp1252")), "not encoded in UTF-8"),
        (gzip.compress(b"case,state\n" + b"A,new\n" * 99)[:-9], "it ends too early"),
        (gzip.compress(b"case,state\n")[:12] + b"x" * 99, "it ends too early or is damaged"),
        (gzip.compress(b'case,state\n"A"b,new\n'), "it is no CSV"),
    ],
    ids=["plain", "no bytes", "no text", "cp1252", "cut off", "damaged", "quotes"],
)
def test_a_broken_file_is_named_with_what_is_wrong(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    path = tmp_path / "log.csv.gz"
    path.write_bytes(content)

    with pytest.raises(ImportFileInvalid, match=r"log\.csv\.gz") as refused:
        read(path)

    assert problem in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImportFileInvalid, match="No such file"):
        read(tmp_path / "log.csv.gz")
