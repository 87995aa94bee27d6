"""What a view is: its tables, and how each event changes its rows."""

from collections.abc import Callable
from typing import Any, Final, Protocol
from uuid import UUID

import msgspec
from sqlalchemy import MetaData, Table

from domain.base import Event
from eventstore.records import Recorded

NAMES: Final = {"pk": "%(table_name)s_pkey"}
"""How constraints are called; a rebuilt table must bear the same names as the one before it."""

metadata = MetaData(schema="rm", naming_convention=NAMES)
"""All tables of all views; `rm` is the schema of the read models."""

Key = UUID | int
Row = dict[str, Any]


class Rows(Protocol):
    """The rows of a view while a batch of events is folded into them.

    Every table has one primary-key column; a row is addressed by its value. Rows live in memory
    until the batch is written in one transaction, together with the checkpoint.
    """

    def insert(self, table: Table, key: Key, /, **values: Any) -> None:
        """Add a row, or replace the one with this key; columns left out are null."""
        ...

    def update(self, table: Table, key: Key, /, **values: Any) -> None:
        """Change some columns of a row; one that does not exist is left alone."""
        ...

    def get(self, table: Table, key: Key) -> Row | None:
        """Return a row as it stands now, or None; it is not to be changed in place."""
        ...

    def delete(self, table: Table, key: Key) -> None:
        """Remove a row."""
        ...


class View(msgspec.Struct, frozen=True):
    """One read model: it is folded, checkpointed and rebuilt as a whole."""

    name: str
    """A plural noun, and the name of the command-line argument: `psa rebuild tickets`."""
    tables: tuple[Table, ...]
    """Keyed by `uuid`, the id of the aggregate, or by `bigint`, which follows from the position of
    the event.

    A mirror (full-text search) follows the rows of the first, by their `position`.
    """
    topics: tuple[str, ...]
    """The aggregates whose events matter, e.g. `("ticket",)`; others only move the checkpoint."""
    apply: Callable[[Event, Recorded, Rows], None]
    """Folds one event into the rows; assigns, and nothing else: no clock, no query, no raise.

    Of a table keyed by `bigint` it sees the rows of the current batch only.
    """
    shape: int = 1
    """Raised with every change of the tables or of `apply`: a view of an older shape is rebuilt."""
    formerly: tuple[str, ...] = ()
    """The tables of older shapes that bore other names; whoever rebuilds the view drops them."""
    alone: bool = False
    """It has a worker of its own: it has so much to do that the others would wait for it.

    All other views are followed as one group, which reads and decodes each event once.
    """
