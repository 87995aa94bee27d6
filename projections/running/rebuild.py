"""Rebuilding a view from the log, beside the live one, which answers queries all the while.

The new tables grow in a schema of their own. The live ones, their checkpoint and their worker
are left alone until one transaction puts the new tables in their place; so whoever is killed at
any instant has changed nothing.
"""

import asyncio
import time
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection, errors
from psycopg.sql import SQL, Identifier

from eventstore.feed import Opening
from projections import checkpoints
from projections.running.growth import Growth, Progress
from projections.running.session import connect
from projections.running.swap import QueriesInTheWay, swap
from projections.schema import ensure
from projections.view import View

ALONE: Final = "select pg_advisory_lock(hashtextextended('projections.rebuild.' || %s, 0))"
NEAR: Final = 1_000
"""Events that may be left to fold while the live view's worker has to wait."""
ATTEMPTS: Final = 20
PATIENCE: Final = "5s"


class RebuildRunning(Exception):
    """Somebody else is rebuilding this view."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class Report(msgspec.Struct, frozen=True):
    """What a rebuild did; equal hashes prove that the live view had been right."""

    view: str
    events: int
    """Read from the log, whether they mattered or not."""
    rows: dict[str, int]
    """By table."""
    seconds: float
    hash_before: str | None
    """None where the live view was empty or of another shape: there is nothing to compare."""
    hash_after: str
    position: int


async def rebuild(
    view: View,
    conninfo: str,
    progress: Progress | None = None,
    vault: Opening | None = None,
) -> Report:
    """Build the view anew from the log and put it in the place of the live one.

    `vault` opens what is encrypted; `conninfo` belongs to a role that may create schemas and act
    as the owner of `rm`. Raises `RebuildRunning`, `Unapplicable` when an event can not be taken
    in, and `QueriesInTheWay` when queries hold the live tables for minutes. Where the live view
    lags behind the log, the new one is as old: its worker goes on from there.
    """
    began = time.perf_counter()
    await asyncio.to_thread(ensure, conninfo, [view])
    async with await connect(conninfo) as connection:
        await _wait_for_our_turn(connection, view)
        growth = Growth(view, conninfo, connection, progress, vault)
        await growth.begin()
        await growth.fold_upto(await _goal(connection, view))
        await growth.index()
        before, after = await _swap_when_possible(connection, growth)
        return Report(
            view=view.name,
            events=growth.position,
            rows=await _counts(connection, view),
            seconds=time.perf_counter() - began,
            hash_before=before,
            hash_after=after,
            position=growth.position,
        )


async def _wait_for_our_turn(connection: AsyncConnection[Any], view: View) -> None:
    # The server of a killed rebuild may be at work for another moment; it notices within a second.
    await connection.execute("set client_connection_check_interval = '1s'")
    await connection.execute("select set_config('lock_timeout', %s, false)", [PATIENCE])
    try:
        await connection.execute(ALONE, [view.name])
    except errors.LockNotAvailable:
        raise RebuildRunning from None
    await connection.execute("reset lock_timeout")


async def _goal(connection: AsyncConnection[Any], view: View) -> int:
    live = await checkpoints.read(connection, view)
    head = await checkpoints.head(connection)
    if live and live.shape == view.shape and live.position:
        # Not beyond: equal positions are what makes the two comparable. But a log that was
        # restored may end before the view.
        return min(live.position, head)
    return head


async def _swap_when_possible(
    connection: AsyncConnection[Any], growth: Growth
) -> tuple[str | None, str]:
    for attempt in range(1, ATTEMPTS + 1):
        while (goal := await _goal(connection, growth.view)) - growth.position > NEAR:
            await growth.fold_upto(goal)
        position = growth.position
        try:
            return await swap(connection, growth)
        except QueriesInTheWay:
            if attempt == ATTEMPTS:
                raise
            growth.fall_back(position)
    raise AssertionError


async def _counts(connection: AsyncConnection[Any], view: View) -> dict[str, int]:
    counts = {}
    for table in view.tables:
        name = Identifier("rm", table.name)
        cursor = await connection.execute(SQL("select count(*) from {}").format(name))
        (counts[table.name],) = await cursor.fetchone() or (0,)
    return counts
