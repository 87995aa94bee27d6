"""Columns of a table, and which of them a header row names."""

import unicodedata
from collections.abc import Sequence

import msgspec

from domain.errors import Invalid


class TableEmpty(Invalid):
    """The file has no header row."""

    field = "file"


class ColumnMissing(Invalid):
    """The file lacks the column {column!r}; its header has {found}."""

    field = "file"


class ColumnUnknown(Invalid):
    """Column {position} of the header is {column!r}, which is unknown; known are {known}."""

    field = "file"


class ColumnRepeated(Invalid):
    """Columns {first} and {second} of the header are both {column!r}."""

    field = "file"


class Column(msgspec.Struct, frozen=True):
    """A column that a file may have: its name, and what else offices call it, in any case."""

    name: str
    aliases: tuple[str, ...] = ()
    required: bool = False


def known_words(columns: Sequence[Column]) -> dict[str, str]:
    """Return the name of the column for each word, folded, that a header may use."""
    return {folded(word): one.name for one in columns for word in (one.name, *one.aliases)}


def named_columns(header: Sequence[str], columns: Sequence[Column]) -> list[str]:
    """Return the name of each column of the header.

    Raises `TableEmpty`, `ColumnUnknown`, `ColumnRepeated` or `ColumnMissing`.
    """
    if not any(header):
        raise TableEmpty
    known = known_words(columns)
    # Two keys of custom fields may differ in their underscores alone.
    exact = {one.name for one in columns}
    names: list[str] = []
    for position, cell in enumerate(header, start=1):
        name = cell if cell in exact else known.get(folded(cell))
        if name is None:
            raise ColumnUnknown(
                position=position, column=cell, known=", ".join(one.name for one in columns)
            )
        if name in names:
            raise ColumnRepeated(first=names.index(name) + 1, second=position, column=name)
        names.append(name)
    for column in columns:
        if column.required and column.name not in names:
            raise ColumnMissing(column=column.name, found=", ".join(header))
    return names


def folded(word: str) -> str:
    """Return a word of a header without case, with one blank where it has blanks or _."""
    return " ".join(unicodedata.normalize("NFC", word).casefold().replace("_", " ").split())
