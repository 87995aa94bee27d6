"""In which order the rows of a file are imported."""

from collections.abc import Sequence

from commands.exchange.sheet import Sheet
from commands.exchange.tables import Row


def in_order(rows: Sequence[Row], sheet: Sheet) -> list[Row]:
    """Return the rows with what a row belongs to before it, else as they are in the file.

    Rows that belong to each other in a circle keep their order; the domain refuses one of them.
    """
    if not {"number", "parent"} <= {column.name for column in sheet.columns}:
        return list(rows)
    waiting, ordered = list(rows), list[Row]()
    while waiting:
        missing = {row.values.get("number", "").strip() for row in waiting} - {""}
        ready = [row for row in waiting if row.values.get("parent", "").strip() not in missing]
        ordered += ready or waiting
        waiting = [row for row in waiting if row not in ready] if ready else []
    return ordered
