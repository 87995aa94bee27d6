"""Statements that tell the positions of the views in the same turn with Postgres as their rows.

Rows and positions are of one snapshot: the answer is neither older nor newer than it says.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Select, func, select, true

from projections.checkpoints import checkpoints
from readapi.statements import text_of

POSITIONS: Final = "view positions"
FOUND: Final = "row found"
"""What the two columns are called that no view has."""


class AtOnce:
    """A statement whose shape never changes: compiled once, and asked with other values."""

    def __init__(self, statement: Select[Any]) -> None:
        """Take a statement whose values are `bindparam`s."""
        reached = func.json_object_agg(checkpoints.c.view, checkpoints.c.position)
        positions = select(reached.label(POSITIONS)).subquery("reached")
        rows = statement.add_columns(true().label(FOUND)).subquery("asked")
        # Outer: where there is no row, it has to be told all the same how old that answer is.
        whole = select(positions, rows).select_from(positions.outerjoin(rows, true()))
        self._text, self._values = text_of(whole)

    def told(self, values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return the text that Postgres gets, always the same object, and these values."""
        return self._text, {**self._values, **values}
