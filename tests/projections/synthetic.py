"""Views made for tests and measurements: as many as are wanted, each counting what it takes in."""

from collections.abc import Callable

from sqlalchemy import BigInteger, Column, MetaData, Table, Uuid

from domain.base import Event
from eventstore.records import Recorded
from projections.view import NAMES, Rows, View

Apply = Callable[[Event, Recorded, Rows], None]


def counting(name: str, *topics: str, shape: int = 1, before: Apply | None = None) -> View:
    """Return a view with a row per aggregate: how many of its events were taken in.

    An event that is taken in twice is counted twice. `before` may refuse an event.
    """
    table = Table(
        name,
        MetaData(schema="rm", naming_convention=NAMES),
        Column("id", Uuid, primary_key=True),
        Column("events", BigInteger, nullable=False),
        Column("last", BigInteger, nullable=False),
    )

    def apply(event: Event, recorded: Recorded, rows: Rows) -> None:
        if before is not None:
            before(event, recorded, rows)
        known = rows.get(table, event.originator_id)
        count = known["events"] if known else 0
        rows.insert(table, event.originator_id, events=count + 1, last=recorded.position)

    return View(name=name, tables=(table,), topics=topics, apply=apply, shape=shape)
