"""What the new code calls by another name on purpose; everything else is as the old code said it.

The new name counts where the new code has it. So this list may be ahead of the code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, LiteralString


@dataclass(frozen=True, kw_only=True)
class Renamed:
    """What is called differently about one table, or about the documents of the same name."""

    why: str
    table: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By column or field: old value → new value."""
    elsewhere: frozenset[str] = frozenset()
    """Columns whose contents other tables have now; compared are what is answered from them."""
    more: LiteralString = "false"
    """A condition in SQL: which rows of the new table the old one could not have."""


TABLES: Final[dict[str, Renamed]] = {
    "ticket_timeline": Renamed(
        why="The timeline tells of every kind of record.",
        table="timeline_entries",
        columns={"ticket_id": "record_id"},
        more="not starts_with(kind, 'ticket.')",
    ),
    "customers": Renamed(
        why="Who is a customer no longer is a former customer, beside prospects.",
        values={"status": {"archived": "former"}},
    ),
    "search_documents": Renamed(
        why="Each text is a row of `search_texts`, so that a comment is indexed alone.",
        elsewhere=frozenset(
            {"body", "internal_body", "lead", "german", "english", "internal", "position"}
        ),
    ),
}
AS_IT_WAS: Final = Renamed(why="Nothing is.")
