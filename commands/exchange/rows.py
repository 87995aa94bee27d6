"""In which order the rows of a file are imported, where rows name each other."""

from collections.abc import Sequence

import msgspec

from commands.exchange.fields import CellInvalid
from commands.exchange.sheet import Sheet
from commands.exchange.tables import Row


def in_order(rows: Sequence[Row], sheet: Sheet) -> list[Row]:
    """Return the rows with what a row belongs to before it, else as they are in the file.

    A row that others belong to comes twice where it says that the record is at its end: first
    without that, as nothing new may belong to such a record, and again once the others are there.
    Rows that belong to each other in a circle keep their order; the domain refuses one of them.
    """
    if not {"number", "parent"} <= {column.name for column in sheet.columns}:
        return list(rows)
    parents = {_cell(row, "parent") for row in rows} - {""}
    twice = [row for row in rows if _cell(row, "number") in parents and _ends(row, sheet)]
    first = [_without_status(row) if row in twice else row for row in rows]
    return _parents_first(first) + twice


def _parents_first(rows: Sequence[Row]) -> list[Row]:
    waiting, ordered = list(rows), list[Row]()
    while waiting:
        missing = {_cell(row, "number") for row in waiting} - {""}
        ready = [row for row in waiting if _cell(row, "parent") not in missing] or waiting
        ordered += ready
        done = {row.number for row in ready}
        waiting = [row for row in waiting if row.number not in done]
    return ordered


def _ends(row: Row, sheet: Sheet) -> bool:
    try:
        return bool(sheet.field("status").of(_cell(row, "status")) == sheet.end)
    except CellInvalid:  # told when the row is imported
        return False


def _without_status(row: Row) -> Row:
    return msgspec.structs.replace(row, values={**row.values, "status": ""})


def _cell(row: Row, column: str) -> str:
    return row.values.get(column, "").strip()
