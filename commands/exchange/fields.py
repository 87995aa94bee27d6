"""How the cell of a column becomes a field of a command, and the field of a document a cell."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec

from commands.exchange.columns import Column
from domain.errors import Invalid

SAYS_NOTHING: Final = object()
"""What an empty cell is read as where there is no empty value, e.g. a number."""

CUSTOM: Final = "custom."
"""What the path and the column of a custom field begin with; its key follows."""

YES_OR_NO: Final = {
    "yes": True,
    "ja": True,
    "true": True,
    "no": False,
    "nein": False,
    "false": False,
}

_SPLIT: Final = re.compile(r"[,;]")
_LABELLED: Final = re.compile(r"(?P<value>.*?)\s*\((?P<label>[^()]*[^\W\d][^()]*)\)", re.DOTALL)


class CellInvalid(Invalid):
    """Column {column!r} takes {takes}, not {cell!r}; correct the cell."""

    def __init__(self, **facts: Any) -> None:
        super().__init__(**facts)
        self.field = str(facts["column"])


class Field(msgspec.Struct, frozen=True):
    """A column, and the field that it is about."""

    path: str
    """In the command, the record and the document: `address.street`."""
    column: Column
    read: Callable[[str], Any] = str.strip
    """Takes a cell; raises ValueError with what the column takes."""
    written: Callable[[Any], str] = str
    """Takes the field of a document."""
    shown: str = ""
    """In the document, where it is not the same there: `parent.number`."""
    scope: str = ""
    """Where the cell names another record: the scope of the name that it bears."""
    within: str = ""
    """The path of the record that the name is unique in, where it is not unique everywhere."""

    def of(self, cell: str) -> Any:
        """Return what a cell says; raises `CellInvalid`."""
        try:
            return self.read(cell)
        except ValueError as error:
            column = self.column.name
            raise CellInvalid(column=column, takes=str(error), cell=cell) from None


def values_of(fields: Sequence[Field], cells: Mapping[str, str]) -> dict[str, Any]:
    """Return what the cells of a row say, by path; columns that the file lacks are left out."""
    said = {one.path: one.of(cells[one.column.name]) for one in fields if one.column.name in cells}
    return {path: value for path, value in said.items() if value is not SAYS_NOTHING}


def cells_of(fields: Sequence[Field], document: Mapping[str, Any]) -> dict[str, str]:
    """Return the cells of a record's document, made of plain values."""
    return {
        one.column.name: "" if value is None else one.written(value)
        for one in fields
        for value in [_at(document, one.shown or one.path)]
    }


def nested(values: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """Return values by path as fields; what an object has besides is that of the base."""
    fields: dict[str, Any] = {}
    for path, value in values.items():
        name, _, part = path.partition(".")
        if part:
            fields.setdefault(name, dict(base.get(name) or {}))[part] = value
        else:
            fields[name] = value
    return fields


def whole_number(cell: str) -> Any:
    """Return the number in a cell."""
    return _read(cell, r"\d{1,18}", int, "a whole number")


def decimal(cell: str) -> Any:
    """Return the number in a cell, with a point or a comma."""
    number = r"-?\d{1,3}([.,]\d{1,15})?"
    return _read(cell, number, lambda text: float(text.replace(",", ".")), "a number")


def as_decimal(number: float) -> str:
    """Return a cell with a number of up to seven decimal places, without an exponent."""
    return f"{number:.7f}".rstrip("0").rstrip(".")


def an_id(cell: str) -> Any:
    """Return the id in a cell."""
    if not cell.strip():
        return SAYS_NOTHING
    try:
        return UUID(cell.strip())
    except ValueError:
        message = "an id"
        raise ValueError(message) from None


def yes_or_no(cell: str) -> Any:
    """Return whether a cell says yes."""
    if not cell.strip():
        return SAYS_NOTHING
    if cell.strip().casefold() not in YES_OR_NO:
        message = "yes or no"
        raise ValueError(message)
    return YES_OR_NO[cell.strip().casefold()]


def one_of(words: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the reader of a cell that has one of these words, in any case."""
    values = {word.casefold(): value for word, value in words.items()}

    def read(cell: str) -> Any:
        if not cell.strip():
            return SAYS_NOTHING
        if cell.strip().casefold() not in values:
            raise ValueError(" or ".join(dict.fromkeys(words.values())))
        return values[cell.strip().casefold()]

    return read


def several(cell: str) -> list[str]:
    """Return the words of a cell: one a line, or divided by commas or semicolons."""
    parts = cell.splitlines() if "\n" in cell else _SPLIT.split(cell)
    return [part.strip() for part in parts if part.strip()]


def joined(words: Sequence[str]) -> str:
    """Return a cell that `several` takes apart again."""
    if any(_SPLIT.search(word) for word in words):
        # A word with a comma in it is told by its line.
        return "\n".join(words) + "\n"
    return ", ".join(words)


def labelled(name: str) -> tuple[Callable[[str], Any], Callable[[Any], str]]:
    """Return how `ada@acme.example (work), …` is read and written; `name` is the value's field."""

    def read(cell: str) -> list[dict[str, str]]:
        return [_pair(part) for part in several(cell)]

    def _pair(part: str) -> dict[str, str]:
        found = _LABELLED.fullmatch(part)
        return {name: found["value"], "label": found["label"]} if found else {name: part}

    def written(values: Sequence[Mapping[str, str]]) -> str:
        return joined([f"{v[name]} ({v['label']})" if v["label"] else v[name] for v in values])

    return read, written


def _read(cell: str, pattern: str, make: Callable[[str], Any], takes: str) -> Any:
    if not cell.strip():
        return SAYS_NOTHING
    if not re.fullmatch(pattern, cell.strip(), re.ASCII):
        raise ValueError(takes)
    return make(cell.strip())


def _at(document: Mapping[str, Any], path: str) -> Any:
    value: Any = document
    for name in path.split("."):
        value = None if value is None else value.get(name)
    return value
