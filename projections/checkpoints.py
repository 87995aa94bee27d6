"""How far each view has come: moved in the same transaction as its rows, by one owner only."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import psycopg
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

UNFILLED: Final = 0
"""The shape of a mirror that may hold rows of tables which are no more."""
FILLING: Final = -1
"""The shape of a mirror that is filled anew, unless the tables are replaced meanwhile."""

HEAD: Final = "select coalesce(max(position), 0) from es.events"
READ: Final = "select position, shape from rm.checkpoints where view = %s"
READ_ALL: Final = "select view, position, shape from rm.checkpoints where view = any (%s)"
# Nobody waits here: what a rebuild has locked, or another worker, is left out.
MOVE: Final = """
    with ours as (
        select view
          from rm.checkpoints
          join unnest(%s::text[], %s::integer[], %s::bigint[]) as left_at (view, shape, position)
         using (view, shape, position)
           for update of checkpoints skip locked
    )
    update rm.checkpoints
       set position = %s, updated_at = clock_timestamp()
      from ours
     where checkpoints.view = ours.view
 returning checkpoints.view
"""
MOVE_MIRROR: Final = """
    update rm.checkpoints
       set position = %s, updated_at = clock_timestamp()
     where view = %s and shape = %s and position = %s
"""
SET: Final = """
    update rm.checkpoints
       set position = %s, shape = %s, updated_at = clock_timestamp()
     where view = %s
"""
FILLED: Final = f"{SET} and shape = %s"
DISTRUST: Final = """
    update rm.checkpoints set shape = -shape where view = %s and shape = %s and position = %s
"""


# A mirror's checkpoint is a row like any other; no view has a name with a space in it.
BEGIN_MIRROR: Final = """
    insert into rm.checkpoints (view, position, shape) values (%s, 0, %s)
        on conflict (view) do nothing
"""


FORGET_MIRRORS: Final = """
    update rm.checkpoints set position = 0, shape = %s where view like 'mirror of %%'
"""
KNOWN: Final = "select to_regclass('rm.checkpoints') is not null"


class Checkpoint(msgspec.Struct, frozen=True):
    """How far a view has come, and in which shape its tables are."""

    position: int
    shape: int


async def read(connection: AsyncConnection[Any], view: View) -> Checkpoint | None:
    """Return where the view stands, or None when its tables were never made."""
    return await _read(connection, view.name)


async def read_all(
    connection: AsyncConnection[Any], views: Sequence[View]
) -> dict[str, Checkpoint]:
    """Return where each of these views stands, without those whose tables were never made."""
    cursor = await connection.execute(READ_ALL, [[view.name for view in views]])
    return {view: Checkpoint(*standing) for view, *standing in await cursor.fetchall()}


async def head(connection: AsyncConnection[Any]) -> int:
    """Return the last position of the log; read after a checkpoint, it is not before that."""
    cursor = await connection.execute(HEAD)
    (position,) = await cursor.fetchone() or (0,)
    return int(position)


async def move(
    connection: AsyncConnection[Any], standings: Sequence[tuple[View, int]], after: int
) -> set[str]:
    """Move checkpoints of views, each from where we left it, and return the names of those moved.

    Of the others somebody else has moved the checkpoint or is about to. Done first in a
    transaction: the rows stay locked, so that workers and a rebuild take turns.
    """
    names = [view.name for view, _ in standings]
    shapes = [view.shape for view, _ in standings]
    positions = [position for _, position in standings]
    cursor = await connection.execute(MOVE, [names, shapes, positions, after])
    return {name for (name,) in await cursor.fetchall()}


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
    """Say that the tables are new ones, of today's shape, at this position.

    A mirror may hold rows that the new tables do not: it has to be filled anew.
    """
    await connection.execute(SET, [position, view.shape, view.name])
    await connection.execute(SET, [0, UNFILLED, mirror_of(view)])


def mirror_of(view: View) -> str:
    """Return the name under which the checkpoint of the view's mirror is kept."""
    return f"mirror of {view.name}"


async def read_mirror(connection: AsyncConnection[Any], view: View) -> Checkpoint:
    """Return how far the mirror has come; one without a checkpoint may hold anything."""
    await connection.execute(BEGIN_MIRROR, [mirror_of(view), UNFILLED])
    checkpoint = await _read(connection, mirror_of(view))
    assert checkpoint is not None, "it has just been made"
    return checkpoint


async def move_mirror(
    connection: AsyncConnection[Any], view: View, before: int, after: int
) -> bool:
    """Move the mirror's checkpoint, unless it is not where we left it."""
    cursor = await connection.execute(MOVE_MIRROR, [after, mirror_of(view), view.shape, before])
    return cursor.rowcount == 1


def forget_mirrors(connection: psycopg.Connection[Any]) -> None:
    """Say that every mirror may hold what the views do not, as after a restore of the log."""
    if connection.execute(KNOWN).fetchone() == (True,):
        connection.execute(FORGET_MIRRORS, [UNFILLED])


async def begin_filling(connection: AsyncConnection[Any], view: View) -> None:
    """Say that the mirror is not to be relied on until it is filled."""
    await connection.execute(SET, [0, FILLING, mirror_of(view)])


async def end_filling(connection: AsyncConnection[Any], view: View, position: int) -> None:
    """Say that the mirror holds all rows up to this position, unless the tables are new ones."""
    await connection.execute(FILLED, [position, view.shape, mirror_of(view), FILLING])


async def _read(connection: AsyncConnection[Any], name: str) -> Checkpoint | None:
    cursor = connection.cursor(row_factory=args_row(Checkpoint))
    await cursor.execute(READ, [name])
    return await cursor.fetchone()
