"""How far each view has come: moved in the same transaction as its rows, by one owner only."""

from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import args_row
from sqlalchemy import BigInteger, Column, DateTime, Integer, Table, Text, func

from projections.view import View, metadata

checkpoints: Final = Table(
    "checkpoints",
    metadata,
    Column("view", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("shape", Integer, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    # Changed with every batch: room on the page keeps the new version beside the old one.
    postgresql_with={"fillfactor": 10},
)

HEAD: Final = "select coalesce(max(position), 0) from es.events"
READ: Final = "select position, shape from rm.checkpoints where view = %s"
MOVE: Final = """
    update rm.checkpoints
       set position = %s, updated_at = clock_timestamp()
     where view = %s and shape = %s and position = %s
"""
SET: Final = """
    update rm.checkpoints
       set position = %s, shape = %s, updated_at = clock_timestamp()
     where view = %s
"""
DISTRUST: Final = """
    update rm.checkpoints set shape = -shape where view = %s and shape = %s and position = %s
"""


class Checkpoint(msgspec.Struct, frozen=True):
    """How far a view has come, and in which shape its tables are."""

    position: int
    shape: int


async def read(connection: AsyncConnection[Any], view: View) -> Checkpoint | None:
    """Return where the view stands, or None when its tables were never made."""
    cursor = connection.cursor(row_factory=args_row(Checkpoint))
    await cursor.execute(READ, [view.name])
    return await cursor.fetchone()


async def head(connection: AsyncConnection[Any]) -> int:
    """Return the last position of the log; read after a checkpoint, it is not before that."""
    cursor = await connection.execute(HEAD)
    (position,) = await cursor.fetchone() or (0,)
    return int(position)


async def move(connection: AsyncConnection[Any], view: View, before: int, after: int) -> bool:
    """Move the checkpoint, unless it is not where we left it: then somebody else owns the view.

    Done first in a transaction: the row stays locked, so that workers and a rebuild take turns.
    """
    cursor = await connection.execute(MOVE, [after, view.name, view.shape, before])
    return cursor.rowcount == 1


async def distrust(connection: AsyncConnection[Any], view: View, position: int) -> None:
    """Say that the tables hold what the log does not, if they still stand at this position.

    The shape becomes one that no program has: a log that grows past the checkpoint does not make
    it right, only a rebuild does.
    """
    await connection.execute(DISTRUST, [view.name, view.shape, position])


async def lock(connection: AsyncConnection[Any], view: View) -> Checkpoint:
    """Return where the view stands, and let nobody move it while the transaction lasts."""
    cursor = connection.cursor(row_factory=args_row(Checkpoint))
    await cursor.execute(f"{READ} for update", [view.name])
    checkpoint = await cursor.fetchone()
    assert checkpoint is not None, "the schema is ensured first"
    return checkpoint


async def replace(connection: AsyncConnection[Any], view: View, position: int) -> None:
    """Say that the tables are new ones, of today's shape, at this position."""
    await connection.execute(SET, [position, view.shape, view.name])
